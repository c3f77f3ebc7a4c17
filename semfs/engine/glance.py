"""How the engine is, for whoever looks at `sys/`: asked at most once a second, and never waited for long.

An engine may stand still, and a server may not answer.  Whoever looks then is told so within `PATIENCE_S`,
and at once while it is still being asked.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from semfs.engine.client import SILENT, EngineClient
from semfs.engine.remote import RemoteEngine
from semfs.engine.report import ABSENT, TEXTS, EngineStatus
from semfs.errors import EngineLost

REMEMBERED_S = 1.0  # as long as the kernel remembers attributes
PATIENCE_S = 0.5  # nothing but a model may keep anybody waiting for a second


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen; `report` is None where no engine runs here or none answers."""

    texts: Mapping[str, str]  # by the name of the file in `sys/`
    report: EngineStatus | None = None


_ABSENT = Look(dict.fromkeys(TEXTS, ABSENT))
_SILENT = Look(dict.fromkeys(TEXTS, SILENT))


def at_process(engine: EngineClient) -> Look:
    """Look at the engine's process, which is not started for that."""
    try:
        report = engine.report()
    except EngineLost:
        return _SILENT
    if report is None:
        return _ABSENT
    return Look({topic: text(report) for topic, text in TEXTS.items()}, report)


def at_server(engine: RemoteEngine) -> Look:
    """Ask a server which models it has."""
    return Look({topic: engine.status(topic) for topic in TEXTS})


class Glance:
    """The last look, renewed by a thread of its own when somebody asks.  For any thread."""

    def __init__(self, look: Callable[[], Look]) -> None:
        self._look = look
        self._changed = threading.Condition()
        self._asking = False
        self._at = -math.inf  # when it was last asked
        self._seen = _SILENT

    def now(self) -> Look:
        """Return how the engine is, or was a second ago."""
        with self._changed:
            if not self._asking and time.monotonic() - self._at > REMEMBERED_S:
                self._asking, self._at = True, time.monotonic()
                threading.Thread(target=self._ask, name="glance", daemon=True).start()
            patience = max(self._at + PATIENCE_S - time.monotonic(), 0.0)
            answered = self._changed.wait_for(lambda: not self._asking, patience)
            return self._seen if answered else _SILENT

    def _ask(self) -> None:
        seen = _SILENT
        try:
            seen = self._look()
        finally:
            with self._changed:
                self._seen, self._asking = seen, False
                self._changed.notify_all()
