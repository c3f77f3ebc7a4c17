"""Logging: one line an event on standard error or in a file, never a document's content."""

from __future__ import annotations

import logging
import sys
from logging.handlers import RotatingFileHandler
from pathlib import Path

FORMAT = "%(asctime)s %(levelname)s %(name)s[%(process)d] %(message)s"


LARGEST = 4_000_000  # bytes of a log file before it is turned over; one old one is kept


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
    logging.basicConfig(level=level, format=FORMAT, handlers=handlers, force=True)
