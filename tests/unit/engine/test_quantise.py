"""Quantising: what is planned, checked and registered; the child is a script that copies."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from fakes.gguf_files import write_tiny
from semfs.engine import local, models, quantise
from semfs.engine.quantise import type_named
from semfs.errors import ModelDamaged, ModelError, ModelMissing, ModelUnknown, UsageError

COPY = "import shutil, sys; shutil.copyfile(sys.argv[1], sys.argv[2])"
said: list[str] = []


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "cache/semfs/models").mkdir(parents=True)
    said.clear()
    return write_tiny(tmp_path / "own-F16.gguf", file_type=1, general__name="Own")


def make(source: Path | str, type: str = "q8_0", *, name: str = "", code: str = COPY) -> local.LocalModel:
    def child(path: Path, target: Path, number: int) -> list[str]:
        return [sys.executable, "-c", code, str(path), str(target), str(number)]

    return quantise.quantise(str(source), type, name=name, child=child, progress=said.append)


def left() -> list[str]:
    return sorted(path.name for path in models.models_dir().iterdir() if path.name != ".lock")


def test_what_was_made_is_used_by_its_name(source: Path) -> None:
    made = make(source)
    assert (made.name, made.type, made.what) == ("own-q8_0", "Q8_0", "Own, Q8_0, made here")
    assert models.path_of("own-q8_0") == models.models_dir() / "own-q8_0.gguf"
    assert [(row.name, row.state) for row in models.rows()][-1] == ("own-q8_0", "ready")
    assert said[0] == "own-q8_0: 0 MB written"


def test_it_can_be_made_again_and_from_what_was_made(source: Path) -> None:
    make(source)
    make(source)
    assert make("own-q8_0", "Q4_0", name="tiny").made_from == "own-q8_0"
    assert [model.name for model in local.every()] == ["own-q8_0", "tiny"]


def test_one_that_was_changed_afterwards_is_not_used(source: Path) -> None:
    path = make(source).path()
    path.write_bytes(path.read_bytes() + b"more")
    with pytest.raises(ModelDamaged, match="has changed"):
        models.path_of("own-q8_0")
    assert [row.state for row in models.rows()][-1] == "damaged"
    path.unlink()
    with pytest.raises(ModelMissing, match="make it again"):
        models.path_of("own-q8_0")


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("import sys; sys.exit('semfs: no such tensor')", "failed with status 1: no such tensor"),
        ("import os; os.kill(os.getpid(), 6)", "was killed by SIGABRT"),
    ],
)
def test_a_child_that_fails_is_told_and_leaves_nothing(source: Path, code: str, why: str) -> None:
    with pytest.raises(ModelError, match=why):
        make(source, code=code)
    assert left() == []


def test_what_is_not_the_same_model_afterwards_is_thrown_away(source: Path) -> None:
    other = write_tiny(source.with_name("other.gguf"), architecture="llama")
    with pytest.raises(ModelError, match="not the model that was read"):
        make(source, code=f"import shutil, sys; shutil.copyfile({str(other)!r}, sys.argv[2])")
    assert left() == []


def test_a_full_disk_is_told_before_anything_is_written(
    source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quantise, "SPARE_BYTES", 1 << 60)
    with pytest.raises(ModelMissing, match="make room"):
        make(source)


def test_names_and_types_that_cannot_be_are_refused(source: Path) -> None:
    with pytest.raises(UsageError, match="known are F16"):
        make(source, "q9")
    with pytest.raises(UsageError, match="of the catalogue"):
        make(source, name="qwen2.5-coder-1.5b")
    for name in ("../x", "a b", "x.gguf", "-x"):
        with pytest.raises(UsageError, match="cannot be a model's name"):
            make(source, name=name)


def test_an_adapter_is_no_model(source: Path) -> None:
    adapter = write_tiny(source.with_name("a.gguf"), general__type="adapter")
    with pytest.raises(ModelUnknown, match="'adapter' and not a model"):
        make(adapter)


def test_a_type_is_named_in_any_case() -> None:
    assert type_named("q4_k_m") == type_named("Q4_K_M")
