"""A folder to which things happen, as a user's programs would do them."""

from __future__ import annotations

import contextlib
import ctypes
import mmap
import os
import shutil
import stat
import time
from collections.abc import Iterator
from pathlib import Path

from semfs.index.ignore import Ignore

READ_S = 1.5  # until a saved file is read; if it is to be read at all
_EXCHANGE = 2  # renameat2(2)
_HERE = -100  # AT_FDCWD


class Folder:
    """The user's folder with another beside it; what cannot be done is not done."""

    def __init__(self, base: Path, elsewhere: Path) -> None:
        """`elsewhere` is on another file system where there is one; `../elsewhere` leads there."""
        self.root = base / "files"
        self.slow = base / "slow"  # where readers say what they have read and are slow with
        self._elsewhere = elsewhere
        for folder in (self.root, base / "outside", elsewhere):
            folder.mkdir(parents=True)

    def __call__(self, what: str, *arguments: object) -> None:
        with contextlib.suppress(OSError, shutil.Error):
            getattr(self, f"_{what}")(*arguments)

    def _at(self, name: str) -> str:
        if name.startswith("../elsewhere"):
            return f"{self._elsewhere}{name.removeprefix('../elsewhere')}"
        return f"{self.root}/{name}"

    def _made(self, name: str) -> str:
        path = self._at(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        return path

    # -- files

    def _write(self, name: str, text: str) -> None:
        with open(self._made(name), "w") as file:
            file.write(text)

    def _append(self, name: str, text: str) -> None:
        with open(self._made(name), "a") as file:
            file.write(text)
            file.flush()
            file.write("\nand more")

    def _in_place(self, name: str, word: str) -> None:
        with open(self._at(name), "r+") as file:
            file.write(word)

    def _truncate(self, name: str, size: int) -> None:
        os.truncate(self._at(name), size)

    def _replace(self, name: str, text: str) -> None:
        """As editors save."""
        path = self._made(name)
        with open(f"{path}.new~", "w") as file:
            file.write(text)
        os.replace(f"{path}.new~", path)

    def _save_twice(self, name: str, text: str, pause_ms: int, then: str) -> None:
        """Save a text that is read slowly, and then, when that has been read but not stored, another."""
        before = self._slowly(name)
        self._replace(name, text)
        until = time.monotonic() + READ_S
        while self._slowly(name) == before and time.monotonic() < until:
            time.sleep(0.02)
        time.sleep(pause_ms / 1000)
        self._write(name, then)

    def _slowly(self, name: str) -> int:
        """Return how often a file's slow text has been read."""
        read = self.slow.read_bytes().split(b"\n") if self.slow.exists() else []
        return read.count(os.fsencode(self._at(name)))

    def _sneak(self, name: str) -> None:
        """Change the content but neither the size nor the time."""
        path = self._at(name)
        before = os.lstat(path)
        if stat.S_ISREG(before.st_mode):
            with open(path, "r+") as file:
                text = file.read()
                file.seek(0)
                file.write(text[::-1])
            os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))

    def _unseen(self, name: str, word: str) -> None:
        """Write through memory, of which the kernel tells nobody."""
        path = self._at(name)
        if not os.path.getsize(path):  # there is nothing to map
            return
        with open(path, "r+b") as file, mmap.mmap(file.fileno(), 0) as mapped:
            mapped[: len(word)] = word.encode()[: len(mapped)]

    def _utime(self, name: str, seconds: int) -> None:
        os.utime(self._at(name), (seconds, seconds), follow_symlinks=False)

    def _reborn(self, name: str, other: str) -> None:
        """Delete a file and write another of its size and time, which may get its inode."""
        path = self._at(name)
        before = os.lstat(path)
        if stat.S_ISREG(before.st_mode):
            text = Path(path).read_bytes()
            os.unlink(path)
            Path(self._made(other)).write_bytes(text[::-1])
            os.utime(self._at(other), ns=(before.st_atime_ns, before.st_mtime_ns))

    def _many(self, folder: str, count: int, text: str) -> None:
        for number in range(count):
            self._write(f"{folder}/many/{number}.txt".lstrip("/"), f"{text} {number}")

    # -- names

    def _rename(self, source: str, target: str) -> None:
        try:
            os.rename(self._at(source), self._made(target))
        except OSError as error:
            if error.errno == 18:  # EXDEV: another file system
                shutil.move(self._at(source), self._at(target))

    def _swap(self, one: str, other: str) -> None:
        libc = ctypes.CDLL(None)
        libc.renameat2(_HERE, os.fsencode(self._at(one)), _HERE, os.fsencode(self._at(other)), _EXCHANGE)

    def _copy(self, source: str, target: str) -> None:
        path = self._at(source)
        if os.path.isdir(path):
            if not os.path.realpath(self._at(target)).startswith(os.path.realpath(path)):
                shutil.copytree(path, self._made(target), symlinks=True)
        else:
            shutil.copy2(path, self._made(target))

    def _delete(self, name: str) -> None:
        path = self._at(name)
        if os.path.isdir(path) and not os.path.islink(path):
            shutil.rmtree(path)
        else:
            os.unlink(path)

    def _hard_link(self, source: str, target: str) -> None:
        os.link(self._at(source), self._made(target), follow_symlinks=False)

    def _symbolic_link(self, source: str, target: str) -> None:
        os.symlink(self._at(source), self._made(target))

    def _chmod(self, name: str, mode: int) -> None:
        path = self._at(name)
        if not os.path.islink(path):
            os.chmod(path, mode | 0o100 if mode and os.path.isdir(path) else mode)

    def _decide(self, folder: str, name: str, rules: str) -> None:
        self._write(f"{folder}/{name}".lstrip("/"), rules)

    def _undecide(self, folder: str, name: str) -> None:
        self._delete(f"{folder}/{name}".lstrip("/"))

    # -- what there is

    def open_folders(self) -> None:
        """Let every folder be listed, so that one can say what there is."""
        for place, folders, _ in os.walk(self.root):
            for name in folders:
                path = f"{place}/{name}"
                if not os.path.islink(path) and os.lstat(path).st_mode & 0o700 != 0o700:
                    os.chmod(path, 0o700)

    def content(self) -> dict[str, bytes | None]:
        """Return the files that are to be indexed with their content; None is one that may not be read."""
        ignore = Ignore(str(self.root))
        found: dict[str, bytes | None] = {}
        for path in self._files(str(self.root), ignore):
            readable = os.lstat(path).st_mode & 0o400
            found[path] = Path(path).read_bytes() if readable else None
        return found

    def _files(self, folder: str, ignore: Ignore) -> Iterator[str]:
        for name in os.listdir(folder):
            path = f"{folder}/{name}"
            kind = stat.S_IFMT(os.lstat(path).st_mode)
            if kind == stat.S_IFDIR and not ignore.excluded(path, True):
                yield from self._files(path, ignore)
            elif kind == stat.S_IFREG and not ignore.excluded(path, False):
                yield path
