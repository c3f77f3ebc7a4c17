"""The ingest process keeps the catalogue equal to the folder, whatever is killed or broken."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from semfs.config import data_dir
from semfs.errors import StoreError
from semfs.index.reading import MOST_TRIES
from semfs.model import FileStatus, Filters
from semfs.store.analysis import query_terms
from semfs.store.catalog import Catalog

HERE = Path(__file__).parent
READER = [sys.executable, str(HERE / "fake_reader.py")]
EMBEDDER = [sys.executable, str(HERE / "fake_embedder.py")]
PATIENCE_S = 30.0
PROGRAM = """
import json, logging, sys
from semfs.config import Config, Index
from semfs.index.ingest import run
from semfs.model import Kind
given = json.loads(sys.argv[1])
logging.basicConfig(level=logging.INFO)
run(name=given["name"], sources=given["sources"], reader_command=given["reader"],
    embed_command=given["embedder"], config=Config(index=Index(**given["limits"])),
    kind_of=lambda path: Kind.TEXT)
"""


class Running:
    """An ingest process over one folder, and what it has made of it."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder = folder
        self.name = name
        self.path = data_dir(name) / "catalog.db"
        self.catalog = Catalog(self.path)
        self.process: subprocess.Popen[str] | None = None

    def start(
        self, *, embedder: list[str] = EMBEDDER, reader: list[str] = READER, **limits: object
    ) -> Running:
        given = {
            "name": self.name,
            "sources": [str(self.folder)],
            "reader": READER,
            "embedder": embedder,
            "limits": {"workers": 1, "file_seconds": 2, **limits},
        }
        self.process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, json.dumps(given)], stderr=subprocess.PIPE, text=True
        )
        return self

    def put(self, name: str, text: str = "some words") -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def eventually(self, wanted: Callable[[], bool]) -> None:
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            try:
                if wanted():
                    return
            except StoreError:
                pass  # it is not there yet
            time.sleep(0.05)
        raise AssertionError(self.statuses())

    def settled(self, *names: str) -> None:
        """Wait until just these files are known, all done with."""

        def done() -> bool:
            return sorted(self.statuses()) == sorted(names) and self.catalog.coverage().complete

        self.eventually(done)

    def statuses(self) -> dict[str, str]:
        rows = self.catalog.matching(Filters())
        return {os.path.relpath(row.path, self.folder): row.status for row in rows}

    def found(self, words: str) -> list[str]:
        match = " ".join(f'"{term}"' for term in query_terms(words))
        hits = self.catalog.match_passages(match, limit=50)
        rows = self.catalog.files({file for _, file, _ in hits})
        return sorted(os.path.relpath(row.path, self.folder) for row in rows.values())

    def children(self) -> list[psutil.Process]:
        assert self.process
        return psutil.Process(self.process.pid).children()

    def end(self, number: int = signal.SIGTERM) -> str:
        """Stop it, and return its log."""
        assert self.process
        self.process.send_signal(number)
        _, log = self.process.communicate(timeout=PATIENCE_S)
        return log


