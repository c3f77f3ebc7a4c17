"""Logging: one line an event on standard error or in a file, never a document's content."""

from __future__ import annotations

import logging
import sys
from pathlib import Path

FORMAT = "%(asctime)s %(levelname)s %(name)s[%(process)d] %(message)s"


def start(*, verbose: int = 0, file: Path | None = None) -> None:
    """Send records to `file`, or to standard error; `verbose` 1 is INFO, 2 is DEBUG."""
    level = {0: logging.WARNING, 1: logging.INFO}.get(verbose, logging.DEBUG)
    handler: logging.Handler = (
        logging.FileHandler(file, encoding="utf-8", errors="backslashreplace")
        if file
        else logging.StreamHandler(sys.stderr)
    )
    logging.basicConfig(level=level, format=FORMAT, handlers=[handler], force=True)
