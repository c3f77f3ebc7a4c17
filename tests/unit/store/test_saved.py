"""Saved queries in state.db, against a plain dictionary and over a restart."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from semfs.errors import AlreadyExists, NoSuchEntry
from semfs.store.saved import Choice, SavedQueries
from semfs.store.state import State

NAMES = st.sampled_from(["taxes", "letters", "Büro", 'a\'b "c"'])
PATHS = st.sampled_from(["/d/a", "/d/\udcff", "/e/b"])


@pytest.fixture
def saved(tmp_path: Path) -> Iterator[SavedQueries]:
    state = State(tmp_path / "state.db")
    yield SavedQueries(state)
    state.close()


def test_choices_are_there_after_a_restart(tmp_path: Path) -> None:
    state = State(tmp_path / "state.db")
    before = SavedQueries(state)
    before.add("taxes")
    before.choose("taxes", Choice("/d/\udcff", b"h", True, "x"))
    state.close()

    again = State(tmp_path / "state.db")
    after = SavedQueries(again)
    assert after.choices("taxes") == [Choice("/d/\udcff", b"h", True, "x")]
    assert after.created("taxes") == after.names()["taxes"]
    again.close()


def test_a_file_that_is_pinned_again_goes_to_the_end(saved: SavedQueries) -> None:
    saved.add("taxes")
    for path in ("/a", "/b", "/a"):
        saved.choose("taxes", Choice(path, b"", True, path[1:]))

    assert [choice.path for choice in saved.choices("taxes")] == ["/b", "/a"]


def test_a_choice_follows_its_file_and_takes_the_place_of_another(saved: SavedQueries) -> None:
    saved.add("taxes")
    saved.choose("taxes", Choice("/old", b"h", True, "x"))
    saved.choose("taxes", Choice("/new", b"i", False))
    saved.follow("taxes", "/old", Choice("/new", b"h", True))

    assert saved.choices("taxes") == [Choice("/new", b"h", True, "x")]


class AgainstDictionary(RuleBasedStateMachine):
    """Whatever is done, the database says what a dictionary would."""

    directory: Path
    runs = 0

    def __init__(self) -> None:
        super().__init__()
        AgainstDictionary.runs += 1
        self.state = State(self.directory / f"{AgainstDictionary.runs}.db")
        self.saved = SavedQueries(self.state)
        self.model: dict[str, dict[str, bool]] = {}

    def teardown(self) -> None:
        self.state.close()

    @rule(name=NAMES)
    def add(self, name: str) -> None:
        if name in self.model:
            with pytest.raises(AlreadyExists):
                self.saved.add(name)
        else:
            self.saved.add(name)
            self.model[name] = {}

    @rule(name=NAMES)
    def remove(self, name: str) -> None:
        if name in self.model:
            self.saved.remove(name)
            del self.model[name]
        else:
            with pytest.raises(NoSuchEntry):
                self.saved.remove(name)

    @rule(old=NAMES, new=NAMES)
    def rename(self, old: str, new: str) -> None:
        if old not in self.model:
            with pytest.raises(NoSuchEntry):
                self.saved.rename(old, new)
        elif new in self.model and new != old:
            with pytest.raises(AlreadyExists):
                self.saved.rename(old, new)
        else:
            self.saved.rename(old, new)
            self.model[new] = self.model.pop(old)

    @rule(name=NAMES, path=PATHS, pinned=st.booleans())
    def choose(self, name: str, path: str, pinned: bool) -> None:
        if name not in self.model:
            with pytest.raises(NoSuchEntry):
                self.saved.choose(name, Choice(path, b"", pinned))
        else:
            self.saved.choose(name, Choice(path, b"", pinned))
            self.model[name].pop(path, None)
            self.model[name][path] = pinned

    @rule(name=NAMES, path=PATHS)
    def undo(self, name: str, path: str) -> None:
        if name in self.model:
            self.saved.undo(name, path)
            self.model[name].pop(path, None)

    @invariant()
    def agrees(self) -> None:
        assert list(self.saved.names()) == sorted(self.model)
        for name, choices in self.model.items():
            assert [(each.path, each.pinned) for each in self.saved.choices(name)] == list(choices.items())


def test_the_database_agrees_with_a_dictionary(tmp_path: Path) -> None:
    class Machine(AgainstDictionary):
        directory = tmp_path

    run_state_machine_as_test(Machine, settings=settings(max_examples=12, deadline=None))  # type: ignore[no-untyped-call]
