"""What the bench found is kept for this machine and this file, and nothing wrong in it is used."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from semfs.engine import tuning
from semfs.engine.tuning import Entry, Tuned, entry_for, keep, tuned_for, words

BEST = Tuned(
    build="0a1b", threads=3, batch_threads=4, step_tokens=64, flash_attention=False, kv="q8_0", repack=False
)


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    (tmp_path / "semfs/wheels/0a1b/tried/llama_cpp").mkdir(parents=True)
    (tmp_path / "semfs/wheels/0a1b/what").write_text("clang 19\n")
    path = tmp_path / "own.gguf"
    path.write_bytes(b"GGUF")
    return path


def test_what_was_kept_is_used(model: Path) -> None:
    assert tuned_for(model) == Tuned()
    keep(model, Entry(BEST, ("a line",), "2024-01-01 12:00"))
    assert tuned_for(model) == BEST
    assert entry_for(model) == Entry(BEST, ("a line",), "2024-01-01 12:00")


def test_another_file_has_its_own(model: Path) -> None:
    keep(model, Entry(BEST))
    model.write_bytes(b"GGUF and more")
    assert tuned_for(model) == Tuned()
    keep(model, Entry(Tuned(threads=1)))
    model.write_bytes(b"GGUF")
    assert tuned_for(model) == BEST


def test_another_machine_has_its_own(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(model, Entry(BEST))
    monkeypatch.setattr(tuning, "machine", lambda: "another, 64 cores")
    assert tuned_for(model) == Tuned()


def test_a_build_that_is_gone_is_left_out(model: Path) -> None:
    keep(model, Entry(BEST))
    assert tuning.builds() == ["0a1b"]
    (model.parent / "semfs/wheels/0a1b/tried").rename(model.parent / "elsewhere")
    assert tuning.builds() == []
    assert tuned_for(model) == replace(BEST, build="")


@pytest.mark.parametrize(
    "wrong",
    [
        Tuned(threads=-1),
        Tuned(step_tokens=1 << 40),
        Tuned(batch_threads="many"),  # type: ignore[arg-type]
        Tuned(kv="f64"),
        Tuned(flash_attention="yes"),  # type: ignore[arg-type]
        Tuned(repack="no"),  # type: ignore[arg-type]
    ],
)
def test_settings_that_cannot_be_are_passed_over(model: Path, wrong: Tuned) -> None:
    keep(model, Entry(wrong))
    assert tuned_for(model) == Tuned()


@pytest.mark.parametrize("content", [b"", b"[]", b"\xff", b'{"a": 1}'])
def test_a_damaged_file_is_passed_over_and_written_anew(model: Path, content: bytes) -> None:
    (model.parent / "semfs/tuning.json").write_bytes(content)
    assert tuned_for(model) == Tuned()
    keep(model, Entry(BEST))
    assert tuned_for(model) == BEST


def test_a_build_outside_of_its_folder_is_none(model: Path) -> None:
    assert tuning.build_folder("../wheels/0a1b") is None
    assert tuning.build_folder("") is None


def test_settings_are_told_in_words(model: Path) -> None:
    assert words(BEST) == [
        "clang 19 build",
        "3 threads that write",
        "4 that read",
        "steps of 64 tokens",
        "flash attention off",
        "keys and values in q8_0",
        "weights as in the file",
    ]
    assert words(BEST, since=replace(BEST, flash_attention=None)) == ["flash attention off"]
