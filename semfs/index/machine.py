"""What the kernel says about the rest of the machine: who uses the processors, and what feeds them.

A `Sampler` belongs to the ingest process's thread.  It counts what ingest and its children use out;
what runs at a lower priority than usual, as they do, is nobody's need and counts for no one.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from semfs.index.neighbour import Machine

PROC = Path("/proc")
SUPPLIES = Path("/sys/class/power_supply")
# In /proc/stat, proc_stat(5): user, nice, system, idle, iowait, irq, softirq; "nice" is left out.
USED = (0, 2, 5, 6)
NICE = 1
LEFT = 0.5  # of all processors, at least: somebody who needs little is not crowded by what is nice
# In /proc/PID/stat after the name: stime and cstime, that of children which have ended.
SYSTEM = (12, 14)


class Sampler:
    """Looks at the machine now and then."""

    def __init__(self, proc: Path = PROC, supplies: Path = SUPPLIES) -> None:
        self._proc = proc
        self._supplies = supplies
        self._tick = os.sysconf("SC_CLK_TCK")
        self._all = self._nice = self._ours = self._at = 0.0

    def sample(self, now: float, children: Iterable[int]) -> Machine:
        """Return what there is to say of the time since the last sample; `children` by pid.

        The share of others is one of what is left to them: where processors are shared out by session
        or group, what is nice takes as much as they do, and they would never seem to need all.
        """
        (used, nice), ours = self._used(), sum(map(self._system, (os.getpid(), *children)))
        whole = (now - self._at) * (os.cpu_count() or 1) if self._at else 0.0
        others = used - self._all - max(ours - self._ours, 0.0)  # less than 0 where a child has ended
        left = max(whole - (nice - self._nice), LEFT * whole)
        self._all, self._nice, self._ours, self._at = used, nice, ours, now
        share = others / left if left > 0 else 0.0
        return Machine(on_battery=on_battery(self._supplies), others=min(max(share, 0.0), 1.0))

    def _used(self) -> tuple[float, float]:
        """Return the seconds that all processors have worked for what is not nice, and for what is."""
        fields = (self._proc / "stat").read_text("ascii").split("\n", 1)[0].split()[1:]
        return sum(int(fields[number]) for number in USED) / self._tick, int(fields[NICE]) / self._tick

    def _system(self, pid: int) -> float:
        try:
            stat = (self._proc / str(pid) / "stat").read_text("utf-8", "replace")
        except OSError:
            return 0.0
        fields = stat.rpartition(")")[2].split()
        return sum(int(fields[number]) for number in SYSTEM) / self._tick


def on_battery(supplies: Path = SUPPLIES) -> bool:
    """Return whether a battery of the machine itself is being used up and no mains feeds it."""
    read = {supply.name: _facts(supply) for supply in sorted(supplies.glob("*"))}
    system = [facts for facts in read.values() if facts["scope"] != "Device"]  # that is a mouse's
    if any(facts["type"] != "Battery" and facts["online"] == "1" for facts in system):
        return False
    return any(facts["type"] == "Battery" and facts["status"] == "Discharging" for facts in system)


def _facts(supply: Path) -> dict[str, str]:
    return {name: _read(supply / name) for name in ("type", "scope", "online", "status")}


def _read(file: Path) -> str:
    try:
        return file.read_text("utf-8", "replace").strip()
    except OSError:
        return ""
