"""A file that breaks its reader costs only itself."""

from __future__ import annotations

import os
import select
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from semfs.config import Index
from semfs.index import pool as pools
from semfs.index.child import Frame
from semfs.index.extract import MOST_TEXT, Answer, clean, content_of, limited
from semfs.index.pool import Outcome, Pool, Task, parse_answer
from semfs.model import Chunk, Document, FileId, Kind, Section

READER = [sys.executable, str(Path(__file__).with_name("fake_reader.py"))]
LIMITS = Index(workers=1, file_seconds=1)


@pytest.fixture
def pool() -> Iterator[Pool]:
    made = Pool(READER, LIMITS)
    yield made
    made.close()


def finish(pool: Pool, count: int = 1) -> list[Outcome]:
    """Wait for so many outcomes."""
    outcomes: list[Outcome] = []
    until = time.monotonic() + 30
    while len(outcomes) < count and time.monotonic() < until:
        select.select([child.fileno() for child in pool.children], [], [], max(min(pool.timeout(), 1), 0))
        outcomes += pool.poll()
    assert len(outcomes) == count
    return outcomes


def read(pool: Pool, path: Path, *, hash: bytes = b"") -> Outcome:
    pool.submit(Task(FileId(1), str(path), hash))
    return finish(pool)[0]


def put(folder: Path, name: str, text: str = "some words\n") -> Path:
    path = folder / name
    path.write_text(text)
    return path


def test_a_file_comes_back_as_passages_with_their_words(pool: Pool, tmp_path: Path) -> None:
    path = put(tmp_path, "a.txt", "Two Cats")
    outcome = read(pool, path)
    assert (outcome.answer, outcome.kind) == (Answer.READ, Kind.MARKDOWN)
    assert [chunk.text for chunk in outcome.chunks] == ["Two Cats"]
    assert outcome.hash == content_of(str(path))
    assert outcome.document.title == "a.txt"
    assert len(outcome.terms) == 1


def test_unchanged_content_is_not_parsed_again(pool: Pool, tmp_path: Path) -> None:
    path = put(tmp_path, "crash.txt")
    assert read(pool, path, hash=content_of(str(path))).answer is Answer.SAME


def test_a_crash_costs_one_file_and_the_next_is_read(pool: Pool, tmp_path: Path) -> None:
    outcome = read(pool, put(tmp_path, "crash.txt"))
    assert outcome.answer is Answer.DIED
    assert outcome.reason.startswith("the reader crashed (signal 11")
    assert read(pool, put(tmp_path, "a.txt")).answer is Answer.READ


def test_a_child_killed_from_outside_is_replaced(pool: Pool, tmp_path: Path) -> None:
    pool.submit(Task(FileId(1), str(put(tmp_path, "hang.txt"))))
    while not pool.children[0].ready:
        assert pool.poll() == []
        time.sleep(0.02)
    os.kill(pool.children[0].pid, signal.SIGKILL)
    assert finish(pool)[0].answer is Answer.DIED
    assert read(pool, put(tmp_path, "a.txt")).answer is Answer.READ


def test_a_file_that_takes_too_long_is_given_up(pool: Pool, tmp_path: Path) -> None:
    outcome = read(pool, put(tmp_path, "hang.txt"))
    assert (outcome.answer, outcome.reason) == (Answer.LATE, "took longer than 1 s")


@pytest.mark.parametrize(
    ("name", "answer", "reason"),
    [
        ("broken.txt", Answer.FAILED, "it is damaged"),
        ("image.txt", Answer.SKIPPED, "no text inside"),
        ("bug.txt", Answer.FAILED, "the reader failed: ValueError: a bug"),
        ("hungry.txt", Answer.FAILED, "needs more memory than index.file_memory_mb allows"),
        ("growing.txt", Answer.CHANGED, ""),
        ("loud.txt", Answer.READ, ""),
    ],
)
def test_each_end_has_its_answer(pool: Pool, tmp_path: Path, name: str, answer: Answer, reason: str) -> None:
    outcome = read(pool, put(tmp_path, name))
    assert (outcome.answer, outcome.reason) == (answer, reason)


