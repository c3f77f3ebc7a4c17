"""Open a picture, whoever made it, for recognition: upright, in colour, of a size that memory can hold."""

from __future__ import annotations

import math
import warnings
from typing import BinaryIO

import numpy as np
from PIL import Image

from semfs.errors import ExtractError

# What is opened; Pillow would start Ghostscript for EPS.
FORMATS = ("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP", "JPEG2000", "PPM", "AVIF", "HEIF")
# Bytes: 66 megapixels in colour, 200 in grey; a JPEG is made smaller while it is decoded.
MOST_DECODED = 200_000_000
MOST_PIXELS = 16_000_000  # given to recognition: A4 at 400 dpi, in which 5 points can be read
LEAST_SIDE, LEAST_OTHER = 10, 20  # pixels; nothing can be read in an icon that is smaller
DEEP = frozenset({"I", "I;16", "I;16L", "I;16B", "I;16N", "F"})
# Bytes a pixel where it is not 4: of what is made of it at least.
DEPTH = {"1": 1, "L": 1, "P": 3, "I;16": 2, "I;16B": 2, "LA": 2, "RGB": 3}
ORIENTATION = 0x112
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def open_picture(path: str, file: BinaryIO, number: int = 1) -> tuple[Image.Image | None, int]:
    """Return a page of a picture as RGB, None if it is too small for text, and how many pages it has.

    Only a TIFF has pages: of what moves, the first frame counts.  Raises ExtractError where it would
    take too much memory, and what Pillow raises where it is damaged.
    """
    _know_heif()
    try:
        with warnings.catch_warnings(action="ignore", category=Image.DecompressionBombWarning):
            picture = Image.open(file, formats=FORMATS)  # from twice its own limit on it refuses them
    except Image.DecompressionBombError as error:
        raise ExtractError(path, "refused: its pictures are too large") from error
    pages = getattr(picture, "n_frames", 1) if picture.format == "TIFF" else 1
    if number > 1:
        picture.seek(number - 1)
    return prepared(path, picture), pages


def prepared(path: str, picture: Image.Image) -> Image.Image | None:
    """Return an open picture as recognition wants it."""
    if min(picture.size) < LEAST_SIDE or max(picture.size) < LEAST_OTHER:
        return None
    side = math.isqrt(MOST_PIXELS)
    if picture.format in {"JPEG", "MPO"}:
        picture.draft(None, (side, side))
    width, height = picture.size
    if width * height * DEPTH.get(picture.mode, 4) > MOST_DECODED:
        raise ExtractError(path, f"refused: a picture of {width * height // 1_000_000} megapixels")
    turn = TURNS.get(_orientation(picture))
    coloured = _coloured(_shrunk(picture))
    return coloured.transpose(turn) if turn is not None else coloured


def _orientation(picture: Image.Image) -> int:
    try:
        return int(picture.getexif().get(ORIENTATION, 1))
    except Exception:  # anything may stand there; the picture is as good as without
        return 1


def _shrunk(picture: Image.Image) -> Image.Image:
    if picture.mode == "1":
        picture = picture.convert("L")
    scale = math.sqrt(MOST_PIXELS / (picture.width * picture.height))
    if scale >= 1 or picture.mode in DEEP or picture.mode == "P":
        return picture
    return picture.resize(
        (max(1, round(picture.width * scale)), max(1, round(picture.height * scale))),
        Image.Resampling.BOX,
        reducing_gap=2.0,
    )


def _coloured(picture: Image.Image) -> Image.Image:
    if picture.mode in DEEP:
        picture = _stretched(picture)
    if "A" in picture.getbands() or "transparency" in picture.info:
        picture = _on_ground(picture.convert("RGBA"))
    return _shrunk(picture.convert("RGB"))


def _stretched(picture: Image.Image) -> Image.Image:
    """Bring more than 8 bits a pixel to 8: Pillow would cut off what is bright."""
    values = np.nan_to_num(np.asarray(picture, np.float32))
    low, high = float(values.min()), float(values.max())
    return Image.fromarray(((values - low) * (255 / max(high - low, 1e-9))).astype(np.uint8))


def _on_ground(picture: Image.Image) -> Image.Image:
    """Lay what is transparent on white, or on black where what can be seen is bright."""
    pixels = np.asarray(picture.resize((64, 64)), np.float32)
    seen = pixels[:, :, 3:] / 255
    bright = float((pixels[:, :, :3] * seen).sum() / max(float(seen.sum()) * 3, 1e-9)) > 170
    ground = Image.new("RGBA", picture.size, "black" if bright else "white")
    return Image.alpha_composite(ground, picture)


def _know_heif() -> None:
    import pi_heif

    pi_heif.register_heif_opener()
