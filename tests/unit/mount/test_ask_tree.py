"""`ask/`: nothing is asked by looking, readers share an answer, and an unread one is given up."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from semfs.config import Config
from semfs.config import Mount as MountConfig
from semfs.errors import Interrupted, QueueFull
from semfs.model import Coverage
from semfs.mount import answers
from semfs.mount.node import Access, Handle
from semfs.mount.tree import Tree
from tests.mount.fake_service import FakeService

QUESTION = "/ask/what deposit did we pay?"


def never() -> bool:
    return False


def all_of(handle: Handle) -> str:
    text = b""
    while piece := handle.read(1 << 16, len(text), never):
        text += piece
    handle.close()
    return text.decode()


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 5
    while not true() and time.monotonic() < end:
        time.sleep(0.005)
    assert true()


def test_looking_at_a_question_and_opening_it_asks_nothing(tree: Tree, service: FakeService) -> None:
    assert tree.attr(QUESTION).size == 0
    tree.open(QUESTION, Access()).close()

    assert service.asked == []


def test_the_beginning_is_read_before_the_end_is_written(tree: Tree, service: FakeService) -> None:
    handle = tree.open(QUESTION, Access())

    assert handle.read(1 << 16, 0, never) == b"The deposit "
    assert tree.attr(QUESTION).size == len("The deposit ")
    service.may_go_on.set()
    assert handle.read(1 << 16, 12, never) == b"was 2,400 euros [1].\n"
    assert handle.read(1 << 16, 33, never) == b""


def test_readers_share_one_answer_and_it_is_kept(tree: Tree, service: FakeService) -> None:
    service.may_go_on.set()
    first, second = tree.open(QUESTION, Access()), tree.open(QUESTION, Access())

    assert all_of(first) == all_of(second) == all_of(tree.open(QUESTION, Access()))
    assert service.asked == ["what deposit did we pay?"]


def test_a_changed_index_asks_again(tree: Tree, service: FakeService) -> None:
    service.may_go_on.set()
    all_of(tree.open(QUESTION, Access()))
    service.now = Coverage(files=4, indexed=4)

    all_of(tree.open(QUESTION, Access()))
    assert len(service.asked) == 2


def test_an_old_answer_is_asked_again(
    tree: Tree, service: FakeService, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.may_go_on.set()
    all_of(tree.open(QUESTION, Access()))
    monkeypatch.setattr(answers, "FRESH_S", 0.0)

    all_of(tree.open(QUESTION, Access()))
    assert len(service.asked) == 2


def test_a_failure_is_told_in_words_and_tried_again(tree: Tree, service: FakeService) -> None:
    service.missing = True
    assert all_of(tree.open(QUESTION, Access())) == (
        "No answer: the model is missing: run `semfs model pull qwen`\n"
    )
    service.missing = False
    service.may_go_on.set()

    assert all_of(tree.open(QUESTION, Access())).startswith("The deposit was")


def test_an_answer_that_nobody_reads_is_given_up(
    tree: Tree, service: FakeService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "GRACE_S", 0.05)
    handle = tree.open(QUESTION, Access())
    handle.read(1 << 16, 0, never)
    handle.close()

    until(lambda: service.given_up == ["what deposit did we pay?"])
    service.may_go_on.set()
    assert all_of(tree.open(QUESTION, Access())).startswith("The deposit was")
    assert len(service.asked) == 2


def test_who_comes_back_within_the_grace_reads_on(tree: Tree, service: FakeService) -> None:
    handle = tree.open(QUESTION, Access())
    handle.read(1 << 16, 0, never)
    handle.close()
    again = tree.open(QUESTION, Access())
    service.may_go_on.set()

    assert all_of(again).endswith("euros [1].\n")
    assert len(service.asked) == 1


def test_a_blocked_reader_can_be_interrupted(tree: Tree) -> None:
    handle = tree.open(QUESTION, Access())
    handle.read(1 << 16, 0, never)

    with pytest.raises(Interrupted):
        handle.read(1 << 16, 12, lambda: True)


def test_more_readers_than_may_wait_are_refused(service: FakeService) -> None:
    tree = Tree(service, Config(mount=MountConfig(max_readers=1)), mountpoint="/mnt/semfs")
    handle = tree.open(QUESTION, Access())
    handle.read(1 << 16, 0, never)
    blocked = threading.Thread(target=handle.read, args=(100, 12, never))
    blocked.start()
    until(lambda: tree.waiters._waiting == 1)

    with pytest.raises(QueueFull):
        tree.open(QUESTION, Access()).read(100, 12, never)
    service.may_go_on.set()
    blocked.join(5)


def test_closing_the_tree_sends_readers_away(tree: Tree, service: FakeService) -> None:
    handle = tree.open(QUESTION, Access())
    handle.read(1 << 16, 0, never)
    tree.close()

    with pytest.raises(Interrupted):
        handle.read(100, 12, never)
    service.may_go_on.set()
