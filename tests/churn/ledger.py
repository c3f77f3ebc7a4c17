"""Compare everything that is kept about a folder with the folder.

`differences` reads the catalogue with SQL of its own, so that a mistake of the reading side
does not hide one of the writing side.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path

import numpy as np
import tantivy

from semfs.index.chunk import chunk
from semfs.model import FileStatus, Section
from semfs.search.vector import VectorIndex
from semfs.store.analysis import analyse, analyse_name, quoted
from semfs.store.catalog import Catalog, content_hash
from semfs.store.rows import LARGEST
from semfs.store.words import WordIndex

Content = Mapping[str, bytes | None]
TOKENS = "tokenize = \"unicode61 tokenchars '_'\""


def differences(
    path: Path, content: Content, vectors: VectorIndex, vector: Callable[[str], bytes] | None
) -> Iterator[str]:
    """Say in what catalogue, words and vectors are not what the folder is; the cheapest first.

    `vector` is what the embedder makes of a text, None if that is not to be compared.
    """
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as database:
        for part in (_files, _passages, _leftovers, _counts, _full_text):
            found = list(part(database, content))
            yield from found
            if found:
                return
        yield from _vectors(database, vector)
        yield from _words_beside(database, path)
        yield from _nearest(database, path, vectors)


def _files(database: sqlite3.Connection, content: Content) -> Iterator[str]:
    rows = database.execute("SELECT path, status, hash, size, mtime_ns, inode FROM files").fetchall()
    known = {os.fsdecode(path): rest for path, *rest in rows}
    if missing := content.keys() - known.keys():
        yield f"not in the catalogue: {sorted(missing)}"
    if extra := known.keys() - content.keys():
        yield f"only in the catalogue: {sorted(extra)}"
    for path in content.keys() & known.keys():
        status, hash, *state = known[path]
        data = content[path]
        if data is None:
            expected = (FileStatus.FAILED, b"")
        else:
            expected = (FileStatus.INDEXED, hashlib.blake2b(data, digest_size=16).digest())
        if (status, hash) != expected:
            yield f"{path}: {status} {hash.hex()}, not {expected[0]} {expected[1].hex()}"
        now = os.lstat(path)
        if state != [now.st_size, max(-LARGEST, min(now.st_mtime_ns, LARGEST)), now.st_ino]:
            yield f"{path}: size, time and inode are {state}"


def _text(data: bytes) -> str:
    """Return what an indexer of plain text reads, as it is stored."""
    text = data.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")
    return text.replace("\0", "\ufffd")


def _passages(database: sqlite3.Connection, content: Content) -> Iterator[str]:
    rows = database.execute(
        "SELECT files.path, ordinal, text, passages.hash FROM files LEFT JOIN passages ON file = files.id"
        " ORDER BY files.id, ordinal"
    ).fetchall()
    known: dict[str, list[str]] = {}
    for path, ordinal, text, hash in rows:
        texts = known.setdefault(os.fsdecode(path), [])
        if ordinal is None:
            continue
        if ordinal != len(texts) or hash != content_hash("", text):
            yield f"{path}: passage {ordinal} after {len(texts)}, or its hash is not its text's"
        texts.append(text)
    for path, data in content.items():
        expected = [] if data is None else [item.text for item in chunk([Section(_text(data), line=1)])]
        if known.get(path) != expected:
            yield f"{path}: its passages are {known.get(path)}, not {expected}"


def _leftovers(database: sqlite3.Connection, content: Content) -> Iterator[str]:
    orphans = {
        "passages of no file": "SELECT count(*) FROM passages WHERE file NOT IN (SELECT id FROM files)",
        "vectors of no passage": "SELECT count(*) FROM vectors WHERE hash NOT IN (SELECT hash FROM passages)",
        "without a vector": "SELECT count(*) FROM passages WHERE hash NOT IN (SELECT hash FROM vectors)",
        "waiting for a vector": "SELECT count(*) FROM waiting",
        "forgotten, and the words not told": "SELECT count(*) FROM forgotten",
        "embedded, and not said so": "SELECT count(*) FROM files WHERE embedded <> (status = 'indexed')",
        "tried and not ended": "SELECT count(*) FROM files WHERE tries <> 0",
    }
    for what, sql in orphans.items():
        count = database.execute(sql).fetchone()[0]
        if count:
            yield f"{count} {what}"
    for (result,) in database.execute("PRAGMA integrity_check"):
        if result != "ok":
            yield f"integrity: {result}"


def _counts(database: sqlite3.Connection, content: Content) -> Iterator[str]:
    told = {what: value for what, value in database.execute("SELECT what, value FROM counts") if value}
    real: dict[str, int] = {}
    for table in ("passages", "vectors", "waiting"):
        real[table] = database.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
    real["embedded"] = database.execute("SELECT count(*) FROM files WHERE embedded = 1").fetchone()[0]
    for column in ("status", "language"):
        rows = database.execute(f"SELECT {column}, count(*) FROM files GROUP BY 1")
        real |= {f"{column}:{value}": count for value, count in rows}
    real = {what: value for what, value in real.items() if value}
    if told != real:
        yield f"counted {told}, and there are {real}"


def _full_text(database: sqlite3.Connection, content: Content) -> Iterator[str]:
    """Compare the postings with those of a full text that is made anew."""
    passages = database.execute(
        "SELECT passages.id, text, heading, language FROM passages JOIN files ON files.id = file"
    ).fetchall()
    expected = [
        (id, analyse(text, language), analyse(heading, language)) for id, text, heading, language in passages
    ]
    yield from _postings(database, "passages_fts", ("text", "heading"), expected)
    files = database.execute("SELECT id, path, title, language FROM files").fetchall()
    named = [
        (id, analyse_name(os.path.basename(os.fsdecode(path)), language), analyse(title, language))
        for id, path, title, language in files
    ]
    yield from _postings(database, "names_fts", ("name", "title"), named)


def _postings(
    database: sqlite3.Connection, table: str, columns: tuple[str, str], rows: list[tuple[int, str, str]]
) -> Iterator[str]:
    with closing(sqlite3.connect(":memory:")) as anew:
        anew.execute(
            f"CREATE VIRTUAL TABLE {table} USING fts5 ({', '.join(columns)}, content = '', {TOKENS})"
        )
        anew.executemany(f"INSERT INTO {table} (rowid, {', '.join(columns)}) VALUES (?, ?, ?)", rows)
        expected, known = _instances(anew, table), _instances(database, table)
    if known != expected:
        yield f"{table}: too many {sorted(known - expected)[:5]}, missing {sorted(expected - known)[:5]}"


def _instances(database: sqlite3.Connection, table: str) -> Counter[tuple[object, ...]]:
    database.execute(f"CREATE VIRTUAL TABLE temp.{table}_all USING fts5vocab (main, {table}, instance)")
    rows = Counter(database.execute(f"SELECT doc, term, col, offset FROM {table}_all").fetchall())
    database.execute(f"DROP TABLE temp.{table}_all")
    return rows


def _vectors(database: sqlite3.Connection, vector: Callable[[str], bytes] | None) -> Iterator[str]:
    if vector is None:
        return
    rows = database.execute("SELECT text, value FROM passages JOIN vectors USING (hash)").fetchall()
    for text, value in rows:
        if np.frombuffer(vector(text), "<f4").astype("<f2").tobytes() != value:
            yield f"the vector of {text!r} is another's"


def _words_beside(database: sqlite3.Connection, path: Path) -> Iterator[str]:
    """Ask the index beside the catalogue for every word."""
    rows = database.execute(
        "SELECT passages.id, file, text, language FROM passages JOIN files ON files.id = file"
    ).fetchall()
    if not rows:
        return
    identity = database.execute("SELECT value FROM meta WHERE key = 'identity'").fetchone()[0]
    expected: dict[str, set[tuple[int, int]]] = {}
    for id, file, text, language in rows:
        for term in analyse(text, language).split():
            expected.setdefault(term, set()).add((id, file))
    words = WordIndex(path.with_name("words"), fewest=1)
    count = tantivy.Index.open(str(path.with_name("words"))).searcher().num_docs
    if count != len(rows):
        yield f"words: {count} passages, not {len(rows)}"
        return
    for term, wanted in expected.items():
        found = words.match(quoted(term), limit=-1, within=None, of=lambda: (identity, len(rows)))
        if (
            found is None
            or {(passage, file) for passage, file, _ in found} != wanted
            or len(found) != len(wanted)
        ):
            yield f"words: {term} is in {found}, not {wanted}"


def _nearest(database: sqlite3.Connection, path: Path, vectors: VectorIndex) -> Iterator[str]:
    """Ask for everything near a vector: each passage is there once, each with its own cosine."""
    rows = database.execute(
        "SELECT passages.id, vectors.id, value FROM passages JOIN vectors USING (hash)"
    ).fetchall()
    if not rows:
        return
    query = np.frombuffer(rows[0][2], "<f2").astype(np.float32)
    near = vectors.search(query, limit=10_000)
    found = dict(near.found) if near else {}
    catalog = Catalog(path)
    hits = Counter(passage for _, passage, _ in catalog.passages_with(list(found)))
    catalog.close()
    if hits != Counter(id for id, _, _ in rows):
        yield f"nearest: {sorted(hits)} are found, not {sorted(id for id, _, _ in rows)}"
        return
    for passage, id, value in rows:
        if abs(found[id] - float(np.frombuffer(value, "<f2").astype(np.float32) @ query)) > 1e-3:
            yield f"nearest: the cosine of passage {passage} is another's"
