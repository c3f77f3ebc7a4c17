"""Random reads, writes and truncations of an open file against a string of bytes, as fsx does."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from semfs.mount.control import LONGEST_PLAN
from tests.mount.fake_service import FakeService

REPORT = b'#!semfs every="weekdays 8:00"\n'
PLAN = b"save(find('x'), 'x.csv')\n"
OPERATIONS = 600


class Exerciser:
    """One open file and what must be in it; what stands before `first` is never touched."""

    def __init__(self, path: Path, seed: int, *, first: int = 0) -> None:
        self._chance = random.Random(seed)
        self._first = first
        self.file = os.open(path, os.O_RDWR)
        self.known = bytearray(os.pread(self.file, LONGEST_PLAN, 0))

    def __enter__(self) -> Exerciser:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self.file)

    def _place(self) -> int:
        return self._chance.randrange(self._first, LONGEST_PLAN)

    def write(self) -> None:
        place = self._place()
        data = self._chance.randbytes(self._chance.randrange(1, LONGEST_PLAN - place + 1))
        self.known.extend(bytes(max(0, place - len(self.known))))
        self.known[place : place + len(data)] = data
        assert os.pwrite(self.file, data, place) == len(data)

    def append(self) -> None:
        data = self._chance.randbytes(self._chance.randrange(1, 100))
        if len(self.known) + len(data) <= LONGEST_PLAN:
            os.lseek(self.file, 0, os.SEEK_END)
            os.write(self.file, data)
            self.known += data

    def truncate(self) -> None:
        size = self._place()
        del self.known[size:]
        self.known.extend(bytes(size - len(self.known)))
        os.ftruncate(self.file, size)

    def read(self) -> None:
        place, size = self._place(), self._chance.randrange(1, LONGEST_PLAN)
        assert os.pread(self.file, size, place) == self.known[place : place + size]

    def measure(self) -> None:
        assert os.fstat(self.file).st_size == len(self.known)

    def run(self) -> None:
        for _ in range(OPERATIONS):
            self._chance.choice((self.write, self.append, self.truncate, self.read, self.read))()
            self.measure()

    def replace(self, text: bytes) -> None:
        os.ftruncate(self.file, 0)
        os.pwrite(self.file, text, 0)


@pytest.mark.parametrize("seed", range(3))
def test_an_open_plan_is_a_file_like_any_other_until_it_is_closed(
    mnt: Path, service: FakeService, seed: int
) -> None:
    service.jobs.add("sum up", "held")
    with Exerciser(mnt / "jobs/1/plan", seed) as exerciser:
        exerciser.run()
        exerciser.replace(PLAN)
    assert (mnt / "jobs/1/plan").read_bytes() == PLAN


@pytest.mark.parametrize("seed", range(3))
def test_an_open_request_with_a_time_is_a_file_like_any_other(
    mnt: Path, service: FakeService, seed: int
) -> None:
    service.every.kept = {"report": REPORT}
    with Exerciser(mnt / "jobs/every/report", seed, first=len(REPORT)) as exerciser:
        exerciser.run()
        exerciser.replace(REPORT + b"list the mail\n")
    assert service.every.kept == {"report": REPORT + b"list the mail\n"}


def test_what_is_too_long_is_refused_and_leaves_the_rest_as_it_was(mnt: Path, service: FakeService) -> None:
    service.jobs.add("sum up", "held")
    with Exerciser(mnt / "jobs/1/plan", 0) as exerciser:
        for call in (
            lambda: os.pwrite(exerciser.file, b"x", LONGEST_PLAN),
            lambda: os.ftruncate(exerciser.file, LONGEST_PLAN + 1),
        ):
            with pytest.raises(OSError, match="too long"):
                call()
        exerciser.measure()
        assert os.pread(exerciser.file, 100, 0) == PLAN
