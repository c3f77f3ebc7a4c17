"""How the mount starts its children: this command line, through its hidden commands."""

from __future__ import annotations

import sys
from pathlib import Path


def command(name: str, *arguments: str, config: Path | None = None) -> list[str]:
    """Return the argument vector of one hidden command of this installation.

    `-P`: a module that lies in the folder where the user happens to stand is never imported.
    """
    given = ["--config", str(config.absolute())] if config else []
    return [sys.executable, "-P", "-m", "semfs.cli.main", *given, name, *arguments]
