#!/usr/bin/env python3
"""Show a folder at a mount point as it is, through mfusepy with its defaults: FOLDER MOUNTPOINT.

What the binding itself costs; nothing here is made quick.
"""

from __future__ import annotations

import os
import sys

os.environ["FUSE_LIBRARY_NAME"] = "fuse3"
import mfusepy  # type: ignore[import-untyped]

TIMES = ("st_atime", "st_mtime", "st_ctime")
NUMBERS = ("st_mode", "st_nlink", "st_size", "st_uid", "st_gid", "st_blocks")


class Loopback(mfusepy.Operations):  # type: ignore[misc]
    """Looking and reading; nothing is written."""

    use_ns = True

    def __init__(self, folder: str) -> None:
        self._folder = folder

    def getattr(self, path: str, fh: int | None = None) -> dict[str, int]:
        found = os.lstat(self._folder + path)
        return {key: getattr(found, key) for key in NUMBERS} | {
            key: getattr(found, f"{key}_ns") for key in TIMES
        }

    def readlink(self, path: str) -> str:
        return os.readlink(self._folder + path)

    def readdir(self, path: str, fh: int) -> list[str]:
        return [".", "..", *os.listdir(self._folder + path)]

    def open(self, path: str, flags: int) -> int:
        return os.open(self._folder + path, flags)

    def read(self, path: str, size: int, offset: int, fh: int) -> bytes:
        return os.pread(fh, size, offset)

    def release(self, path: str, fh: int) -> int:
        os.close(fh)
        return 0


if __name__ == "__main__":
    mfusepy.FUSE(Loopback(sys.argv[1]), sys.argv[2], foreground=True)
