"""The cores that a process may compute on."""

from __future__ import annotations

import os
from pathlib import Path


def physical_cores() -> int:
    """Return how many cores this process may use: two threads of one share what multiplies."""
    usable = os.sched_getaffinity(0)
    try:
        places = [f"/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list" for cpu in usable]
        return len({Path(place).read_text("ascii") for place in places})
    except OSError:  # a container may hide them
        return len(usable)
