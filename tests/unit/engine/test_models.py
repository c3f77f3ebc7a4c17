"""Models are named, found and checked before anybody opens them."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from semfs.engine import models, stamps
from semfs.engine.models import ModelFile, ModelSpec, Purpose
from semfs.errors import ModelDamaged, ModelMissing, ModelUnknown

CONTENT = b"GGUF" + bytes(range(256)) * 64
HASH = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give each test an empty models folder and a catalogue of two small models."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    tiny = ModelSpec(
        "tiny",
        Purpose.LANGUAGE,
        "a model",
        "MIT",
        "o/r",
        (ModelFile("tiny.gguf", len(CONTENT), HASH, "t.gguf"),),
    )
    meaning = ModelSpec(
        "meaning",
        Purpose.EMBEDDING,
        "vectors",
        "MIT",
        "o/m",
        (ModelFile("weights", len(CONTENT), HASH, "weights"),),
    )
    monkeypatch.setattr(models, "CATALOGUE", (tiny, meaning))
    home = tmp_path / "semfs" / "models"
    (home / "meaning").mkdir(parents=True)
    return home


def test_a_whole_model_is_found_by_its_name(folder: Path) -> None:
    (folder / "tiny.gguf").write_bytes(CONTENT)
    assert models.path_of("tiny") == folder / "tiny.gguf"


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(ModelUnknown, match="known are tiny, meaning"):
        models.path_of("huge")


def test_a_model_that_is_not_here_says_how_to_get_it() -> None:
    with pytest.raises(ModelMissing, match="semfs model pull tiny"):
        models.path_of("tiny")


def test_a_changed_byte_is_noticed(folder: Path) -> None:
    (folder / "tiny.gguf").write_bytes(CONTENT[:-1] + b"x")
    with pytest.raises(ModelDamaged, match="semfs model pull tiny"):
        models.path_of("tiny")


def test_a_file_that_shrinks_after_it_was_checked_is_noticed(folder: Path) -> None:
    (folder / "tiny.gguf").write_bytes(CONTENT)
    models.path_of("tiny")
    (folder / "tiny.gguf").write_bytes(CONTENT[:100])
    with pytest.raises(ModelDamaged):
        models.path_of("tiny")


def test_a_file_that_changes_after_it_was_checked_is_noticed(folder: Path) -> None:
    path = folder / "tiny.gguf"
    path.write_bytes(CONTENT)
    models.path_of("tiny")
    path.write_bytes(CONTENT[:-1] + b"x")
    os.utime(path, ns=(0, path.stat().st_mtime_ns + 1))
    with pytest.raises(ModelDamaged):
        models.path_of("tiny")


def test_a_checked_file_is_not_read_again(folder: Path) -> None:
    """The same size and time are trusted: what stands in the file is not looked at."""
    path = folder / "tiny.gguf"
    path.write_bytes(CONTENT)
    models.path_of("tiny")
    seen = path.stat()
    path.write_bytes(bytes(len(CONTENT)))
    os.utime(path, ns=(seen.st_atime_ns, seen.st_mtime_ns))
    assert models.path_of("tiny") == path
    with pytest.raises(ModelDamaged):
        models.verify("tiny", again=True)


def test_an_embedder_without_its_export_is_missing(folder: Path) -> None:
    (folder / "meaning" / "weights").write_bytes(CONTENT)
    with pytest.raises(ModelMissing, match="not exported"):
        models.path_of("meaning")


def test_an_export_that_was_tampered_with_is_damaged(folder: Path) -> None:
    (folder / "meaning" / "weights").write_bytes(CONTENT)
    (folder / "meaning" / "model.json").write_text("{}")
    onnx = folder / "meaning" / "model.onnx"
    onnx.write_bytes(b"graph")
    stamps.write(onnx, stamps.sha256_of(onnx))
    assert models.path_of("meaning") == folder / "meaning"
    onnx.write_bytes(b"grave!")
    with pytest.raises(ModelDamaged, match="changed since it was made"):
        models.path_of("meaning")


def test_any_gguf_file_can_be_named_by_its_path(tmp_path: Path) -> None:
    own = tmp_path / "own.gguf"
    own.write_bytes(CONTENT)
    assert models.path_of(str(own)) == own


def test_a_file_that_is_no_gguf_is_refused(tmp_path: Path) -> None:
    own = tmp_path / "own.gguf"
    own.write_bytes(b"<html>not found</html>")
    with pytest.raises(ModelDamaged, match="not a GGUF file"):
        models.path_of(str(own))


def test_a_path_that_leads_nowhere_is_missing(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="there is no model at"):
        models.path_of(str(tmp_path / "gone.gguf"))


def test_a_folder_of_ones_own_must_be_exported_first(tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    with pytest.raises(ModelUnknown, match="no sentence-transformers model"):
        models.path_of(str(own))
    (own / "tokenizer.json").write_text("{}")
    with pytest.raises(ModelMissing, match="semfs model pull"):
        models.path_of(str(own))


def test_a_hub_name_that_was_not_pulled_says_how_to_get_it() -> None:
    with pytest.raises(ModelMissing, match="semfs model pull intfloat/multilingual-e5-small"):
        models.path_of("intfloat/multilingual-e5-small")


def test_rows_tell_how_far_each_model_has_come(folder: Path) -> None:
    def states() -> list[str]:
        return [row.state for row in models.rows()]

    assert states() == ["not pulled", "not pulled"]
    (folder / "tiny.gguf.part").write_bytes(CONTENT[:9])
    (folder / "meaning" / "weights").write_bytes(CONTENT)
    assert states() == ["partly pulled", "not exported"]
    (folder / "tiny.gguf").write_bytes(CONTENT)
    (folder / "meaning" / "weights").write_bytes(CONTENT[:9])
    assert states() == ["ready", "damaged"]