def alive(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.fixture
def ingest(tmp_path: Path) -> Iterator[Running]:
    folder = tmp_path / "files"
    folder.mkdir()
    running = Running(folder, tmp_path.name)
    yield running
    if running.process and running.process.poll() is None:
        running.end(signal.SIGKILL)


def test_files_are_found_by_their_words_and_get_vectors(ingest: Running) -> None:
    ingest.put("a.txt", "a quick fox")
    ingest.put("sub/b.txt", "a slow bear")
    ingest.put(".hidden/c.txt", "a bear in hiding")
    ingest.start().settled("a.txt", "sub/b.txt")
    assert ingest.found("bear") == ["sub/b.txt"]
    assert ingest.catalog.vector_count()[0] == 2
    assert json.loads(ingest.catalog.meta("sources")) == [str(ingest.folder)]


def test_changes_are_followed(ingest: Running) -> None:
    ingest.put("a.txt", "a quick fox")
    ingest.start().settled("a.txt")
    ingest.put("a.txt", "a slow bear")
    ingest.eventually(lambda: ingest.found("bear") == ["a.txt"] and ingest.found("fox") == [])
    ingest.put("deep/er/b.txt", "an owl")
    ingest.settled("a.txt", "deep/er/b.txt")
    (ingest.folder / "deep").rename(ingest.folder / "moved")
    ingest.settled("a.txt", "moved/er/b.txt")
    assert ingest.found("owl") == ["moved/er/b.txt"]
    shutil.rmtree(ingest.folder / "moved")
    ingest.settled("a.txt")
    ingest.eventually(lambda: ingest.catalog.vector_count()[0] == 1)


def test_a_file_that_moves_keeps_its_row(ingest: Running) -> None:
    path = ingest.put("a.txt")
    ingest.start().settled("a.txt")
    before = ingest.catalog.file_at(str(path))
    path.rename(ingest.folder / "b.txt")
    ingest.settled("b.txt")
    after = ingest.catalog.file_at(str(ingest.folder / "b.txt"))
    assert before is not None
    assert after is not None
    assert after.id == before.id


def test_a_file_that_leaves_and_comes_back_is_not_embedded_again(ingest: Running) -> None:
    path = ingest.put("a.txt", "a quick fox")
    ingest.put("b.txt", "a slow bear")
    ingest.start().settled("a.txt", "b.txt")
    elsewhere = path.rename(ingest.folder.parent / "a.txt")
    ingest.eventually(lambda: ingest.catalog.vector_count()[0] == 1)
    ingest.end()
    ingest.start(embedder=[*EMBEDDER, "nobody needs it"])
    elsewhere.rename(path)
    ingest.settled("a.txt", "b.txt")
    assert ingest.catalog.vector_count()[0] == ingest.catalog.coverage().embedded == 2


def test_an_ignore_file_that_changes_decides_anew(ingest: Running) -> None:
    ingest.put("a.txt")
    ingest.put("b.log")
    ingest.start().settled("a.txt", "b.log")
    ingest.put(".semfsignore", "*.log\n")
    ingest.settled("a.txt")
    (ingest.folder / ".semfsignore").unlink()
    ingest.settled("a.txt", "b.log")


def test_what_cannot_be_read_is_a_row_with_its_reason(ingest: Running) -> None:
    for name in ("crash.txt", "hang.txt", "broken.txt", "image.txt", "a.txt"):
        ingest.put(name, name)
    ingest.put("large.txt", "x" * (1 << 20) + "x")
    ingest.start(max_file_mb=1).settled(
        "crash.txt", "hang.txt", "broken.txt", "image.txt", "a.txt", "large.txt"
    )
    rows = ingest.catalog.with_status(FileStatus.FAILED, FileStatus.SKIPPED)
    reasons = {os.path.basename(row.path): row.reason for row in rows}
    assert reasons == {
        "crash.txt": "the reader crashed (signal 11, Segmentation fault)",
        "hang.txt": "took longer than 2 s",
        "broken.txt": "it is damaged",
        "image.txt": "no text inside",
        "large.txt": "larger than 1 MB (index.max_file_mb)",
    }


def test_a_file_that_changes_whenever_it_is_read_is_found_all_the_same(ingest: Running) -> None:
    ingest.put("growing.txt", "an owl at night\n")  # the fake reader adds to it
    ingest.put("fox.txt", "the quick fox")
    ingest.start()
    ingest.eventually(lambda: ingest.found("owl") == ["growing.txt"])
    ingest.eventually(lambda: ingest.found("fox") == ["fox.txt"])


def test_higher_limits_give_files_another_chance(ingest: Running) -> None:
    ingest.put("large.txt", "x" + "\n" * (1 << 20))
    ingest.start(max_file_mb=1).settled("large.txt")
    ingest.end()
    ingest.start(max_file_mb=10)
    ingest.eventually(lambda: ingest.statuses() == {"large.txt": FileStatus.INDEXED})


def test_a_reader_that_is_killed_costs_nothing(ingest: Running) -> None:
    ingest.put("hang.txt")
    ingest.start(file_seconds=3)
    ingest.eventually(lambda: ingest.catalog.coverage().activity == "reading" and bool(ingest.children()))
    ingest.put("b.txt")
    for child in ingest.children():
        child.kill()
    ingest.put("a.txt", "an owl")
    ingest.eventually(lambda: ingest.found("owl") == ["a.txt"])


def test_after_kill_9_the_work_goes_on(ingest: Running) -> None:
    for number in range(40):
        ingest.put(f"{number}.txt", f"text {number}")
    ingest.start()
    ingest.eventually(lambda: ingest.catalog.coverage().indexed > 5)
    children = ingest.children()
    ingest.end(signal.SIGKILL)
    ingest.eventually(lambda: not any(map(alive, children)))
    ingest.start().settled(*(f"{number}.txt" for number in range(40)))


def test_a_file_that_was_being_read_at_many_deaths_is_given_up(ingest: Running) -> None:
    ingest.put("hang.txt")
    for _ in range(MOST_TRIES):
        ingest.start(file_seconds=60)
        ingest.eventually(lambda: ingest.catalog.coverage().activity == "reading" and bool(ingest.children()))
        ingest.end(signal.SIGKILL)
    ingest.start().settled("hang.txt")
    [row] = ingest.catalog.with_status(FileStatus.FAILED)
    assert row.reason == "was being read whenever its reader died"


def test_a_hard_link_changes_with_the_file(ingest: Running) -> None:
    path = ingest.put("a.txt", "an owl")
    os.link(path, ingest.folder / "b.txt")
    ingest.start().settled("a.txt", "b.txt")
    path.write_text("a bear")
    ingest.eventually(lambda: ingest.found("bear") == ["a.txt", "b.txt"])


def test_a_file_that_gets_the_inode_and_time_of_another_is_read(ingest: Running) -> None:
    path = ingest.put("a.txt", "an owl sleeps")
    ingest.start().settled("a.txt")
    before = path.stat()
    path.unlink()
    other = ingest.put("b.txt", "a fox is awak")
    os.utime(other, ns=(before.st_atime_ns, before.st_mtime_ns))
    ingest.eventually(lambda: ingest.found("fox") == ["b.txt"])


def test_a_source_that_is_deleted_and_made_again_is_followed(ingest: Running) -> None:
    ingest.put("a.txt", "an owl")
    ingest.start().settled("a.txt")
    shutil.rmtree(ingest.folder)
    ingest.eventually(lambda: "what is known of its files is kept" in ingest.catalog.meta("notice"))
    ingest.put("b.txt", "a bear")
    ingest.settled("b.txt")
    ingest.put("c.txt", "a fox")
    ingest.settled("b.txt", "c.txt")
    ingest.eventually(lambda: ingest.catalog.meta("notice") == "")


def test_a_damaged_catalogue_is_set_aside_and_built_again(ingest: Running) -> None:
    ingest.put("a.txt")
    ingest.start().settled("a.txt")
    ingest.end(signal.SIGKILL)
    for suffix in ("-wal", "-shm"):
        ingest.path.with_name(ingest.path.name + suffix).unlink()
    ingest.path.write_bytes(b"not a database at all " * 1000)
    ingest.catalog = Catalog(ingest.path)
    ingest.start().settled("a.txt")
    assert len(list(ingest.path.parent.glob("catalog.db.damaged-*"))) == 1
    assert "set aside and built again" in ingest.end()


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        ("UPDATE passages SET text = 'a bear'", "the text of passage 1 is not the one that was stored"),
        ("UPDATE vectors SET value = x'00700070'", "vector 1 is not the one that was stored"),
    ],
)
def test_values_that_are_not_those_that_were_stored_are_noticed_after_a_start(
    ingest: Running, sql: str, reason: str
) -> None:
    ingest.put("a.txt", "an owl")
    ingest.start().settled("a.txt")
    ingest.end()
    with sqlite3.connect(ingest.path) as database:
        database.execute(sql)
    database.close()
    ingest.start()
    ingest.eventually(lambda: len(list(ingest.path.parent.glob("catalog.db.damaged-*"))) == 1)
    ingest.settled("a.txt")
    assert ingest.found("owl") == ["a.txt"]
    assert reason in ingest.end()


