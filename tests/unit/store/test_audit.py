"""The audit trail: what is written stays, and what was done to it is told with its place."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semfs import caller
from semfs.errors import StoreError
from semfs.model import JobStatus, Priority, Source
from semfs.store import audit
from semfs.store.audit import FIRST, Head, breaks, chained, hash_of
from semfs.store.migrations import migrations
from semfs.store.state import SourceRow, State

Lines = list[tuple[int, str]]


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    opened = State(tmp_path / "state.db")
    yield opened
    opened.close()


def trail(details: list[str]) -> tuple[Lines, Head]:
    lines: Lines = []
    before = FIRST
    for id, detail in enumerate(details, 1):
        line = chained(before, id, id * 1.5, "uid 0, bash 1", None, "ask", detail)
        before = hash_of(line)
        lines.append((id, line))
    return lines, Head(len(lines), before, sum(len(line) + 1 for _, line in lines))


DETAILS = st.lists(st.text(max_size=20), min_size=1, max_size=12)


@given(DETAILS)
def test_a_trail_that_nobody_touched_holds(details: list[str]) -> None:
    lines, head = trail(details)
    assert breaks(lines, head) == []
    assert breaks(lines, head, noted=hash_of(lines[len(lines) // 2][1])) == []


@given(DETAILS, st.data())
def test_a_changed_line_is_named(details: list[str], data: st.DataObject) -> None:
    lines, head = trail(details)
    place = data.draw(st.integers(0, len(lines) - 1))
    id, line = lines[place]
    at = data.draw(st.integers(0, len(line.rpartition(', "hash"')[0]) - 1))
    letter = data.draw(st.characters(exclude_characters=line[at], exclude_categories=["Cs"]))
    lines[place] = (id, line[:at] + letter + line[at + 1 :])
    assert [found.line for found in breaks(lines, head)] == [id]


@given(DETAILS, st.data())
def test_removed_lines_are_named(details: list[str], data: st.DataObject) -> None:
    lines, head = trail(details)
    first = data.draw(st.integers(0, len(lines) - 1))
    last = data.draw(st.integers(first, len(lines) - 1))
    found = breaks(lines[:first] + lines[last + 1 :], head)
    assert [one.line for one in found] == [first + 1]
    assert ("at the end" in found[0].words) == (last == len(lines) - 1)


def test_lines_that_changed_places_are_named() -> None:
    lines, head = trail(["a", "b", "c"])
    swapped = [lines[0], (2, lines[2][1]), (3, lines[1][1])]
    assert [found.line for found in breaks(swapped, head)] == [2, 3, 3]


def test_a_line_that_was_added_at_the_end_is_named() -> None:
    lines, head = trail(["a", "b", "c"])
    before = replace(head, id=2, hash=hash_of(lines[1][1]))
    assert [found.line for found in breaks(lines, before)] == [3]


def test_a_trail_that_was_written_anew_from_a_line_on_differs_from_its_head() -> None:
    (lines, head), (forged, forged_head) = trail(["a", "b"]), trail(["a", "x"])
    assert "written anew" in breaks(forged, head)[0].words
    assert breaks(forged, forged_head) == []
    assert "no line has the hash" in breaks(forged, forged_head, noted=hash_of(lines[1][1]))[0].words


def test_what_is_done_for_somebody_names_them(state: State) -> None:
    with caller.acting_for(caller.Process(1000, 0)):
        state.audit("ask", "who?")
    state.audit("read", "a")
    assert state.audited() == [("uid 1000, process 0", "ask", "who?"), ("semfs", "read", "a")]


def test_files_that_were_read_are_in_the_trail_once(state: State) -> None:
    id = state.add_job(
        "x", within=("tax", "2023"), plan="", status=JobStatus.QUEUED, priority=Priority.NORMAL
    ).id
    read = SourceRow(Source("/\udcff", b"\x01"))
    state.add_sources(id, [SourceRow(Source("/b", b""), "gone"), read])
    state.add_sources(id, [read])
    told = [(what, detail) for _, what, detail in state.audited(id)]
    assert told == [("request", "x\nin: tax / 2023"), ("read", "01 /\udcff")]


@pytest.mark.parametrize("sql", ["UPDATE audit SET line = ''", "DELETE FROM audit"])
def test_it_is_only_appended_to(state: State, sql: str) -> None:
    state.audit("ask", "who?")
    with pytest.raises(StoreError, match="only appended to"), state.transaction() as db:
        db.execute(sql)


@given(texts=st.lists(st.text(max_size=30), max_size=6), size=st.integers(1, 200))
def test_any_part_of_its_text_is_that_part(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], size: int
) -> None:
    state = State(tmp_path_factory.mktemp("trail") / "state.db")
    for text in texts:
        state.audit("ask", text)
    whole = state.audit_text(0, 1 << 20)
    assert state.audit_size() == len(whole)
    assert b"".join(state.audit_text(at, size) for at in range(0, len(whole), size)) == whole
    assert [json.loads(line)["detail"] for line in whole.splitlines()] == texts
    state.close()


def test_lines_of_an_earlier_version_become_the_beginning_of_the_chain(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    State(path, scripts=migrations()[:2]).close()
    old = sqlite3.connect(path)
    old.executemany(
        "INSERT INTO audit (id, at, who, job, what, detail) VALUES (?, 1.0, 1000, 1, 'request', ?)",
        [(2, "first"), (5, "zwölf")],
    )
    old.commit()
    old.close()
    state = State(path)
    state.audit("ask", "third")
    whole = state.audit_text(0, 1 << 20)
    assert [json.loads(line)["detail"] for line in whole.splitlines()] == ["first", "zwölf", "third"]
    assert state.audit_size() == len(whole)
    with state.transaction() as db:
        assert breaks(audit.lines_of(db), audit.head_of(db)) == []
    state.close()
