"""How the mount starts its children: this command line, through its hidden commands."""

from __future__ import annotations

import sys


def command(name: str, *arguments: str, config_file: str = "") -> list[str]:
    """Return the argument vector of one hidden command of this installation."""
    given = ["--config", config_file] if config_file else []
    return [sys.executable, "-m", "semfs.cli.main", *given, name, *arguments]
