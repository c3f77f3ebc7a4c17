"""Who an operation is carried out for, as the audit trail names it.  Imports nothing local.

The mount sets it for each operation that may be recorded; a thread that goes on for somebody is
started in a copy of its starter's context (`contextvars.copy_context`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Process:
    """A process that calls through the kernel; its name is looked up only when it is written down."""

    uid: int
    pid: int  # 0 for one that cannot be seen from here

    def __str__(self) -> str:
        try:
            name = Path(f"/proc/{self.pid}/comm").read_text("utf-8", "replace").strip()
        except OSError:
            name = ""  # it has ended already
        return f"uid {self.uid}, {name or 'process'} {self.pid}"


_caller: ContextVar[object] = ContextVar("caller", default="semfs")


def current() -> str:
    """Return for whom this thread works: "uid 1000, bash 4312"; "semfs" where nobody is known."""
    return str(_caller.get())


@contextmanager
def acting_for(who: object) -> Iterator[None]:
    """Let what happens inside be done for somebody; `str(who)` names them."""
    token = _caller.set(who)
    try:
        yield
    finally:
        _caller.reset(token)
