"""Pictures as recognition wants them, whoever made them and however."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from semfs.errors import ExtractError
from semfs.indexers import pictures
from semfs.indexers.pictures import open_picture, prepared
from semfs.indexers.registry import default_registry

SIZE = (60, 40)


def opened(path: Path, page: int = 1) -> tuple[Image.Image | None, int]:
    with path.open("rb") as file:
        return open_picture(str(path), file, page)


def picture(path: Path, page: int = 1) -> Image.Image:
    image, _ = opened(path, page)
    assert image is not None
    return image


@pytest.mark.parametrize(
    "name", ["a.png", "a.jpg", "a.gif", "a.bmp", "a.tif", "a.webp", "a.jp2", "a.ppm", "a.avif"]
)
def test_a_picture_of_any_format_is_given_in_colour(tmp_path: Path, name: str) -> None:
    Image.new("RGB", SIZE, "white").save(tmp_path / name)

    image = picture(tmp_path / name)

    assert (image.mode, image.size, image.getpixel((30, 20))) == ("RGB", SIZE, (255, 255, 255))


@pytest.mark.parametrize(
    "mode", ["1", "L", "P", "LA", "RGBA", "CMYK", "I;16", "I", "F", "YCbCr", "LAB", "HSV"]
)
def test_a_picture_of_any_depth_is_given_in_colour(mode: str) -> None:
    image = prepared("a", Image.new(mode, SIZE))

    assert image is not None
    assert (image.mode, image.size) == ("RGB", SIZE)


def test_sixteen_bits_keep_what_is_bright(tmp_path: Path) -> None:
    values = np.full(SIZE[::-1], 60000, np.uint16)
    values[10:20] = 30000
    Image.fromarray(values).save(tmp_path / "a.png")

    image = picture(tmp_path / "a.png")

    assert (image.getpixel((5, 5)), image.getpixel((5, 15))) == ((255, 255, 255), (0, 0, 0))


@pytest.mark.parametrize(("ink", "ground"), [("black", (255, 255, 255)), ("white", (0, 0, 0))])
def test_writing_on_nothing_is_given_a_ground_to_stand_out_from(ink: str, ground: tuple[int, ...]) -> None:
    writing = Image.new("RGBA", SIZE, (0, 0, 0, 0))
    writing.paste(ink, (10, 10, 30, 30))

    image = prepared("a", writing)

    assert image is not None
    assert image.getpixel((50, 5)) == ground


def test_a_photo_stands_upright(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[pictures.ORIENTATION] = 6  # the camera was held on its side
    Image.new("RGB", SIZE).save(tmp_path / "a.jpg", exif=exif)

    assert picture(tmp_path / "a.jpg").size == SIZE[::-1]


def test_only_a_tiff_has_pages(tmp_path: Path) -> None:
    frames = [Image.new("RGB", SIZE, colour) for colour in ("red", "green", "blue")]
    for name in ("a.tif", "a.gif"):
        frames[0].save(tmp_path / name, save_all=True, append_images=frames[1:])

    assert (opened(tmp_path / "a.tif")[1], opened(tmp_path / "a.gif")[1]) == (3, 1)
    assert picture(tmp_path / "a.tif", 3).getpixel((0, 0)) == (0, 0, 255)


def test_a_large_picture_is_made_smaller() -> None:
    image = prepared("a", Image.new("L", (9000, 9000)))

    assert image is not None
    assert image.width * image.height <= pictures.MOST_PIXELS


def test_an_icon_has_no_text(tmp_path: Path) -> None:
    Image.new("RGB", (16, 16)).save(tmp_path / "a.png")

    assert opened(tmp_path / "a.png") == (None, 1)


def png(width: int, height: int) -> bytes:
    """Return a PNG that says it is large and holds nothing."""
    chunks = [(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)), (b"IDAT", zlib.compress(b""))]
    body = b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + body


@pytest.mark.parametrize("size", [(10_000, 10_000), (60_000, 60_000)])
def test_a_bomb_is_refused(tmp_path: Path, size: tuple[int, int]) -> None:
    (tmp_path / "a.png").write_bytes(png(*size))

    with pytest.raises(ExtractError) as raised:
        default_registry().recognise(str(tmp_path / "a.png"), (1,))

    assert raised.value.reason.startswith("refused: ")


def test_a_picture_that_was_cut_off_is_damaged(tmp_path: Path) -> None:
    whole = tmp_path / "whole.png"
    Image.effect_noise((200, 200), 60).save(whole)
    (tmp_path / "a.png").write_bytes(whole.read_bytes()[:9000])

    with pytest.raises(ExtractError) as raised:
        default_registry().recognise(str(tmp_path / "a.png"), (1,))

    assert raised.value.reason == "damaged: cannot be read as a picture"
