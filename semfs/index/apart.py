"""Walk what other programs or machines provide in a child process, because it may never answer.

Whoever asks a file system whose server is gone waits in the kernel, and not even SIGKILL ends that.  So a
child asks; one that falls silent is left behind, and until it is gone nobody asks that file system again.
`Apart` belongs to the ingest process's thread, `main` is the child.
"""

from __future__ import annotations

import os
import select
import sys
import time
from collections.abc import Iterator, Sequence

from semfs.config import Index
from semfs.index.child import Child, Frame, Frames, FramesBroken, settle
from semfs.index.ignore import Ignore
from semfs.index.scan import Trouble, walk
from semfs.store.catalog import FileState

COMMAND = (sys.executable, "-P", "-m", "semfs.index.apart")
SILENT_S = 5.0  # without a word; changes elsewhere wait so long for their turn
BATCH = 200  # files in a frame


class Apart:
    """The children that walk, by the mount point of what they walk."""

    def __init__(self, command: Sequence[str] = COMMAND, *, patience: float = SILENT_S) -> None:
        self._command = command
        self._patience = patience
        self._stuck: dict[str, Child] = {}
        self.walked_s = 0.0  # in all, but for the start of children and for waiting for silent ones

    def walk(
        self, mount: str, start: str, root: str, config: Index, never: frozenset[str], trouble: Trouble
    ) -> Iterator[FileState]:
        """Yield the files at and below `start`, which lies in `mount`; a silent one is noted in `trouble`."""
        if mount in self._stuck and not self._stuck[mount].gone():
            trouble.folders[mount] = "does not answer"
            return
        self._stuck.pop(mount, None)
        paths = {"start": _hex(start), "root": _hex(root), "never": sorted(map(_hex, never))}
        child = Child(self._command, {**paths, "ignore": config.ignore, "gitignore": config.gitignore})
        try:
            yield from self._files(child, mount, trouble)
        finally:
            child.kill()
            if not child.gone():
                self._stuck[mount] = child

    def _files(self, child: Child, mount: str, trouble: Trouble) -> Iterator[FileState]:
        began = 0.0
        while select.select([child], [], [], self._patience)[0]:
            try:
                starting = not child.ready
                frames = child.receive()
                began = time.monotonic() if starting else began
            except FramesBroken as error:
                trouble.folders[mount] = f"cannot be walked: {error}"
                return
            if frames is None:
                trouble.folders[mount] = f"cannot be walked: {child.death()}"
                return
            for frame in frames:
                for path, *numbers in frame.fields["files"]:
                    yield FileState(_path(path), *numbers)
                if "trouble" in frame.fields:
                    trouble.folders.update(
                        (_path(path), reason) for path, reason in frame.fields["trouble"].items()
                    )
                    self.walked_s += time.monotonic() - began
                    return
        trouble.folders[mount] = "does not answer"


def _hex(path: str) -> str:
    return os.fsencode(path).hex()


def _path(given: str) -> str:
    return os.fsdecode(bytes.fromhex(given))


def main() -> None:
    """Walk what the settings say, and tell the parent; every folder that is entered is a sign of life."""
    frames = Frames()
    settings = frames.settings
    settle(settings)
    frames.send(Frame({"ready": True}))
    waiting: list[list[str | int]] = []

    def tell(*_: str) -> None:
        frames.send(Frame({"files": waiting}))
        waiting.clear()

    trouble = Trouble()
    never = frozenset(map(_path, settings["never"]))
    ignore = Ignore(_path(settings["root"]), settings["ignore"], gitignore=settings["gitignore"], never=never)
    for state in walk(_path(settings["start"]), ignore, trouble, tell):
        waiting.append(
            [_hex(state.path), state.device, state.inode, state.size, state.mtime_ns, state.ctime_ns]
        )
        if len(waiting) >= BATCH:
            tell()
    found = {_hex(path): reason for path, reason in trouble.folders.items()}
    frames.send(Frame({"files": waiting, "trouble": found}))


if __name__ == "__main__":
    main()
