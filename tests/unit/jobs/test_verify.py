"""`verify`: what became of the files that a job read and quoted."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from semfs.errors import Interrupted
from semfs.jobs.jobs import Jobs
from semfs.model import Chunk, Document, JobId, Kind
from semfs.store.catalog import FileState

ASK = b"""#!semfs plan
notes = find("note")
told = answer(notes, "Which cat is black?")
save(told, "told.md")
"""


def write(house, name: str, text: str, *, indexed: bool = True) -> Path:
    """Put a real file with this text into the folder, and into the catalogue as it is then read."""
    path = house.directory / "files" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    if indexed:
        with house.writer.transaction():
            now = os.stat(path)
            state = FileState(str(path), 1, now.st_ino, now.st_size, now.st_mtime_ns, now.st_ctime_ns)
            hash = hashlib.blake2b(text.encode(), digest_size=16).digest()
            known = house.writer.file_at(str(path))
            id = known.id if known else house.writer.add(state, Kind.TEXT)
            house.writer.store(id, hash, Document([]), [Chunk(text, line=1)])
    return path


@pytest.fixture
def asked(house, jobs: Jobs, finish) -> JobId:
    """A job that read two notes and quoted the first."""
    write(house, "note1.txt", "Minka sleeps all day. The cat Tom is black.")
    write(house, "note2.txt", "The dog Rex is white. Which black cat is here? None.")
    house.engine.script = [("Answer: Tom", "-6\nyes"), ("Tom", "-8\nTom"), ("Rex", "-0.05\nx")]
    id = jobs.submit(ASK)
    assert finish(jobs, id) == "done", jobs.get(id)
    return id


def report(jobs: Jobs, id: JobId) -> str:
    return jobs.verify(id, lambda: False)


def test_a_result_shows_what_it_quotes(jobs: Jobs, asked: JobId) -> None:
    told = (jobs.output_dir(asked) / "told.md").read_text()
    assert "note1.txt, line 1\n    “The cat Tom is black.”\n" in told


def test_what_is_as_it_was_is_said_to_be(jobs: Jobs, asked: JobId) -> None:
    first, *files = report(jobs, asked).splitlines()
    assert first == "2 of 2 files are as they were read, 1 of 1 quotes stand there"
    assert [line.split()[0] for line in files] == ["same", "same"]


def test_a_quote_that_is_gone_is_named(house, jobs: Jobs, asked: JobId) -> None:
    write(house, "note1.txt", "Minka sleeps all day. The cat Tom is grey.")
    first, changed, gone, same = report(jobs, asked).splitlines()
    assert first == "1 of 2 files are as they were read, 0 of 1 quotes stand there"
    assert (changed.split()[0], same.split()[0]) == ("changed", "same")
    assert gone.strip() == "no longer there: “The cat Tom is black.”"


def test_a_quote_that_stands_in_the_changed_file_holds(house, jobs: Jobs, asked: JobId) -> None:
    write(house, "note1.txt", "A new first line.\nThe cat Tom is\nblack.")
    assert report(jobs, asked).startswith(
        "1 of 2 files are as they were read, 1 of 1 quotes stand there\nchanged    "
    )


def test_a_quote_of_a_text_that_was_not_read_since_is_not_judged(house, jobs: Jobs, asked: JobId) -> None:
    write(house, "note1.txt", "The cat Tom is black, I hear.", indexed=False)
    assert "not in the index yet: “The cat Tom is black.”" in report(jobs, asked)


def test_a_file_that_is_gone_takes_its_quotes_along(house, jobs: Jobs, asked: JobId) -> None:
    (house.directory / "files" / "note1.txt").unlink()
    _, missing, gone, _ = report(jobs, asked).splitlines()
    assert missing.split()[0] == "missing"
    assert gone.strip().startswith("no longer there")


def test_what_has_become_a_pipe_is_not_waited_for(house, jobs: Jobs, asked: JobId) -> None:
    path = house.directory / "files" / "note1.txt"
    path.unlink()
    os.mkfifo(path)
    assert "missing" in report(jobs, asked)


def test_it_ends_when_nobody_waits(jobs: Jobs, asked: JobId) -> None:
    with pytest.raises(Interrupted):
        jobs.verify(asked, lambda: True)


def test_no_model_is_asked(house, jobs: Jobs, asked: JobId) -> None:
    before = len(house.engine.asked)
    report(jobs, asked)
    assert len(house.engine.asked) == before


EXTRACT = b"""#!semfs plan
rows = extract(find("bill"), vendor="text", amount="number")
save(rows, "rows.csv")
"""


@pytest.fixture
def extracted(house, jobs: Jobs, finish) -> JobId:
    """A job that read two bills into rows; one vendor is not in its bill word for word."""
    write(house, "bill1.txt", "Bill of Northwind Ltd.\nTo pay: 1,200.00 EUR")
    write(house, "bill2.txt", "Bill\nTo pay: 70 EUR")
    house.engine.script = [
        ("bill1.txt", '{"vendor": "Northwind Ltd.", "amount": 1200}'),
        ("bill2.txt", '{"vendor": "Acme", "amount": 70}'),
    ]
    id = jobs.submit(EXTRACT)
    assert finish(jobs, id) == "done", jobs.get(id)
    return id


def test_cells_of_files_that_are_as_they_were_stand(jobs: Jobs, extracted: JobId) -> None:
    assert report(jobs, extracted).splitlines()[0] == (
        "2 of 2 files are as they were read, 3 of 3 cells stand where they stood, "
        "1 more cells have no words in their file"
    )


def test_a_cell_that_is_gone_and_one_that_moved_are_named(house, jobs: Jobs, extracted: JobId) -> None:
    write(house, "bill1.txt", "Second reminder\nBill of Northwind Ltd.\nTo pay: 1,200.50 EUR")
    first, changed, vendor, amount, same = report(jobs, extracted).splitlines()
    assert "1 of 2 files are as they were read, 1 of 3 cells stand where they stood" in first
    assert (changed.split()[0], same.split()[0]) == ("changed", "same")
    assert vendor.strip() == "now at line 2, character 9: rows, row 1, vendor “Northwind Ltd.”"
    assert amount.strip() == "no longer there: rows, row 1, amount “1,200.00”"


def test_cells_of_a_file_that_is_gone_are_gone(house, jobs: Jobs, extracted: JobId) -> None:
    (house.directory / "files" / "bill2.txt").unlink()
    lines = report(jobs, extracted).splitlines()
    assert lines[0].startswith("1 of 2 files are as they were read, 2 of 3 cells")
    assert lines[2].strip() == "no longer there: rows, row 2, amount “70”"


def test_a_cell_of_cells_csv_that_was_changed_is_named(jobs: Jobs, extracted: JobId, house) -> None:
    book = house.directory / "jobs" / str(extracted) / "cells.csv"
    book.write_text(book.read_text().replace('"1,200.00"', '"9,900.00"'))
    assert "no longer there: rows, row 1, amount “9,900.00”" in report(jobs, extracted)
