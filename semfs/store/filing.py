"""The files of the catalogue and how far each has come, as the folders and the readers tell."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

from semfs.model import FileId, FileStatus, Kind
from semfs.store.derived import EMBEDDED
from semfs.store.reader import Catalog
from semfs.store.rows import STATE_COLUMNS, FileState, Pending, batches, folded, marks, state_of, suffix_of
from semfs.store.texts import Texts
from semfs.store.transactions import Transactions

# Of a file of pictures nothing is there to be found, or not yet.
EMPTY = (
    "((scans <> '[]' OR scanned > 0) AND NOT EXISTS (SELECT 1 FROM passages WHERE passages.file = files.id))"
)
NO_TEXT = "no text inside but what may be in pictures"


class Filing(Catalog):
    """The writer's part of it; what changes something is called inside a transaction."""

    _db: Transactions

    def __init__(self, path: Path, db: Transactions) -> None:
        super().__init__(path, db)
        self._texts = Texts(self, db)

    def states(self, below: str = "") -> dict[str, tuple[FileId, FileState]]:
        """Return the known files by path: all of them, or `below` itself and what is below it."""
        sql = f"SELECT {STATE_COLUMNS} FROM files"
        parameters: tuple[bytes, ...] = ()
        if below:
            sql += " WHERE path = ? OR path > ? AND path < ?"
            parameters = (os.fsencode(below).rstrip(b"/"), *_inside(below))
        return {state.path: (id, state) for id, state in map(state_of, self._db.rows(sql, parameters))}

    def linked(self, states: Iterable[FileState]) -> set[str]:
        """Return the known paths of these files: all names of one with several, by its inode."""
        sql = "SELECT path FROM files WHERE device = ? AND inode = ?"
        identities = {(state.device, state.inode) for state in states}
        return {os.fsdecode(path) for identity in identities for (path,) in self._db.rows(sql, identity)}

    def has_files(self, below: str) -> bool:
        """Return whether a file below this folder is known."""
        return bool(self._db.rows("SELECT 1 FROM files WHERE path > ? AND path < ? LIMIT 1", _inside(below)))

    def pending(self, limit: int, *, avoid: Collection[str] = ()) -> list[Pending]:
        """Return files that wait to be read, newest first; none below the folders to `avoid`."""
        sql = (
            f"SELECT {STATE_COLUMNS}, hash, tries FROM files WHERE status = ?"
            f"{' AND NOT (path > ? AND path < ?)' * len(avoid)} ORDER BY mtime_ns DESC LIMIT ?"
        )
        bounds = [bound for folder in avoid for bound in _inside(folder)]
        rows = self._db.rows(sql, (FileStatus.PENDING, *bounds, limit))
        return [Pending(*state_of(row[:7]), hash=row[7], tries=row[8]) for row in rows]

    def pending_of(self, ids: Sequence[FileId]) -> list[Pending]:
        """Return which of these files wait to be read, in the order of `ids`."""
        found: dict[int, Pending] = {}
        for part in batches(ids):
            sql = f"SELECT {STATE_COLUMNS}, hash, tries FROM files WHERE status = ? AND id IN ({marks(part)})"
            for row in self._db.rows(sql, (FileStatus.PENDING, *part)):
                found[row[0]] = Pending(*state_of(row[:7]), hash=row[7], tries=row[8])
        return [found[id] for id in dict.fromkeys(ids) if id in found]

    def add(self, state: FileState, kind: Kind) -> FileId:
        """Add a file to be read."""
        cursor = self._db.execute(
            "INSERT INTO files (path, folder, device, inode, size, mtime_ns, ctime_ns, kind, suffix, status)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (*self._stated(state, kind), FileStatus.PENDING),
        )
        id = FileId(cursor.lastrowid or 0)
        self._texts.name(id, state.path)
        return id

    def _stated(self, state: FileState, kind: Kind) -> tuple[object, ...]:
        """Return the columns from `path` to `suffix`, in the order in which the table has them."""
        path = os.fsencode(state.path)
        numbers = (state.device, state.inode, state.size, state.mtime_ns, state.ctime_ns)
        return (path, self._folder(path), *numbers, kind, suffix_of(state.path))

    def _folder(self, file: bytes) -> int:
        """Return the number of the folder that a file lies in."""
        path = os.path.dirname(file)
        known = self._db.rows("SELECT id FROM folders WHERE path = ?", (path,))
        if known:
            return int(known[0][0])
        values = (path, f"{folded(path).rstrip('/')}/")
        return self._db.execute("INSERT INTO folders (path, folded) VALUES (?, ?)", values).lastrowid or 0

    def touch(self, id: FileId, state: FileState, kind: Kind, *, changed: bool) -> None:
        """Note a new state; `changed` sends the file to be read again, its old text stays until then."""
        row = self.files([id])[id]
        if row.path != state.path:
            self._texts.unname(row)
            self._texts.name(id, state.path, row.title, row.language)
        if os.path.splitext(row.path)[1] == os.path.splitext(state.path)[1]:
            kind = row.kind  # the content said so, the name says less
        self._db.execute(
            "UPDATE files SET path = ?, folder = ?, device = ?, inode = ?, size = ?, mtime_ns = ?,"
            " ctime_ns = ?, kind = ?, suffix = ? WHERE id = ?",
            (*self._stated(state, kind), id),
        )
        if changed:
            self._db.execute(
                "UPDATE files SET status = ?, reason = '', tries = 0 WHERE id = ?", (FileStatus.PENDING, id)
            )

    def remove(self, id: FileId) -> None:
        """Forget a file and its passages; vectors without passages go with `sweep`."""
        row = self.files([id]).get(id)
        if row is None:
            return
        self._texts.clear(row)
        self._texts.unname(row)
        self._db.execute("DELETE FROM files WHERE id = ?", (id,))

    def unsettle(self, id: FileId) -> None:
        """Have a file read again when it is next looked at, even if it is the same."""
        self._db.execute("UPDATE files SET ctime_ns = 0 WHERE id = ?", (id,))

    def begin(self, ids: Sequence[FileId], *, tries: int = 1) -> None:
        """Count a try for files whose reading starts, so that one that kills its reader is noticed."""
        for part in batches(ids):
            sql = f"UPDATE files SET tries = tries + ? WHERE id IN ({marks(part)})"
            self._db.execute(sql, (tries, *part))

    def release(self, ids: Sequence[FileId]) -> None:
        """Take back the try of files whose reading was stopped through no fault of theirs."""
        for part in batches(ids):
            self._db.execute(f"UPDATE files SET tries = max(tries - 1, 0) WHERE id IN ({marks(part)})", part)

    def read_again(self, *statuses: FileStatus) -> int:
        """Send the files of a status to be read again, as when limits or indexers have changed."""
        sql = f"UPDATE files SET status = ?, reason = '', tries = 0 WHERE status IN ({marks(statuses)})"
        return self._db.execute(sql, (FileStatus.PENDING, *statuses)).rowcount

    def read_again_below(self, folder: str) -> int:
        """Send files of a folder to be read again that failed because it did not answer."""
        sql = (
            "UPDATE files SET status = ?, reason = '', tries = 0 WHERE status = ? AND path > ? AND path < ?"
            " AND (reason LIKE 'cannot be opened%' OR reason LIKE 'took longer%')"
        )
        return self._db.execute(sql, (FileStatus.PENDING, FileStatus.FAILED, *_inside(folder))).rowcount

    def keep(self, id: FileId) -> None:
        """Mark a file read whose passages come from its content; SKIPPED if it is an empty picture."""
        sql = (
            f"UPDATE files SET status = iif({EMPTY}, ?, ?), reason = iif({EMPTY}, ?, replace(reason, ?, '')),"
            f" tries = 0, embedded = NOT {EMPTY} AND {EMBEDDED} WHERE id = ?"
        )
        self._db.execute(sql, (FileStatus.SKIPPED, FileStatus.INDEXED, NO_TEXT, NO_TEXT, id))

    def read_once_more(self, id: FileId) -> None:
        """Send a file to be read again; what is known of it stays until then."""
        self._db.execute("UPDATE files SET status = ?, tries = 0 WHERE id = ?", (FileStatus.PENDING, id))


def _inside(folder: str) -> tuple[bytes, bytes]:
    """Return between which two paths all lie that are below a folder."""
    top = os.fsencode(folder).rstrip(b"/")
    return top + b"/", top + b"0"  # "0" comes after "/"
