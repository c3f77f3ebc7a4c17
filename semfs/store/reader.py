"""Reading the catalogue: the files, their passages and the vectors of these.

A `Catalog` may be used from any thread of any process.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence

import numpy as np

from semfs.model import FileId, FileRow, FileStatus, Filters, Passage, PassageId, VectorId
from semfs.store.postings import Postings
from semfs.store.rows import (
    BATCH,
    FILE_COLUMNS,
    PASSAGE_COLUMNS,
    Vectors,
    batches,
    file_of,
    marks,
    passage_of,
    where_of,
)


class Catalog(Postings):
    """Read the catalogue; safe to use from many threads."""

    # -- files

    def files(self, ids: Iterable[FileId]) -> dict[FileId, FileRow]:
        found: dict[FileId, FileRow] = {}
        for part in batches(list(ids)):
            sql = f"SELECT {FILE_COLUMNS} FROM files WHERE id IN ({marks(part)})"
            found.update((row.id, row) for row in map(file_of, self._db.rows(sql, part)))
        return found

    def file_at(self, path: str) -> FileRow | None:
        rows = self._db.rows(f"SELECT {FILE_COLUMNS} FROM files WHERE path = ?", (os.fsencode(path),))
        return file_of(rows[0]) if rows else None

    def with_content(self, hashes: Iterable[bytes]) -> list[FileRow]:
        """Return the files that have one of these contents; looks at every file."""
        wanted = list(hashes)
        sql = f"SELECT {FILE_COLUMNS} FROM files WHERE hash IN ({marks(wanted[:BATCH])}) ORDER BY id"
        return [file_of(row) for row in self._db.rows(sql, wanted[:BATCH])]

    def is_folder(self, path: str) -> bool:
        """Say whether a file is known below this path."""
        top = os.fsencode(path).rstrip(b"/")
        sql = "SELECT 1 FROM files WHERE path > ? AND path < ? LIMIT 1"
        return bool(self._db.rows(sql, (top + b"/", top + b"0")))  # "0" comes after "/"

    def matching(self, filters: Filters, *, limit: int = -1) -> list[FileRow]:
        """Return the files that pass the filters, newest first; `limit` -1 is all of them."""
        where, parameters = where_of(filters)
        sql = f"SELECT {FILE_COLUMNS} FROM files WHERE {where} ORDER BY mtime_ns DESC, id LIMIT ?"
        return [file_of(row) for row in self._db.rows(sql, (*parameters, limit))]

    def matching_ids(self, filters: Filters) -> set[FileId]:
        where, parameters = where_of(filters)
        return {FileId(row[0]) for row in self._db.rows(f"SELECT id FROM files WHERE {where}", parameters)}

    def any_passes(self, filters: Filters) -> bool:
        where, parameters = where_of(filters)
        return bool(self._db.rows(f"SELECT 1 FROM files WHERE {where} LIMIT 1", parameters))

    def any_author(self, name: str) -> bool:
        """Say whether some author or sender has all words of this name."""
        authors = "SELECT DISTINCT author FROM files WHERE author <> ''"
        return bool(self._db.rows(f"SELECT 1 FROM ({authors}) WHERE is_named(author, ?) LIMIT 1", (name,)))

    def any_recipient(self, name: str) -> bool:
        """Say whether some mail was sent to somebody who has all words of this name."""
        recipients = "SELECT DISTINCT recipients FROM files WHERE recipients <> ''"
        return bool(
            self._db.rows(f"SELECT 1 FROM ({recipients}) WHERE is_named(recipients, ?) LIMIT 1", (name,))
        )

    def troubles(self) -> list[FileRow]:
        """Return the files that could not be read, or not all of them, newest first."""
        partly = f"SELECT {FILE_COLUMNS} FROM files WHERE status = 'indexed' AND reason <> ''"
        rows = [*self.with_status(FileStatus.FAILED), *map(file_of, self._db.rows(partly))]
        return sorted(rows, key=lambda row: -row.mtime)

    def with_status(self, *statuses: FileStatus, limit: int = -1) -> list[FileRow]:
        """Return files by status, newest first."""
        sql = (
            f"SELECT {FILE_COLUMNS} FROM files WHERE status IN ({marks(statuses)})"
            " ORDER BY mtime_ns DESC, id LIMIT ?"
        )
        return [file_of(row) for row in self._db.rows(sql, (*statuses, limit))]

    def sample(self, most: int) -> list[FileId]:
        """Return up to `most` of the indexed files, evenly drawn by the order in which they came."""
        total = self.coverage().indexed
        sql = "SELECT id FROM files WHERE status = 'indexed' AND id % ? = 0 ORDER BY id LIMIT ?"
        return [FileId(id) for (id,) in self._db.rows(sql, (max(1, -(-total // most)), most))]

    # -- passages

    def passages(self, ids: Iterable[PassageId]) -> dict[PassageId, Passage]:
        found: dict[PassageId, Passage] = {}
        for part in batches(list(ids)):
            sql = f"SELECT {PASSAGE_COLUMNS} FROM passages WHERE id IN ({marks(part)})"
            found.update((row.id, row) for row in map(passage_of, self._db.rows(sql, part)))
        return found

    def passages_of(self, file: FileId) -> list[Passage]:
        """Return a file's passages in order; their texts joined by newlines are its text."""
        sql = f"SELECT {PASSAGE_COLUMNS} FROM passages WHERE file = ? ORDER BY ordinal"
        return [passage_of(row) for row in self._db.rows(sql, (file,))]

    def passage_counts(self, files: Iterable[FileId]) -> dict[FileId, int]:
        """Return how many passages each of these files has."""
        sql = (
            "SELECT file, count(*) FROM passages WHERE file IN (SELECT value FROM json_each(?)) GROUP BY file"
        )
        return {FileId(file): int(count) for file, count in self._db.rows(sql, (json.dumps(list(files)),))}

    # -- vectors

    def vectors_after(self, last: VectorId, *, limit: int = -1) -> tuple[list[VectorId], Vectors]:
        """Return the vectors that are newer than `last`, oldest first."""
        rows = self._db.rows("SELECT id, value FROM vectors WHERE id > ? ORDER BY id LIMIT ?", (last, limit))
        ids = [VectorId(row[0]) for row in rows]
        return ids, _vectors([row[1] for row in rows]) if rows else np.empty((0, 0), np.float32)

    def vector_count(self) -> tuple[int, VectorId]:
        """Return how many vectors there are and the newest id (0 if none)."""
        newest = self._db.rows("SELECT coalesce(max(id), 0) FROM vectors")[0][0]
        return self._counts("vectors")["vectors"], VectorId(newest)

    def passages_with(self, vectors: Sequence[VectorId]) -> list[tuple[VectorId, PassageId, FileId]]:
        """Return the passages that have these vectors; one vector may stand for several.

        By the index, as the rows are pages of values: 3 ms in the place of 13 for 400 of a million.
        """
        found: list[tuple[VectorId, PassageId, FileId]] = []
        for part in batches(vectors):
            sql = (
                "SELECT vectors.id, passages.id, passages.file FROM vectors INDEXED BY vectors_hashes"
                f" JOIN passages USING (hash) WHERE vectors.id IN ({marks(part)})"
            )
            found += [(VectorId(v), PassageId(p), FileId(f)) for v, p, f in self._db.rows(sql, part)]
        return found

    def vectors_by_passage(self, passages: Iterable[PassageId]) -> dict[PassageId, Vectors]:
        """Return the vectors of passages that have one."""
        found: dict[PassageId, Vectors] = {}
        for part in batches(list(passages)):
            sql = (
                "SELECT passages.id, vectors.value FROM passages JOIN vectors USING (hash)"
                f" WHERE passages.id IN ({marks(part)})"
            )
            for id, value in self._db.rows(sql, part):
                found[PassageId(id)] = np.frombuffer(value, dtype="<f2").astype(np.float32)
        return found

    def vectors_of(self, files: Iterable[FileId]) -> list[VectorId]:
        """Return the vectors of all passages of these files."""
        sql = (
            "SELECT DISTINCT vectors.id FROM passages JOIN vectors USING (hash)"
            " WHERE file IN (SELECT value FROM json_each(?))"
        )
        return [VectorId(row[0]) for row in self._db.rows(sql, (json.dumps(list(files)),))]

    def file_vectors(
        self, files: Iterable[FileId], *, most: int
    ) -> dict[FileId, tuple[list[PassageId], Vectors]]:
        """Return passages with their vectors by file: up to `most` of each, evenly spread over it."""
        sql = (
            "WITH chosen AS (SELECT file, count(*) AS length FROM passages"
            " WHERE file IN (SELECT value FROM json_each(?)) GROUP BY file)"
            " SELECT passages.file, passages.id, vectors.value FROM chosen JOIN passages USING (file)"
            " JOIN vectors USING (hash) WHERE ordinal % ((length + ?) / ?) = 0 ORDER BY ordinal"
        )
        rows: dict[FileId, list[tuple[PassageId, bytes]]] = {}
        for file, passage, value in self._db.rows(sql, (json.dumps(list(files)), most - 1, most)):
            rows.setdefault(FileId(file), []).append((PassageId(passage), value))
        return {
            file: ([passage for passage, _ in found], _vectors([value for _, value in found]))
            for file, found in rows.items()
        }


def _vectors(values: Sequence[bytes]) -> Vectors:
    """Return vectors as they are stored, one a row."""
    return np.frombuffer(b"".join(values), dtype="<f2").reshape(len(values), -1).astype(np.float32)