def test_a_missing_model_leaves_words(ingest: Running) -> None:
    ingest.put("a.txt", "an owl")
    ingest.start(embedder=[*EMBEDDER, "the model is not there"])
    ingest.eventually(lambda: ingest.found("owl") == ["a.txt"])
    ingest.eventually(lambda: "the model is not there" in ingest.catalog.meta("notice"))
    assert ingest.end().count("the model is not there") == 1


def test_a_source_that_is_missing_keeps_what_is_known_of_it(ingest: Running) -> None:
    ingest.put("a.txt", "an owl")
    ingest.start().settled("a.txt")
    ingest.end()
    ingest.folder.rename(ingest.folder.with_name("unplugged"))
    ingest.start()
    ingest.eventually(lambda: "what is known of its files is kept" in ingest.catalog.meta("notice"))
    assert ingest.found("owl") == ["a.txt"]


def test_it_ends_cleanly_in_the_middle_of_a_file(ingest: Running) -> None:
    ingest.put("hang.txt")
    ingest.start(file_seconds=60)
    ingest.eventually(lambda: ingest.catalog.coverage().activity == "reading" and bool(ingest.children()))
    children = ingest.children()
    ingest.end()
    assert ingest.process is not None
    assert ingest.process.returncode == 0
    ingest.eventually(lambda: not any(map(alive, children)))
    with sqlite3.connect(ingest.path) as database:
        assert database.execute("SELECT tries FROM files").fetchall() == [(0,)]
    assert ingest.catalog.coverage().activity == ""


def test_a_second_one_for_the_same_mount_is_refused(ingest: Running) -> None:
    ingest.put("a.txt")
    ingest.start().settled("a.txt")
    program = (
        "import sys; from pathlib import Path; from semfs.index.opening import exclusive\n"
        "with exclusive(Path(sys.argv[1]), patience=0, stop=lambda: False): pass"
    )
    lock = str(ingest.path.with_name("ingest.lock"))
    second = subprocess.run(
        [sys.executable, "-c", program, lock], capture_output=True, text=True, check=False
    )
    assert "another semfs process indexes for this mount" in second.stderr
