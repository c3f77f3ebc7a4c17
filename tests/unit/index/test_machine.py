"""What others use is told apart from what ingest uses, and a laptop's battery from a mouse's."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from semfs.index.machine import Sampler, on_battery
from semfs.index.neighbour import Machine

TICK = os.sysconf("SC_CLK_TCK")


def kernel(proc: Path, *, user: float, nice: float, system: float, ours: float) -> None:
    """Write what the kernel would say, in seconds."""
    values = (int(seconds * TICK) for seconds in (user, nice, system, 0, 0, 0, 0))
    (proc / "stat").write_text(f"cpu {' '.join(map(str, values))}\ncpu0 1 2 3\n")
    folder = proc / str(os.getpid())
    folder.mkdir(exist_ok=True)
    before = " ".join(["0"] * 12)
    (folder / "stat").write_text(f"1 (a) b) {before} {int(ours * TICK)} 0 0 0\n")


def test_the_share_of_others_is_without_ours_and_without_what_is_nice(tmp_path: Path) -> None:
    sampler, cores = Sampler(tmp_path, tmp_path / "none"), os.cpu_count() or 1
    kernel(tmp_path, user=100, nice=0, system=50, ours=10)
    assert sampler.sample(1000.0, []) == Machine()
    kernel(tmp_path, user=100 + 4 * cores, nice=0, system=50 + 3 * cores, ours=10 + 2 * cores)
    assert sampler.sample(1010.0, []).others == pytest.approx(0.5)
    kernel(tmp_path, user=100 + 8 * cores, nice=5 * cores, system=50 + 3 * cores, ours=10 + 2 * cores)
    assert sampler.sample(1020.0, []).others == pytest.approx(0.8)


def supply(folder: Path, name: str, **facts: str) -> None:
    (folder / name).mkdir(parents=True)
    for fact, text in facts.items():
        (folder / name / fact).write_text(f"{text}\n")


def test_a_battery_that_is_used_up_without_mains_counts(tmp_path: Path) -> None:
    assert not on_battery(tmp_path)
    supply(tmp_path, "BAT0", type="Battery", status="Discharging")
    assert on_battery(tmp_path)
    supply(tmp_path, "AC", type="Mains", online="1")
    assert not on_battery(tmp_path)


def test_the_battery_of_a_mouse_does_not(tmp_path: Path) -> None:
    supply(tmp_path, "hidpp_battery_0", type="Battery", scope="Device", status="Discharging")
    assert not on_battery(tmp_path)


def test_this_machine_can_be_asked() -> None:
    sampler = Sampler()
    sampler.sample(1.0, [os.getpid()])
    assert 0 <= sampler.sample(2.0, [os.getpid()]).others <= 1
