"""An event in the log is one line, whatever the names in it hold."""

from __future__ import annotations

import logging
import sys

from semfs.log import FORMAT, OneLine


def record(message: str, *values: object, error: bool = False) -> logging.LogRecord:
    trouble = sys.exc_info() if error else None
    return logging.LogRecord("semfs", logging.INFO, "x.py", 1, message, values, trouble)


def test_a_name_with_a_line_break_does_not_begin_a_line() -> None:
    written = OneLine(FORMAT).format(record("%s cannot be read", "/a\n2024-01-01 ERROR\x1b[2J"))
    assert "\n" not in written
    assert written.endswith(r"/a\n2024-01-01 ERROR\x1b[2J cannot be read")


def test_a_traceback_keeps_its_lines() -> None:
    try:
        raise ValueError("wrong")
    except ValueError:
        written = OneLine(FORMAT).format(record("failed", error=True))
    assert "\nTraceback (most recent call last):\n" in written
