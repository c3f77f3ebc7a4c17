"""An export of an older version is told from one that would be made now."""

from __future__ import annotations

import json
from pathlib import Path

from semfs.engine import export, models


def exported(folder: Path, manifest: dict[str, object]) -> Path:
    (folder / models.MANIFEST).write_text(json.dumps(manifest), "utf-8")
    return folder


def test_an_export_names_its_version(tmp_path: Path) -> None:
    assert export.is_current(exported(tmp_path, {"version": export.VERSION, "max_tokens": 8}))


def test_the_first_exports_had_none(tmp_path: Path) -> None:
    assert not export.is_current(exported(tmp_path, {"max_tokens": 8}))


def test_a_model_is_tried_on_more_than_a_few_texts() -> None:
    texts = export.samples()
    assert len(set(texts)) == len(texts)
    assert len(texts) > 40
