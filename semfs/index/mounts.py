"""What is mounted where, from the text of /proc/self/mountinfo (proc(5)), and when that changes."""

from __future__ import annotations

import os
import select
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

MOUNTINFO = Path("/proc/self/mountinfo")

# File systems whose files are answers of a program, not a user's; a semfs mount among them.
ANSWERING = ("proc", "sysfs", "devtmpfs", "devpts", "cgroup", "cgroup2", "securityfs", "debugfs", "tracefs")
# File systems that other machines, or the host of this one, write to as well: the kernel does not hear of it.
SHARED = (
    "nfs", "nfs4", "cifs", "smb3", "smbfs", "ncpfs", "afs", "coda", "ceph", "glusterfs", "lustre", "beegfs",
    "gfs2", "ocfs2", "orangefs", "9p", "virtiofs", "vboxsf", "vmhgfs", "prl_fs", "drvfs", "fuse",
)  # fmt: skip
# Of what programs provide by FUSE these are folders on a disk of this machine; any other may be far away.
NEAR = ("fuse.gocryptfs", "fuse.encfs", "fuse.mergerfs", "fuse.fuse-overlayfs", "fuse.bindfs", "fuse.ntfs-3g")


@dataclass(frozen=True, slots=True)
class Mount:
    """A mounted file system."""

    point: str
    kind: str
    device: str  # major:minor
    top: str  # which of its folders is to be seen, "/" but for bind mounts

    @property
    def answers(self) -> bool:
        return self.kind in ANSWERING or self.kind.startswith("fuse.semfs")

    @property
    def shared(self) -> bool:
        if self.kind.startswith("fuse."):
            return self.kind not in NEAR and not self.answers
        return self.kind in SHARED


def mounts(mountinfo: str) -> Iterator[Mount]:
    for line in mountinfo.splitlines():
        before, _, after = line.partition(" - ")
        fields = before.split(" ")
        if len(fields) > 4:
            yield Mount(_path(fields[4]), after.split(" ", 1)[0], fields[2], _path(fields[3]))


def _path(escaped: str) -> str:
    """Undo the kernel's octal escapes of blanks."""
    return os.fsdecode(os.fsencode(escaped).decode("unicode_escape").encode("latin-1"))


def answering_mounts(mountinfo: str) -> frozenset[str]:
    """Return the mount points that are not walked."""
    return frozenset(mount.point for mount in mounts(mountinfo) if mount.answers)


def around(found: Iterable[Mount], roots: Iterable[str]) -> frozenset[Mount]:
    """Return the mounts that the folders are on, and those below the folders."""
    last = {mount.point: mount for mount in found}  # a later one hides an earlier one
    result: set[Mount] = set()
    for root in roots:
        result.update(mount for point, mount in last.items() if within(point, root))
        if holds := _holding(last, root):
            result.add(holds)
    return frozenset(result)


def made_up(found: Iterable[Mount], path: str) -> bool:
    """Return whether the files at a path are answers of a program."""
    holds = _holding({mount.point: mount for mount in found}, path)
    return holds is not None and holds.answers


def _holding(mounts: Mapping[str, Mount], path: str) -> Mount | None:
    """Return the mount that a path is on."""
    above = [point for point in mounts if within(path, point)]
    return mounts[max(above, key=len)] if above else None


def shared_places(found: Iterable[Mount], roots: Iterable[str]) -> dict[str, str]:
    """Return where others may write without our being told, with the kind of file system."""
    places = {}
    for mount in found:
        if mount.shared:
            for root in roots:
                if within(mount.point, root):
                    places[mount.point] = mount.kind
                elif within(root, mount.point):
                    places[root] = mount.kind
    return places


def within(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")


class Remounts:
    """Whether something was mounted or unmounted; owns an open file of the kernel's, which tells."""

    def __init__(self) -> None:
        self._file = MOUNTINFO.open("rb")
        self._poll = select.poll()
        self._poll.register(self._file, select.POLLERR | select.POLLPRI)
        self._first = True

    def seen(self) -> bool:
        """Return whether there was a change since the last time; at first it is as if there was."""
        first, self._first = self._first, False
        return bool(self._poll.poll(0)) or first

    def close(self) -> None:
        self._file.close()
