"""What is to happen when nothing has come for a while happens once, in order, unless it is called off."""

from __future__ import annotations

import queue
import time
from contextvars import ContextVar

from semfs.mount.pauses import Pauses

PATIENCE_S = 30

who = ContextVar("who", default="nobody")


def test_pauses_end_in_the_order_in_which_they_began() -> None:
    over: queue.Queue[int] = queue.Queue()
    pauses = Pauses(0.01)
    for number in range(3):
        pauses.begin(lambda number=number: over.put(number))
    assert [over.get(timeout=PATIENCE_S) for _ in range(3)] == [0, 1, 2]


def test_one_that_is_called_off_is_not_over() -> None:
    over: queue.Queue[str] = queue.Queue()
    pauses = Pauses(0.05)
    pauses.end(pauses.begin(lambda: over.put("called off")))
    pauses.begin(lambda: over.put("kept"))
    assert over.get(timeout=PATIENCE_S) == "kept"
    assert over.empty()


def test_a_closed_one_calls_nothing_any_more() -> None:
    over: queue.Queue[str] = queue.Queue()
    pauses = Pauses(0.01)
    pauses.close()
    pauses.begin(lambda: over.put("late"))
    time.sleep(0.1)
    assert over.empty()


def test_what_happens_then_is_done_for_who_began_it() -> None:
    over: queue.Queue[str] = queue.Queue()
    pauses = Pauses(0.01)
    token = who.set("anna")
    pauses.begin(lambda: over.put(who.get()))
    who.reset(token)
    assert over.get(timeout=PATIENCE_S) == "anna"
    pauses.begin(lambda: over.put(who.get()))
    assert over.get(timeout=PATIENCE_S) == "nobody"
