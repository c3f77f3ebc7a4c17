"""Logging: one line an event on standard error or in a file, never a document's content."""

from __future__ import annotations

import logging
import re
import sys
from logging.handlers import RotatingFileHandler
from pathlib import Path

_CONTROLS = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029]")
FORMAT = "%(asctime)s %(levelname)s %(name)s[%(process)d] %(message)s"


LARGEST = 4_000_000  # bytes of a log file before it is turned over; one old one is kept


class OneLine(logging.Formatter):
    """Write a message on one line, whatever the names in it hold; a traceback follows on its own."""

    def formatMessage(self, record: logging.LogRecord) -> str:
        line = super().formatMessage(record)
        return _CONTROLS.sub(lambda match: match[0].encode("unicode_escape").decode(), line)


def start(*, verbose: int = 0, file: Path | None = None, terminal: bool = False) -> None:
    """Send records to `file`, to standard error if there is none, or to both with `terminal`.

    `verbose` 1 is INFO, 2 is DEBUG.
    """
    level = {0: logging.WARNING, 1: logging.INFO}.get(verbose, logging.DEBUG)
    handlers: list[logging.Handler] = []
    if file is not None:
        handlers.append(
            RotatingFileHandler(
                file, maxBytes=LARGEST, backupCount=1, encoding="utf-8", errors="backslashreplace"
            )
        )
    if terminal or file is None:
        handlers.append(logging.StreamHandler(sys.stderr))
    for handler in handlers:
        handler.setFormatter(OneLine(FORMAT))
    logging.basicConfig(level=level, handlers=handlers, force=True)
