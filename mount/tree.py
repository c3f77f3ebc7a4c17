"""The whole tree of a mount, by path.  Knows no FUSE.

Owns what outlives a lookup: snapshots of searches, answers, and who is waiting.  Every
method may be called from any thread and raises the errors of `semfs.errors`, or OSError for
a real file.  Paths begin with "/" and are the mount's own.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping

from semfs.config import Config
from semfs.errors import AlreadyExists, NoSuchEntry
from semfs.model import JobId, Kept
from semfs.mount.about import Queries
from semfs.mount.answers import Answers
from semfs.mount.ask import AskDirectory
from semfs.mount.content import TextFile
from semfs.mount.every import Timetable
from semfs.mount.herald import Herald
from semfs.mount.jobs import JobsDirectory
from semfs.mount.names import ROOT
from semfs.mount.narrow import FacetsDirectory
from semfs.mount.node import Access, Attr, Directory, File, FixedDirectory, Handle, Link, Make, Node
from semfs.mount.pauses import Pauses
from semfs.mount.ports import Service
from semfs.mount.query import SearchDirectory
from semfs.mount.readme import readme
from semfs.mount.run import PAUSE_S, RunFile, Submit
from semfs.mount.saved import SavedDirectory, Shelf
from semfs.mount.similar import SimilarDirectory
from semfs.mount.snapshots import Snapshots, Steps
from semfs.mount.system import system
from semfs.mount.targets import file_of
from semfs.mount.waiting import Waiters

NEWEST = 10  # jobs that `run` shows

RUN_USAGE = """\
Write what is to be done; read back the number of the job on the same open file:
  echo "total of the 2023 invoices by vendor" > run; cat jobs/last/wait
  exec 3<>run; echo "summarize the meeting notes" >&3; read -r job <&3
"""


class Tree:
    """What is at each path, and what can be done there."""

    def __init__(self, service: Service, config: Config, *, mountpoint: str) -> None:
        """`mountpoint` is an absolute path without links, for the targets of links that are made."""
        self.waiters = Waiters(config.mount.max_readers)
        self.allow_other = config.mount.allow_other
        self.calls: Counter[str] = Counter()  # the kernel's, by name; whoever serves the tree counts them
        self._service = service
        self._mountpoint = mountpoint
        self._longest = config.jobs.max_request_bytes
        self._snapshots = Snapshots(service)
        self._pauses = Pauses(PAUSE_S)
        self.root = FixedDirectory(ROOT, time.time(), self._children(time.time()))

    def _children(self, mtime: float) -> dict[str, Make]:
        queries = Queries(mtime, self._snapshots, self._submit, FacetsDirectory)
        paths = self._service.paths
        shelf = Shelf(self._service.saved, paths, queries, self._linked)
        timetable = Timetable(self._service.every)
        answers = Answers(self._service.ask, self._service.coverage, self.waiters)
        return {
            "README": lambda inode: TextFile(inode, mtime, lambda: readme(self._service.coverage())),
            "search": lambda inode: SearchDirectory(inode, mtime, queries),
            "saved": lambda inode: SavedDirectory(inode, mtime, shelf),
            "similar": lambda inode: SimilarDirectory(inode, mtime, paths, queries),
            "ask": lambda inode: AskDirectory(inode, mtime, answers),
            "run": lambda inode: RunFile(inode, mtime, self._submit(())),
            "jobs": lambda inode: JobsDirectory(inode, mtime, self._service.jobs, self.waiters, timetable),
            "sys": system(mtime, self._service, self.calls),
        }

    def _linked(self, name: str, target: str) -> str:
        """Return the file that a link in a saved query leads to."""
        base = f"{self._mountpoint}/saved/{name}"
        return file_of(target, base=base, mountpoint=self._mountpoint, link_at=self._link_at)

    def _link_at(self, path: str) -> str | None:
        node = self.find(path)
        return node.target if isinstance(node, Link) else None

    def _submit(self, within: Steps) -> Submit:
        def request(text: bytes) -> JobId:
            return self._service.submit(text, within=within)

        admit = self._service.jobs.admit
        return Submit(request, admit, self._run_usage, self._longest, self._pauses)

    def _run_usage(self) -> str:
        jobs = self._service.jobs
        lines = []
        for id in sorted(jobs.ids(), reverse=True)[:NEWEST]:
            try:
                view = jobs.get(id)
            except NoSuchEntry:
                continue  # removed since
            first = view.request.strip().partition("\n")[0]
            lines.append(f"{id:>5}  {view.status:<9}  {first[:60]}\n")
        return RUN_USAGE + ("\n" + "".join(lines) if lines else "")

    def herald(self) -> Herald:
        """Return what tells watchers; to be entered once the mount answers."""
        return Herald(self._service, self._mountpoint, lambda name: self._snapshots.outdate((Kept(name),)))

    def close(self) -> None:
        """Send away who waits, so that the mount can end."""
        self.waiters.close()
        self._pauses.close()

    # -- by path

    def find(self, path: str) -> Node:
        """Return what is at a path; raises NoSuchEntry."""
        node: Node = self.root
        for name in path.split("/"):
            if name:
                node = self._directory(node, name).lookup(name)
        return node

    def attr(self, path: str) -> Attr:
        return self.find(path).attr()

    def entries(self, path: str) -> list[tuple[str, Attr]]:
        """Return what a directory shows to one opener, without "." and ".."."""
        found = []
        for name, node in self._directory(self.find(path), path).entries():
            try:
                found.append((name, node.attr()))
            except NoSuchEntry:
                continue  # gone since
        return found

    def readlink(self, path: str) -> str:
        node = self.find(path)
        if not isinstance(node, Link):
            raise NoSuchEntry(path)
        node.followed()
        return node.target

    def open(self, path: str, access: Access) -> Handle:
        return self._file(path).open(access)

    def truncate(self, path: str, size: int) -> None:
        self._file(path).truncate(size)

    def change_mode(self, path: str) -> None:
        """Carry out chmod, which changes nothing, where it is no harm to say so."""
        self.find(path).change_mode()

    def remove(self, path: str) -> None:
        """Carry out unlink or rmdir."""
        parent, name = self._parent(path)
        parent.remove(name)

    def make(self, path: str) -> None:
        """Carry out what makes a file; it is refused with the reason, except in `jobs/every`."""
        parent, name = self._parent(path)
        parent.make(name)

    def make_directory(self, path: str) -> None:
        parent, name = self._parent(path)
        parent.make_directory(name)

    def make_link(self, path: str, target: str) -> None:
        parent, name = self._parent(path)
        parent.make_link(name, target)

    def rename(self, old: str, new: str, *, replace: bool = True) -> None:
        source, old_name = self._parent(old)
        parent, name = self._parent(new)
        if not replace and self._is_there(new):
            raise AlreadyExists(name)
        parent.take(name, source, old_name)

    def _is_there(self, path: str) -> bool:
        try:
            self.find(path)
        except NoSuchEntry:
            return False
        return True

    def attributes(self, path: str) -> Mapping[str, bytes]:
        """Return the extended attributes of what is at a path."""
        return self.find(path).attributes()

    def _parent(self, path: str) -> tuple[Directory, str]:
        parent, _, name = path.rpartition("/")
        return self._directory(self.find(parent or "/"), parent), name

    def _file(self, path: str) -> File:
        node = self.find(path)
        if not isinstance(node, File):
            raise NoSuchEntry(path)
        return node

    def _directory(self, node: Node, name: str) -> Directory:
        if not isinstance(node, Directory):
            raise NoSuchEntry(name)
        return node
