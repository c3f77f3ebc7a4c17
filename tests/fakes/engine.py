"""An engine without a model: `engine.py SOCKET FOLDER PHASE...`; its n-th start follows the n-th phase.

starting   ends before it listens
reading    ends when it is given a request
writing    ends after the first word
asleep     takes every request and never answers; as the last phase it is that of all later starts

Each start adds a line to `FOLDER/starts`, and each request one to `FOLDER/requests`.
"""

from __future__ import annotations

import os
import socket
import sys
import threading
from pathlib import Path

from semfs.engine.heartbeat import beat, heart_of
from semfs.engine.protocol import Generate, Piece, decode, encode
from semfs.supervise import die_with_parent


def noted(book: Path) -> int:
    """Add a line to a book and return how many it had."""
    with book.open("a+") as file:
        file.write(f"{os.getpid()}\n")
        file.seek(0)
        return sum(1 for _ in file) - 1


def answer(connection: socket.socket, phase: str, requests: Path) -> None:
    with connection, connection.makefile("rb") as lines:
        if not isinstance(decode(lines.readline()), Generate):
            return
        noted(requests)
        if phase == "writing":
            connection.sendall(encode(Piece("The", (1,))))
        if phase != "asleep":
            os._exit(1)
        connection.recv(1)  # until the client goes away


def main(path: Path, folder: Path, *phases: str) -> None:
    die_with_parent()
    phase = phases[min(noted(folder / "starts"), len(phases) - 1)]
    if phase == "starting":
        raise SystemExit(1)
    path.unlink(missing_ok=True)
    heart_of(path).touch()
    beat(heart_of(path))
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen(256)
        while True:
            connection, _ = listener.accept()
            threading.Thread(
                target=answer, args=(connection, phase, folder / "requests"), daemon=True
            ).start()


main(Path(sys.argv[1]), Path(sys.argv[2]), *sys.argv[3:])
