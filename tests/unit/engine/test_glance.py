"""A look at the engine costs nobody time, and says honestly what was seen."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from semfs.engine import glance as glance_module
from semfs.engine.glance import Glance, Look


class Engine:
    """Answers a look once it may."""

    def __init__(self) -> None:
        self.asked = 0
        self.may_answer = threading.Event()

    def look(self) -> Look:
        self.asked += 1
        self.may_answer.wait()
        return Look({"engine": f"look {self.asked}\n"})


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    monkeypatch.setattr(glance_module, "PATIENCE_S", 0.05)
    engine = Engine()
    yield engine
    engine.may_answer.set()


def test_many_looks_in_a_second_ask_once(engine: Engine) -> None:
    engine.may_answer.set()
    glance = Glance(engine.look)
    assert [glance.now().texts["engine"] for _ in range(5)] == ["look 1\n"] * 5
    assert engine.asked == 1


def test_an_engine_that_does_not_answer_is_said_not_to(engine: Engine) -> None:
    glance = Glance(engine.look)
    assert [glance.now().texts["engine"][:15] for _ in range(3)] == ["does not answer"] * 3
    assert engine.asked == 1


def test_what_it_answers_late_is_seen_by_the_next_who_looks(engine: Engine) -> None:
    glance = Glance(engine.look)
    glance.now()
    engine.may_answer.set()
    with glance._changed:
        assert glance._changed.wait_for(lambda: not glance._asking, 5)
    assert glance.now().texts["engine"] == "look 1\n"


def test_a_later_look_asks_again(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(glance_module, "REMEMBERED_S", -1.0)
    engine.may_answer.set()
    glance = Glance(engine.look)
    assert [glance.now().texts["engine"] for _ in range(2)] == ["look 1\n", "look 2\n"]
