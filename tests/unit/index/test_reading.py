"""What is read next, and what becomes of it: with readers that answer what they are told to."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from semfs.config import Index
from semfs.index.extract import Answer
from semfs.index.pool import DEPTH, Outcome, Pool, Task
from semfs.index.reading import DEATH, UNSETTLED_S, Reading
from semfs.model import Chunk, FileId, FileStatus, Kind
from semfs.store.catalog import CatalogWriter, FileState


class ScriptedPool(Pool):
    """Takes tasks, and gives the outcomes that a test wants."""

    def __init__(self) -> None:
        super().__init__([], Index(workers=1))
        self.taken: list[Task] = []
        self.ready: list[Outcome] = []

    @property
    def tasks(self) -> list[Task]:
        return self.taken

    def room(self, *, urgent: bool = False) -> int:
        return (2 * DEPTH if urgent else DEPTH) - len(self.taken)

    def submit(self, task: Task) -> None:
        self.taken.append(task)

    def poll(self) -> list[Outcome]:
        ready, self.ready = self.ready, []
        return ready

    def end(self, answer: Answer, text: str = "", *, seconds: float = 0.0) -> None:
        """Let the first task come to an end."""
        task = self.taken.pop(0)
        chunks = (Chunk(text),) if text else ()
        self.ready.append(
            Outcome(
                task,
                answer,
                seconds=seconds,
                kind=Kind.TEXT,
                hash=text.encode(),
                chunks=chunks,
                terms=((text, ""),),
            )
        )


class Scene:
    """A catalogue, readers that do as told, and what is between them."""

    def __init__(self, path: Path) -> None:
        self.catalog = CatalogWriter(path)
        self.pool = ScriptedPool()
        self.reading = Reading(self.catalog, self.pool, most_bytes=1000)

    def add(self, *names: str) -> list[FileId]:
        with self.catalog.transaction():
            return [
                self.catalog.add(FileState(f"/{name}", 1, inode, 5, inode, 1), Kind.TEXT)
                for inode, name in enumerate(names, 1)
            ]

    def change(self, id: FileId) -> None:
        """Take note, as a look does, that a file has been written."""
        self.reading.outdate([id])
        with self.catalog.transaction():
            row = self.catalog.files([id])[id]
            self.catalog.touch(id, FileState(row.path, 1, id, 5, 9, 9), row.kind, changed=True)

    def status(self, name: str) -> tuple[FileStatus, int]:
        """Return a file's status and how many readings of it were begun and not ended."""
        with closing(sqlite3.connect(self.catalog.path)) as database:
            sql = "SELECT status, tries FROM files WHERE path = ?"
            status, tries = database.execute(sql, (f"/{name}".encode(),)).fetchone()
        return FileStatus(status), tries


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    made = Scene(tmp_path / "catalog.db")
    yield made
    made.catalog.close()


def test_a_file_that_was_just_saved_is_read_once(scene: Scene) -> None:
    (saved,) = scene.add("saved")
    scene.reading.hurry(["/saved"])
    scene.reading.advance()
    assert [task.id for task in scene.pool.taken] == [saved]


def test_a_file_that_is_saved_again_while_it_is_read_goes_before_others_again(scene: Scene) -> None:
    saved, *_ = scene.add("saved", "1", "2", "3")
    scene.reading.hurry(["/saved"])
    scene.reading.advance(bulk=False)
    scene.change(saved)
    scene.reading.hurry(["/saved"])
    scene.reading.advance(bulk=False)
    assert [task.id for task in scene.pool.taken] == [saved]
    scene.pool.end(Answer.READ, "an owl")
    scene.reading.advance(bulk=False)
    scene.reading.advance(bulk=False)
    assert [(task.id, task.urgent) for task in scene.pool.taken] == [(saved, True)]


def test_a_file_in_whose_place_is_another_is_looked_at_and_not_stored(scene: Scene) -> None:
    scene.add("moved")
    scene.reading.advance()
    scene.pool.end(Answer.OTHER)
    scene.reading.advance(bulk=False)
    assert scene.reading.doubtful == {"/moved"}
    assert scene.status("moved") == (FileStatus.PENDING, 0)


@pytest.mark.parametrize(("answer", "longest"), [(Answer.CHANGED, 200.0), (Answer.GONE, UNSETTLED_S)])
def test_only_a_file_that_was_written_while_it_was_read_rests_for_long(
    scene: Scene, answer: Answer, longest: float
) -> None:
    scene.add("restless")
    scene.reading.advance()
    scene.pool.end(answer, seconds=20.0)
    scene.reading.advance(bulk=False)
    assert longest - 1 < scene.reading.timeout() <= longest


def test_a_reader_that_dies_counts_for_the_file_until_it_is_read(scene: Scene) -> None:
    scene.add("deadly")
    scene.reading.advance()
    scene.pool.end(Answer.DIED)
    scene.reading.advance(bulk=False)
    assert scene.status("deadly") == (FileStatus.PENDING, DEATH)
    scene.reading.advance()
    scene.pool.end(Answer.READ, "an owl")
    scene.reading.advance()
    assert scene.status("deadly") == (FileStatus.INDEXED, 0)
