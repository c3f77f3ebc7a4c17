"""Mount points before and after they are served: checks, stale mounts, unmounting, daemons.

Looks at /proc/self/mountinfo, never at `os.path.ismount`, which says False of a mount whose
process was killed.  Nothing here imports the binding.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
import stat
import subprocess
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from semfs.errors import MissingPart, MountError

FSTYPE = "fuse.semfs"
GLANCE_S = 1.0  # for which it is tried again where nobody holds it: desktops look at what is mounted
UNMOUNT_S = 5.0  # how long the kernel may take to take a mount out of its table

_OCTAL = re.compile(rb"\\([0-7]{3})")


@dataclass(frozen=True, slots=True)
class Mounted:
    """One line of the mount table."""

    path: str
    fstype: str


@dataclass(frozen=True, slots=True)
class Holder:
    """A process that keeps a mount busy."""

    pid: int
    command: str
    path: str  # what it holds

    def __str__(self) -> str:
        return f"{self.command} (process {self.pid}) holds {self.path}"


def parse_mountinfo(table: bytes) -> list[Mounted]:
    """Read the format of proc_pid_mountinfo(5): fields, optional ones, "-", type, source, options."""
    found = []
    for line in table.splitlines():
        before, _, after = line.partition(b" - ")
        path = _OCTAL.sub(lambda match: bytes([int(match[1], 8)]), before.split(b" ")[4])
        found.append(Mounted(os.fsdecode(path), os.fsdecode(after.split(b" ")[0])))
    return found


def mounts() -> list[Mounted]:
    """Return the mounts that this process sees, the newest last."""
    return parse_mountinfo(Path("/proc/self/mountinfo").read_bytes())


def mounted_at(path: str) -> Mounted | None:
    """Return what is mounted at exactly this path, the topmost if there are several."""
    return next((mount for mount in reversed(mounts()) if mount.path == path), None)


def is_stale(path: str) -> bool:
    """Whether the process behind a FUSE mount is gone; asks what the kernel never remembers."""
    try:
        os.statvfs(path)
    except OSError as error:
        return error.errno in (errno.ENOTCONN, errno.ECONNABORTED)
    return False


def absolute(mountpoint: str) -> str:
    """Return the mount point as the mount table has it, without asking the mount itself."""
    parent, name = os.path.split(os.path.abspath(mountpoint))
    return str(Path(os.path.realpath(parent), name))


def prepare(mountpoint: str, sources: Sequence[str]) -> str:
    """Make a mount point ready and return its absolute path.

    A missing directory is made, a stale semfs mount taken away.  `sources` are absolute, without links.
    Raises MountError if the place cannot be used, MissingPart if FUSE is not there.
    """
    require_fuse()
    path = absolute(mountpoint)
    mounted = mounted_at(path)
    if mounted is not None and mounted.fstype == FSTYPE:
        if not is_stale(path):
            raise MountError(path, f"semfs is mounted here already; `semfs umount {path}` ends it")
        _fusermount(path, lazy=True)
    else:
        path = os.path.realpath(path)  # a mount is made where a link leads
    _apart(path, sources)
    _make(path)
    _usable(path)
    return path


def require_fuse() -> None:
    """Raise MissingPart, with what to do, if this machine cannot mount with FUSE."""
    if not os.path.exists("/dev/fuse"):
        raise MissingPart("/dev/fuse", "load the kernel's module with `sudo modprobe fuse`")
    if not os.access("/dev/fuse", os.R_OK | os.W_OK):
        raise MissingPart("access to /dev/fuse", "`sudo chmod 666 /dev/fuse` gives it to everybody")
    if shutil.which("fusermount3") is None:
        raise MissingPart("fusermount3", "install it, for example `sudo apt install fuse3`")


def _apart(path: str, sources: Iterable[str]) -> None:
    for source in sources:
        if path == source:
            raise MountError(path, "it is the folder that is to be indexed; choose another place")
        if _below(path, source):
            raise MountError(path, f"it lies inside {source}, which is to be indexed; choose a place outside")
        if _below(source, path):
            raise MountError(path, f"it would hide {source}, which is to be indexed; choose another place")


def _below(path: str, folder: str) -> bool:
    return path.startswith(folder.rstrip("/") + "/")


def _make(path: str) -> None:
    try:
        os.makedirs(path, mode=0o700, exist_ok=True)
    except FileExistsError:
        raise MountError(path, "it is not a directory") from None
    except OSError as error:
        raise MountError(path, f"it cannot be made: {error.strerror}") from error


def _usable(path: str) -> None:
    try:
        found = os.lstat(path)
        if not stat.S_ISDIR(found.st_mode):
            raise MountError(path, "it is not a directory")
        if os.geteuid() not in (0, found.st_uid):
            raise MountError(path, "it belongs to somebody else; choose a directory of your own")
        if os.listdir(path):
            raise MountError(path, "it is not empty; choose an empty directory, or one that does not exist")
    except OSError as error:
        raise MountError(path, f"it cannot be used: {error.strerror}") from error


def unmount(mountpoint: str, *, lazy: bool = False) -> None:
    """Unmount semfs and wait until it is out of the mount table.

    Raises MountError if nothing of ours is mounted there, or if it is busy, naming who
    holds it.  `lazy` detaches it even then.
    """
    path = absolute(mountpoint)
    mounted = mounted_at(path)
    if mounted is None:
        path = os.path.realpath(path)
        mounted = mounted_at(path)
    if mounted is None or mounted.fstype != FSTYPE:
        raise MountError(path, "no semfs is mounted here; `semfs status` lists the mounts")
    _fusermount(path, lazy=lazy or is_stale(path))
    end = time.monotonic() + UNMOUNT_S
    while mounted_at(path) is not None and time.monotonic() < end:
        time.sleep(0.01)


def _fusermount(path: str, *, lazy: bool) -> None:
    command = ["fusermount3", "-u", *(["-z"] if lazy else []), "--", path]
    end = time.monotonic() + GLANCE_S
    while True:
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
        if done.returncode == 0 or mounted_at(path) is None:
            return
        held = holders(path)
        if held:
            raise MountError(path, f"it is in use: {'; '.join(map(str, held))}. Close them or use --lazy")
        if time.monotonic() > end:
            raise MountError(path, done.stderr.strip() or "it cannot be unmounted")
        time.sleep(0.01)


def holders(path: str, *, limit: int = 5) -> list[Holder]:
    """Return processes that have a file below `path` open or stand in it; never asks the mount."""
    found: list[Holder] = []
    for entry in os.listdir("/proc"):
        if entry.isdecimal() and len(found) < limit:
            held = [target for target in _held_by(entry) if target == path or _below(target, path)]
            if held:
                found.append(Holder(int(entry), _command(entry), held[0]))
    return found


def _held_by(pid: str) -> Iterable[str]:
    base = f"/proc/{pid}"
    try:
        descriptors = [f"{base}/fd/{name}" for name in os.listdir(f"{base}/fd")]
    except OSError:
        descriptors = []  # it has ended, or belongs to somebody else
    for link in (f"{base}/cwd", f"{base}/root", f"{base}/exe", *descriptors):
        try:
            yield os.readlink(link)
        except OSError:
            continue


def _command(pid: str) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text("utf-8", "replace").strip()
    except OSError:
        return "a process"
