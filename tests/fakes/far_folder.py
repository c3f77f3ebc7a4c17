"""A file system that shows a folder, as one of a server does; it is made silent by SIGSTOP.

python far_folder.py FOLDER MOUNTPOINT
"""

from __future__ import annotations

import os
import sys

os.environ.setdefault("FUSE_LIBRARY_NAME", "fuse3")

import mfusepy


class FarFolder(mfusepy.Operations):
    use_ns = True

    def __init__(self, folder: str) -> None:
        self._folder = folder

    def getattr(self, path: str, fh: int | None = None) -> dict[str, int]:
        try:
            found = os.lstat(self._folder + path)
        except OSError as error:
            raise mfusepy.FuseOSError(error.errno) from None
        names = ("st_mode", "st_nlink", "st_size", "st_ino", "st_uid", "st_gid")
        times = {"st_mtime": found.st_mtime_ns, "st_ctime": found.st_ctime_ns}
        return {name: getattr(found, name) for name in names} | times

    def readdir(self, path: str, fh: int) -> list[str]:
        return [".", "..", *os.listdir(self._folder + path)]

    def read(self, path: str, size: int, offset: int, fh: int) -> bytes:
        with open(self._folder + path, "rb") as file:
            file.seek(offset)
            return file.read(size)


if __name__ == "__main__":
    _, folder, point = sys.argv
    brief = {"attr_timeout": 0.2, "entry_timeout": 0.2}
    mfusepy.FUSE(FarFolder(folder), point, foreground=True, fsname="server:", subtype="sshfs", **brief)
