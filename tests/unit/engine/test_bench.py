"""Which settings are chosen from what was measured; and that measuring outlives a crash."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.gguf_files import write_tiny
from semfs.engine import bench, laboratory, models, tuning
from semfs.engine.bench import cost, defaults, search
from semfs.engine.laboratory import Laboratory, Length
from semfs.engine.trial import Figures, Pace
from semfs.engine.tuning import Tuned
from semfs.errors import ModelError

BASE = defaults(4)
FIGURES = Figures(Pace(0.01, 0.02), Pace(0.1, 0.2), Pace(0.05, 0.1))
SAME = {
    name: {"clock": it.clock, "cpu": it.cpu}
    for name, it in zip(
        ("read", "alone", "beside"), (FIGURES.read, FIGURES.alone, FIGURES.beside), strict=True
    )
}


def scaled(factor: float) -> Figures:
    return Figures(
        *(Pace(it.clock * factor, it.cpu * factor) for it in (FIGURES.read, FIGURES.alone, FIGURES.beside))
    )


def machine(factor: Callable[[Tuned], float]) -> Callable[[Sequence[Tuned]], Mapping[Tuned, Figures]]:
    """Return a machine on which each setting takes so much; 0 crashes."""
    return lambda variants: {tuned: scaled(factor(tuned)) for tuned in variants if factor(tuned)}


def test_where_nothing_is_faster_everything_stays_but_for_what_costs_nothing() -> None:
    best = search(machine(lambda tuned: 1.0), BASE, ["0a"], busy=False)
    assert best == replace(BASE, threads=1, batch_threads=1, step_tokens=64)


def test_the_fastest_of_each_is_kept_for_what_follows() -> None:
    def factor(tuned: Tuned) -> float:
        value = 0.5 if tuned.build == "0a" else 1.0
        value *= 1.0 + abs(tuned.threads - 3)
        return value * (0.5 if tuned.kv == "q8_0" else 1.0)

    best = search(machine(factor), BASE, ["0a", "0b"], busy=False)
    assert (best.build, best.threads, best.batch_threads, best.kv) == ("0a", 3, 3, "q8_0")


def test_a_gain_that_may_be_noise_changes_nothing() -> None:
    assert search(machine(lambda tuned: 0.97 if tuned.build else 1.0), BASE, ["0a"], busy=False).build == ""
    assert search(machine(lambda tuned: 0.9 if tuned.kv != "f16" else 1.0), BASE, [], busy=True).kv == "f16"


@pytest.mark.parametrize("repack", [False, True])
def test_the_order_of_the_weights_is_left_to_the_engine_unless_another_is_faster(repack: bool) -> None:
    faster = search(machine(lambda tuned: 0.9 if tuned.repack is repack else 1.0), BASE, [], busy=False)
    assert faster.repack is repack
    assert search(machine(lambda _: 1.0), BASE, [], busy=False).repack is None


def test_a_busy_machine_says_nothing_about_threads() -> None:
    best = search(machine(lambda tuned: 1.0 / tuned.threads), BASE, [], busy=True)
    assert (best.threads, best.batch_threads) == (4, 4)


def test_a_build_that_crashes_is_not_chosen() -> None:
    assert search(machine(lambda tuned: 1.0 if tuned.build else 0), BASE, ["0a"], busy=False).build == "0a"
    with pytest.raises(ModelError, match="no build"):
        search(machine(lambda _: 0), BASE, ["0a"], busy=False)


@given(
    st.dictionaries(
        st.tuples(st.sampled_from(["", "0a"]), st.sampled_from(["f16", "q8_0"])), st.floats(0.1, 9.0)
    )
)
def test_what_is_chosen_is_never_slower_than_the_defaults(factors: dict[tuple[str, str], float]) -> None:
    measure = machine(lambda tuned: factors.get((tuned.build, tuned.kv), 1.0))
    best = search(measure, BASE, ["0a"], busy=False)
    figures = measure([best, BASE])
    assert cost(figures[best], busy=False) <= cost(figures[BASE], busy=False)


CHILD = f"""
import json, os, sys
for line in sys.stdin:
    tuned = json.loads(line)["tuned"]
    if tuned["kv"] == "q8_0":
        os.kill(os.getpid(), 11)
    if tuned["flash_attention"] is False:
        print(json.dumps({{"error": "no memory"}}), flush=True)
    else:
        print(json.dumps({SAME!r}), flush=True)
"""


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    models.models_dir().mkdir(parents=True)
    return write_tiny(tmp_path / "own.gguf")


def child(model: Path, build: str) -> list[str]:
    return [sys.executable, "-c", CHILD]


def test_a_setting_that_kills_the_child_is_told_and_left_out(model: Path) -> None:
    said: list[str] = []
    lab = Laboratory(model, BASE, child, Length(8, 2, 2), busy=False, progress=said.append)
    variants = [replace(BASE, kv="q8_0"), BASE, replace(BASE, flash_attention=False)]
    assert lab.measure(variants) == {BASE: FIGURES}
    assert lab.told == [
        "Q4_K_M, keys and values in q8_0: the process that measures was killed by SIGSEGV",
        "Q4_K_M: 100 tokens/s read, 10.0 written alone, 20.0 by 8 together",
        "Q4_K_M, flash attention off: no memory",
    ]
    assert said[0] == "Q4_K_M, keys and values in q8_0"


def test_a_child_that_hangs_is_given_up(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(laboratory, "TRIAL_SECONDS", 0.2)
    hanging = [sys.executable, "-c", "import time; time.sleep(60)"]
    lab = Laboratory(model, BASE, lambda *_: hanging, Length(8, 2, 1), busy=False, progress=lambda _: None)
    assert lab.measure([BASE]) == {}
    assert "gave no answer" in lab.told[0]


def test_what_was_found_is_kept_for_the_engine(model: Path) -> None:
    entry = bench.bench(str(model), child=child, quick=True, progress=lambda _: None)
    assert tuning.entry_for(model) == entry
    assert entry.told[0].startswith("best: installed build, ")
    assert tuning.tuned_for(model).kv == "f16"
