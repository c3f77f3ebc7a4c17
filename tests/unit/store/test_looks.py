"""What people look at is a hint: told without waiting, heard if somebody listens."""

from __future__ import annotations

from pathlib import Path

from semfs.model import FileId
from semfs.store.looks import MOST_TOLD, NAME, PAUSE_S, Looks, Teller, tell


def files(*numbers: int) -> list[FileId]:
    return [FileId(number) for number in numbers]


def test_what_is_told_is_heard_in_its_order(tmp_path: Path) -> None:
    looks = Looks(tmp_path)
    tell(tmp_path, files(3, 1))
    tell(tmp_path, files(2**40))
    assert looks.take() == files(3, 1, 2**40)
    assert looks.take() == []
    looks.close()


def test_nobody_need_listen(tmp_path: Path) -> None:
    tell(tmp_path, files(1))
    Looks(tmp_path).close()
    tell(tmp_path, files(1))
    assert [entry.name for entry in tmp_path.iterdir()] == [NAME]


def test_one_who_does_not_listen_for_long_stops_nobody(tmp_path: Path) -> None:
    looks = Looks(tmp_path)
    for number in range(20_000):
        tell(tmp_path, files(number))
    assert looks.take() == files(*range(8192))
    looks.close()


def test_of_many_the_last_are_told(tmp_path: Path) -> None:
    looks = Looks(tmp_path)
    tell(tmp_path, files(*range(1000)))
    assert looks.take() == files(*range(1000 - MOST_TOLD, 1000))
    looks.close()


def test_nothing_is_written_to_a_file_in_its_place(tmp_path: Path) -> None:
    (tmp_path / NAME).write_text("mine")
    tell(tmp_path, files(1))
    assert (tmp_path / NAME).read_text() == "mine"


def test_looks_that_come_fast_are_told_together(tmp_path: Path) -> None:
    now = [0.0]
    looks, teller = Looks(tmp_path), Teller(tmp_path, clock=lambda: now[0])
    teller.tell(files(1))
    for number in (2, 3):
        teller.tell(files(number))
    assert looks.take() == files(1)
    now[0] = PAUSE_S
    teller.tell(files(4))
    assert looks.take() == files(2, 3, 4)
    looks.close()
