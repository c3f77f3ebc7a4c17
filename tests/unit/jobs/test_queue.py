"""Who is next among the jobs that wait."""

from __future__ import annotations

from semfs.jobs.queue import Queue
from semfs.model import JobId, Priority

ONE, TWO, THREE = map(JobId, (1, 2, 3))


def queue() -> Queue:
    made = Queue()
    made.add(ONE, Priority.LOW)
    made.add(THREE, Priority.NORMAL)
    made.add(TWO, Priority.NORMAL)
    return made


def test_the_more_urgent_goes_first_then_whoever_came_first() -> None:
    waiting = queue()
    order = []
    while (id := waiting.first(but=())) is not None:
        order.append(id)
        waiting.drop(id)
    assert order == [TWO, THREE, ONE]


def test_looking_who_is_next_takes_nobody_out() -> None:
    waiting = queue()
    assert (waiting.first(but={TWO}), waiting.first(but=()), len(waiting)) == (THREE, TWO, 3)


def test_a_job_that_waits_can_be_moved_and_one_that_does_not_is_not_added() -> None:
    waiting = queue()
    waiting.set_priority(ONE, Priority.HIGH)
    waiting.set_priority(JobId(9), Priority.HIGH)
    assert (waiting.first(but=()), len(waiting)) == (ONE, 3)