def test_what_is_no_regular_file_any_more_is_gone(pool: Pool, tmp_path: Path) -> None:
    assert read(pool, tmp_path / "none.txt").answer is Answer.GONE
    os.mkfifo(tmp_path / "fifo.txt")
    assert read(pool, tmp_path / "fifo.txt").answer is Answer.GONE
    (tmp_path / "link.txt").symlink_to(put(tmp_path, "a.txt"))
    assert read(pool, tmp_path / "link.txt").answer is Answer.GONE


def test_a_file_that_has_taken_the_place_of_another_is_not_read_for_it(pool: Pool, tmp_path: Path) -> None:
    path = put(tmp_path, "a.txt")
    inode = path.stat().st_ino
    put(tmp_path, "b.txt").rename(path)
    for known, answer in ((inode, Answer.OTHER), (path.stat().st_ino, Answer.READ)):
        pool.submit(Task(FileId(1), str(path), inode=known))
        assert finish(pool)[0].answer is answer


def test_names_that_are_no_utf8_are_read(pool: Pool, tmp_path: Path) -> None:
    assert read(pool, put(tmp_path, "caf\udce9.txt")).answer is Answer.READ


def test_children_go_when_there_is_nothing_to_do(
    pool: Pool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read(pool, put(tmp_path, "a.txt"))
    monkeypatch.setattr(pools, "IDLE_S", 0.0)
    pool.poll()
    assert pool.children == []


def test_a_child_that_has_read_many_files_is_retired(
    pool: Pool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pools, "RETIRE_FILES", 1)
    assert read(pool, put(tmp_path, "a.txt")).answer is Answer.READ
    assert pool.children == []
    assert read(pool, put(tmp_path, "b.txt")).answer is Answer.READ


@pytest.mark.warns
def test_children_that_do_not_start_blame_no_file(tmp_path: Path) -> None:
    pool = Pool([*READER, "broken"], LIMITS)
    path = put(tmp_path, "a.txt")
    for _ in range(pools.START_TRIES):
        assert read(pool, path).answer is Answer.RETURNED
    assert pool.resting
    assert pool.room() == 0


def test_very_long_text_is_cut_off() -> None:
    document = Document([Section("a" * (MOST_TEXT - 1)), Section("bb"), Section("c")])
    sections, left_out = limited(document)
    assert left_out
    assert [len(section.text) for section in sections] == [MOST_TEXT - 1, 1]


def test_text_is_made_fit_for_sqlite() -> None:
    assert clean("a\0b\udcffc") == "a\ufffdb?c"


def test_nothing_that_a_reader_says_can_fail_to_be_stored() -> None:
    task = Task(FileId(1), "/a")
    failed = parse_answer(task, Frame({"answer": "failed", "reason": "bad \udcff\0"}), 0.0)
    assert failed.reason == "bad ?\ufffd"
    odd = {"title": "\ud800", "author": "", "created": None, "language": "\ud800", "recipients": "\ud800"}
    said = {"answer": "read", **odd, "chunks": [["a\ud800", "", 2**70, "x"]], "terms": [["\ud800", ""]]}
    outcome = parse_answer(task, Frame(said), 0.0)
    assert outcome.document == Document((), title="?", language="?", recipients="?")
    assert outcome.chunks == (Chunk("a?"),)
    assert outcome.terms == (("?", ""),)


def test_what_cannot_be_a_way_to_a_picture_is_none() -> None:
    scans = [[2], [3, 0, 1], [], [0], [3, 0], [1, -1, 1], ["a", 1], [1 << 40], 7, None]
    frame = Frame({"answer": "skipped", "scans": scans})

    assert parse_answer(Task(FileId(1), "/a"), frame, 0.0).document.scans == ((2,), (3, 0, 1))
