"""`sys/`: what semfs knows about itself, like /proc.

sys/status operators engine memory scheduler config log
sys/audit.log           who asked what, which files were read, which code ran
sys/status.json         the same as sys/status, for programs
sys/metrics             the same in numbers, and how long searches take, for Prometheus
sys/dashboard.html      the same for eyes: coverage, jobs over time, a map of the documents
sys/errors/<name>.txt   one for each file that could not be read: its path and the reason
sys/errors/all.tsv      all of them, a path and a reason a line
sys/models/<name>       one for each model
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from semfs.errors import NoSuchEntry
from semfs.model import FileRow, shown
from semfs.mount.content import REMEMBERED_S, LastingText, RealFile, Remembered, StoredFile, TextFile
from semfs.mount.names import distinct, matched
from semfs.mount.node import Directory, FixedDirectory, Make, Node
from semfs.mount.ports import Service

ALL = "all.tsv"
LISTED = 2000  # errors with a file of their own; `all.tsv` has every one

_BREAK = re.compile(r"[\t\r\n\v\f\x85\u2028\u2029]+")


def system(mtime: float, service: Service, calls: Mapping[str, int]) -> Make:
    """Return what makes `sys/`; `calls` says how often the kernel asked for what."""
    texts: dict[str, Callable[[], str]] = {
        "status": lambda: service.status().text(),
        "status.json": lambda: service.status().json(),
        "metrics": lambda: service.metrics(calls),
        "operators": service.operators,
        "engine": lambda: service.engine_status("engine"),
        "memory": lambda: service.engine_status("memory"),
        "scheduler": lambda: service.engine_status("scheduler"),
        "config": service.config_text,
    }
    errors = Table(lambda: _errors(service.failures()))
    models = Table(lambda: _models(service.models()))
    children: dict[str, Make] = {
        **{name: _text(mtime, Remembered(render)) for name, render in texts.items()},
        "audit.log": lambda inode: StoredFile(inode, mtime, service.audit_size, service.audit_text),
        "dashboard.html": lambda inode: TextFile(
            inode,
            mtime,
            service.dashboard,
            length=service.dashboard_bytes,
            beginning=service.dashboard_beginning,
        ),
        "log": lambda inode: RealFile(inode, service.log_path, growing=True),
        "errors": lambda inode: TableDirectory(inode, mtime, errors),
        "models": lambda inode: TableDirectory(inode, mtime, models),
    }
    return lambda inode: FixedDirectory(inode, mtime, children)


def _text(mtime: float, remembered: Remembered) -> Make:
    return lambda inode: TextFile(inode, mtime, remembered.text, length=remembered.length)


def _errors(failures: Sequence[FileRow]) -> dict[str, str]:
    names = distinct((row.path.rpartition("/")[2] for row in failures[:LISTED]), suffix=".txt")
    texts = {name: f"{shown(row.path)}\n{row.reason}\n" for name, row in zip(names, failures, strict=False)}
    lines = [f"{_BREAK.sub(' ', shown(row.path))}\t{_BREAK.sub(' ', row.reason)}\n" for row in failures]
    return {ALL: "path\treason\n" + "".join(lines), **texts}


def _models(models: Sequence[tuple[str, str]]) -> dict[str, str]:
    names = distinct(name for name, _ in models)
    return {
        name: text if text.endswith("\n") else text + "\n"
        for name, (_, text) in zip(names, models, strict=True)
    }


@dataclass(slots=True)
class Table:
    """A listing with its texts, made at most once a second."""

    make: Callable[[], dict[str, str]]
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _at: float = float("-inf")
    _texts: dict[str, str] = field(default_factory=dict)

    def texts(self) -> dict[str, str]:
        with self._lock:
            if time.monotonic() - self._at > REMEMBERED_S:
                self._texts = self.make()
                self._at = time.monotonic()
            return self._texts


class TableDirectory(Directory):
    """One small file for each row of a table."""

    def __init__(self, inode: int, mtime: float, table: Table) -> None:
        super().__init__(inode, mtime)
        self._table = table

    def lookup(self, name: str) -> Node:
        text = self._table.texts().get(matched(name))
        if text is None:
            raise NoSuchEntry(name)
        return LastingText(self.below(name), self.mtime, lambda: text)

    def entries(self) -> list[tuple[str, Node]]:
        return [(name, self.lookup(name)) for name in self._table.texts()]
