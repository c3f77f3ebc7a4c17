"""A file system with a file that is well, one whose disk is broken, and places that never answer.

python odd_files.py MOUNTPOINT [--silent]     silent: its folder is never listed
"""

from __future__ import annotations

import errno
import os
import stat
import sys
import time

os.environ.setdefault("FUSE_LIBRARY_NAME", "fuse3")

import mfusepy

FILES = {
    "well.txt": b"The lighthouse keeper grows dahlias.\n",
    "broken.txt": b"x" * 100,
    "waiting.txt": b"y" * 100,
}


class OddFiles(mfusepy.Operations):
    use_ns = True

    def __init__(self, *, silent: bool) -> None:
        self._silent = silent

    def getattr(self, path: str, fh: int | None = None) -> dict[str, int]:
        if path == "/":
            return {"st_mode": stat.S_IFDIR | 0o755, "st_nlink": 2, "st_ino": 1}
        if path[1:] not in FILES:
            raise mfusepy.FuseOSError(errno.ENOENT)
        size = len(FILES[path[1:]])
        return {
            "st_mode": stat.S_IFREG | 0o644,
            "st_nlink": 1,
            "st_size": size,
            "st_mtime": 1_700_000_000 * 10**9,
        }

    def readdir(self, path: str, fh: int) -> list[str]:
        if self._silent:
            time.sleep(3600)
        return [".", "..", *FILES]

    def read(self, path: str, size: int, offset: int, fh: int) -> bytes:
        if path == "/broken.txt":
            raise mfusepy.FuseOSError(errno.EIO)
        if path == "/waiting.txt":
            time.sleep(3600)
        return FILES[path[1:]][offset : offset + size]


if __name__ == "__main__":
    mfusepy.FUSE(
        OddFiles(silent="--silent" in sys.argv), sys.argv[1], foreground=True, nothreads=False, fsname="odd"
    )
