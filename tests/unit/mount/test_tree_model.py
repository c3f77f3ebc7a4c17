"""The tree against a small model of what is in it, whatever is made, moved and removed in whatever order."""

from __future__ import annotations

import shutil
import tempfile
import unicodedata
from collections.abc import Callable
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from semfs.config import Config
from semfs.errors import AlreadyExists, BadRequest, NameTooLong, NoSuchEntry, NotPermitted, SemfsError
from semfs.mount.node import Access
from semfs.mount.tree import Tree
from tests.mount.fake_service import FakeService

WEEKLY = b'#!semfs every="mondays"\nlist the mail\n'
DAILY = b'#!semfs every="daily 8:00"\nlist the mail'
UNTIMED = b"list the mail\n"
NOT_UTF8 = "caf\udce9"

queries = st.sampled_from(["bills", "a b", "Bu\u0308ro", "B\u00fcro", NOT_UTF8, ".git", "4913", "x" * 256])
requests = st.sampled_from(["report", "Bu\u0308ro", "B\u00fcro", NOT_UTF8, ".new", "a~", "a.bak", "x" * 251])
ODD = {".git", "4913", ".new", "a~", "a.bak"}  # names that are nobody's words

Refusal = type[SemfsError] | None


def same(name: str) -> str:
    """Return what a name is known by."""
    return unicodedata.normalize("NFC", name.replace("\udce9", "\ufffd"))


def refusal(name: str, longest: int) -> Refusal:
    if name in ODD:
        return NotPermitted
    return NameTooLong if len(same(name).encode()) > longest else None


def outcome(call: Callable[[], object]) -> Refusal:
    """Return the error that a call ends with."""
    try:
        call()
    except SemfsError as error:
        return type(error)
    return None


class Mount(RuleBasedStateMachine):
    """Both kinds of names that people give, and jobs."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.service = FakeService(self.folder)
        self.tree = Tree(self.service, Config(), mountpoint="/mnt")
        self.saved: set[str] = set()
        self.every: dict[str, bytes] = {}
        self.jobs: set[str] = set()

    def teardown(self) -> None:
        self.tree.close()
        shutil.rmtree(self.folder)

    # -- saved/

    @rule(name=queries)
    def keep(self, name: str) -> None:
        expected = refusal(name, 255) or (AlreadyExists if same(name) in self.saved else None)
        assert outcome(lambda: self.tree.make_directory(f"/saved/{name}")) is expected
        if expected is None:
            self.saved.add(same(name))

    @rule(name=queries)
    def forget(self, name: str) -> None:
        expected = None if same(name) in self.saved else NoSuchEntry
        assert outcome(lambda: self.tree.remove(f"/saved/{name}")) is expected
        self.saved.discard(same(name))

    @rule(old=queries, new=queries, replace=st.booleans())
    def rename_query(self, old: str, new: str, replace: bool) -> None:
        expected: Refusal = None
        if not replace and same(new) in self.saved:
            expected = AlreadyExists
        elif refusal(new, 255):
            expected = refusal(new, 255)
        elif same(old) not in self.saved:
            expected = NoSuchEntry
        elif same(new) in self.saved - {same(old)}:
            expected = AlreadyExists
        call = lambda: self.tree.rename(f"/saved/{old}", f"/saved/{new}", replace=replace)  # noqa: E731
        assert outcome(call) is expected
        if expected is None:
            self.saved = self.saved - {same(old)} | {same(new)}

    # -- jobs/every/

    @rule(name=requests, text=st.sampled_from([WEEKLY, DAILY, UNTIMED, b""]))
    def write(self, name: str, text: bytes) -> None:
        path = f"/jobs/every/{name}"
        if same(name) not in self.every:
            assert outcome(lambda: self.tree.make(path)) is refusal(name, 250)
            if refusal(name, 250):
                return
        handle = self.tree.open(path, Access(write=True, truncate=True))
        refused = BadRequest if text == UNTIMED else None
        assert outcome(lambda: handle.write(text, 0)) is refused
        assert outcome(handle.flush) is refused
        handle.close()
        if text and not refused:
            self.every[same(name)] = text

    @rule(name=requests)
    def remove(self, name: str) -> None:
        expected = None if same(name) in self.every else NoSuchEntry
        assert outcome(lambda: self.tree.remove(f"/jobs/every/{name}")) is expected
        self.every.pop(same(name), None)

    @rule(old=requests, new=requests, replace=st.booleans())
    def rename_request(self, old: str, new: str, replace: bool) -> None:
        expected: Refusal = None
        if not replace and same(new) in self.every:
            expected = AlreadyExists
        elif refusal(new, 250):
            expected = refusal(new, 250)
        elif same(old) not in self.every:
            expected = NoSuchEntry
        call = lambda: self.tree.rename(  # noqa: E731
            f"/jobs/every/{old}", f"/jobs/every/{new}", replace=replace
        )
        assert outcome(call) is expected
        if expected is None:
            self.every[same(new)] = self.every.pop(same(old))

    # -- jobs/

    @rule()
    def submit(self) -> None:
        handle = self.tree.open("/run", Access(write=True, truncate=True))
        handle.write(b"list the mail\n", 0)
        self.jobs.add(handle.read(100, 0, lambda: False).decode().strip())
        handle.close()

    @rule(number=st.integers(1, 9))
    def remove_job(self, number: int) -> None:
        expected = None if str(number) in self.jobs else NoSuchEntry
        assert outcome(lambda: self.tree.remove(f"/jobs/{number}")) is expected
        self.jobs.discard(str(number))

    # -- what has no place elsewhere

    @rule(name=queries, other=requests)
    def move_elsewhere(self, name: str, other: str) -> None:
        for old, new in (
            (f"/saved/{name}", f"/jobs/every/{other}"),
            (f"/jobs/every/{other}", f"/saved/{name}"),
            (f"/saved/{name}", f"/search/{name}"),
            ("/jobs/1", "/jobs/2"),
            ("/saved", "/search/saved"),
        ):
            assert outcome(lambda: self.tree.rename(old, new)) is NotPermitted  # noqa: B023

    @invariant()
    def the_tree_shows_what_there_is(self) -> None:
        last = ["last"] * bool(self.jobs)
        for place, names in (
            ("/saved", self.saved),
            ("/jobs/every", self.every),
            ("/jobs", [*self.jobs, *last, "every"]),
            ("/search", []),
        ):
            listed = self.tree.entries(place)
            assert sorted(name for name, _ in listed) == sorted(names)
            assert {name: self.tree.attr(f"{place}/{name}").inode for name, _ in listed} == {
                name: attr.inode for name, attr in listed
            }

    @invariant()
    def requests_are_as_they_were_written(self) -> None:
        assert self.service.every.kept == self.every

    @invariant()
    def looking_has_computed_nothing(self) -> None:
        assert (self.service.searched, self.service.asked) == ([], [])


def test_the_tree_is_as_the_model_says() -> None:
    run_state_machine_as_test(Mount, settings=settings(max_examples=40, stateful_step_count=30))
