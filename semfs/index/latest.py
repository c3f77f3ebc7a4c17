"""Files that go before others, the one that was noted last first; pure.

What is forgotten here is a matter of order only: the catalogue knows all that is to be done.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator

from semfs.model import FileId

MOST = 1000  # files that are remembered; an older one waits its turn as all do


class Latest:
    """Files in the order in which they go before others."""

    def __init__(self) -> None:
        self._files: OrderedDict[FileId, None] = OrderedDict()

    def __bool__(self) -> bool:
        return bool(self._files)

    def __iter__(self) -> Iterator[FileId]:
        return reversed(self._files)

    def note(self, files: Iterable[FileId]) -> None:
        for file in files:
            self._files[file] = None
            self._files.move_to_end(file)
        while len(self._files) > MOST:
            self._files.popitem(last=False)

    def drop(self, files: Iterable[FileId]) -> None:
        for file in files:
            self._files.pop(file, None)
