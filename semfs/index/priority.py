"""How a process stands back for everything else: its share of the processors and of the disk."""

from __future__ import annotations

import contextlib
import ctypes
import os
import platform
from enum import IntEnum

NICE = 10  # what somebody has just saved still gets a tenth of a processor beside others
LOWEST_NICE = 19
# ioprio_set(2) has no function in the C library; its number by machine.
IOPRIO_SET = {"x86_64": 251, "aarch64": 30, "riscv64": 30, "ppc64le": 273, "s390x": 282, "armv7l": 314}
WHO_PROCESS = 1
CLASS_SHIFT = 13
LAST_BEST_EFFORT = (2 << CLASS_SHIFT) | 7
IDLE = 3 << CLASS_SHIFT


class Standing(IntEnum):
    """How far a process stands back."""

    SOON = 0  # what it does is waited for: last among the usual ones
    BULK = 1  # gets what nobody else wants of the disk, hardly any time beside others, and interrupts nobody


def stand_back(standing: Standing) -> None:
    """Let this process stand back for good, as nothing but the superuser can undo it."""
    nice = NICE if standing is Standing.SOON else LOWEST_NICE
    os.nice(max(nice - os.getpriority(os.PRIO_PROCESS, 0), 0))
    number = IOPRIO_SET.get(platform.machine())
    if number is not None:
        wanted = LAST_BEST_EFFORT if standing is Standing.SOON else IDLE
        ctypes.CDLL(None).syscall(number, WHO_PROCESS, 0, wanted)
    if standing is Standing.BULK:
        # Not SCHED_IDLE: at a full load it gets a fifth of that, and would never come to an end.
        with contextlib.suppress(OSError):  # the container forbids it
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
