"""The system calls that a sandboxed program may not make, as a BPF program.  Pure.

The kernel's form (linux/filter.h, linux/seccomp.h): eight bytes an instruction.  Starting
another process is what is refused above all: RLIMIT_NPROC does not hold for root, so
without this a program could fork until the machine stands still.  Threads may be started.
"""

from __future__ import annotations

import errno
import struct
from dataclasses import dataclass

LOAD, JUMP_EQUAL, JUMP_AT_LEAST, JUMP_SET, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
NUMBER, ARCHITECTURE, FIRST_ARGUMENT = 0, 4, 16  # offsets in struct seccomp_data, little-endian
ALLOW, ERRNO, KILL = 0x7FFF0000, 0x00050000, 0x80000000
CLONE_THREAD = 0x00010000


@dataclass(frozen=True, slots=True)
class Calls:
    """The numbers of one architecture (asm/unistd.h)."""

    architecture: int  # AUDIT_ARCH_*
    clone: int
    clone3: int
    refused: tuple[int, ...]
    foreign: int = 0xFFFFFFFF  # numbers from here on belong to another interface (x32)


MACHINES = {
    "x86_64": Calls(
        0xC000003E, 56, 435,
        # fork vfork ptrace mount umount2 add_key request_key keyctl unshare setns perf_event_open bpf
        # userfaultfd io_uring_setup
        (57, 58, 101, 165, 166, 248, 249, 250, 272, 308, 298, 321, 323, 425), 0x40000000,
    ),
    "aarch64": Calls(
        0xC00000B7, 220, 435,
        (117, 40, 39, 217, 218, 219, 97, 268, 241, 280, 282, 425),
    ),
}  # fmt: skip


def program(machine: str) -> bytes:
    """Return the filter for a machine as `uname -m` names it, b"" if it is not known."""
    calls = MACHINES.get(machine)
    if calls is None:
        return b""
    refuse, absent = ERRNO | errno.EPERM, ERRNO | errno.ENOSYS
    lines = [
        (LOAD, 0, 0, ARCHITECTURE),
        (JUMP_EQUAL, 1, 0, calls.architecture),
        (RETURN, 0, 0, KILL),
        (LOAD, 0, 0, NUMBER),
        (JUMP_AT_LEAST, 0, 1, calls.foreign),
        (RETURN, 0, 0, refuse),
        (JUMP_EQUAL, 0, 1, calls.clone3),
        (RETURN, 0, 0, absent),  # the C library then uses clone, whose flags can be seen
    ]
    for number in calls.refused:
        lines += [(JUMP_EQUAL, 0, 1, number), (RETURN, 0, 0, refuse)]
    lines += [
        (JUMP_EQUAL, 0, 3, calls.clone),
        (LOAD, 0, 0, FIRST_ARGUMENT),
        (JUMP_SET, 1, 0, CLONE_THREAD),
        (RETURN, 0, 0, refuse),
        (RETURN, 0, 0, ALLOW),
    ]
    return b"".join(struct.pack("<HBBI", *line) for line in lines)
