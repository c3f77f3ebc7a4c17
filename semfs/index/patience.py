"""Ask for a folder that may never answer: a network folder whose server is gone blocks whoever asks.

The question is put by a thread, which is left behind when it falls silent; the kernel lets go of it at
the end of the process.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable

SILENT_S = 5.0


def resolved(path: str, *, patience: float = SILENT_S) -> str:
    """Return an absolute path without links; from where nothing answers on, it is taken as it stands."""
    parts = f"{os.getcwd()}/{path}".split("/") if path[:1] != "/" else path.split("/")
    found = ["/"]

    def follow() -> None:
        for part in parts:
            found.append(os.path.realpath(f"{found[-1]}/{part}"))

    _in_time(follow, patience)
    return os.path.normpath("/".join([found[-1], *parts[len(found) - 1 :]]))


def listed(folder: str, *, patience: float = SILENT_S) -> bool:
    """Return whether a folder can be listed, False if it does not answer; raises OSError where it cannot."""
    refused: list[OSError] = []

    def ask() -> None:
        try:
            os.scandir(folder).close()
        except OSError as error:
            refused.append(error)

    answered = _in_time(ask, patience)
    if refused:
        raise refused[0]
    return answered


def _in_time(ask: Callable[[], None], patience: float) -> bool:
    thread = threading.Thread(target=ask, name="patience", daemon=True)
    thread.start()
    thread.join(patience)
    return not thread.is_alive()
