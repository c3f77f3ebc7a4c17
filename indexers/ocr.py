"""Recognise the text in a picture (OCR); the one file that touches rapidocr.

For reading processes: it takes half a second to load and half a gigabyte of memory.  The models (PP-OCRv6,
small: Chinese, Japanese, English and the other languages in Latin letters) are inside of the
package; by giving their paths nothing is ever fetched.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from semfs.indexers.layout import Line, legible, text_of, weight

Pixels = NDArray[np.uint8]  # height, width, colour (blue first)

# Text is looked for in a picture of this size, 8 points on a page are found then; it is recognised in the
# full one.  On one page of 57 lines: 1280 took 3.5 s and 556 MB, 2000 (the default) 5.6 s and 984 MB.
DETECT_SIDE = 1280
LONGEST_SIDE = 20_000  # nothing is made smaller before that; `pictures` sees to the memory
STRIP = 2  # times its width: what is longer, such as a picture of a whole web page, is cut
SEARCHED = 0.25  # of a piece's length in which the calmest row is looked for, so that no line is cut
UPRIGHT = 0.9  # mean score below which another way up is tried
BETTER = 1.1  # another way up must give so much more text


def recognise(picture: Image.Image) -> str:
    """Return the text of an RGB picture, "" if there is none that is sure."""
    pieces = (legible(_upright(piece)) for piece in strips(picture))
    text = "\n\n".join(filter(None, map(text_of, pieces)))
    return text if sum(map(str.isalnum, text)) > 1 else ""  # one sign is a logo, and finds nothing


def _upright(picture: Image.Image) -> list[Line]:
    """Return the lines of a picture that may lie on its side or stand on its head."""
    best = _lines(picture)
    for turn in turns(best):
        lines = _lines(picture.transpose(turn))
        if weight(lines) > weight(best) * (BETTER if turn is Image.Transpose.ROTATE_180 else 1 / BETTER):
            best = lines
    return best


def turns(lines: list[Line]) -> list[Image.Transpose]:
    """Return the other ways up to try: none if it reads well; lines that are tall lie on their side."""
    if not lines:
        return []
    if sum(line.height > 1.5 * line.width for line in lines) * 2 > len(lines):
        return [Image.Transpose.ROTATE_90, Image.Transpose.ROTATE_270]
    characters = sum(len(line.text) for line in lines)
    score = sum(line.score * len(line.text) for line in lines) / max(characters, 1)
    return [Image.Transpose.ROTATE_180] if score < UPRIGHT else []


def strips(picture: Image.Image) -> Iterator[Image.Image]:
    """Cut a picture that is very high between two lines of it."""
    width, height = picture.size
    length = max(STRIP * width, DETECT_SIDE)
    top = 0
    while height - top > length * (1 + SEARCHED):
        window = picture.crop((0, top + round(length * (1 - SEARCHED)), width, top + length)).convert("L")
        calm = np.asarray(window, np.float32).std(axis=1)
        bottom = top + length - len(calm) + int(calm.argmin())
        yield picture.crop((0, top, width, bottom))
        top = bottom
    yield picture.crop((0, top, width, height)) if top else picture


def _lines(picture: Image.Image) -> list[Line]:
    result = _engine()(np.ascontiguousarray(np.asarray(picture)[:, :, ::-1]))
    if result.boxes is None or result.txts is None:
        return []
    return [
        Line(text, float(score), *map(float, (*box.min(axis=0), *box.max(axis=0))))
        for text, score, box in zip(result.txts, result.scores, result.boxes, strict=True)
    ]


@cache
def _engine() -> Any:
    import rapidocr

    models = Path(rapidocr.__file__).parent / "models"
    return rapidocr.RapidOCR(
        params={
            "Det.model_path": str(next(models.glob("*_det_*.onnx"))),
            "Rec.model_path": str(next(models.glob("*_rec_*.onnx"))),
            # It turns single lines of an upright page on their heads; `_upright` looks at the page.
            "Global.use_cls": False,
            "Global.log_level": "critical",
            "Global.text_score": 0.0,
            "Global.max_side_len": LONGEST_SIDE,
            "Det.limit_type": "max",
            "Det.limit_side_len": DETECT_SIDE,
            "Rec.rec_batch_num": 1,  # lines of one length; together they are padded and take twice the memory
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
    )
