"""`semfs audit` over real databases."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from semfs.cli.main import main
from semfs.store.state import State

ALLOW = "DROP TRIGGER audit_is_not_changed; DROP TRIGGER audit_is_not_removed;"


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The state of an index called notes, with five questions, while its mount holds it open."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    state = State(tmp_path / "semfs" / "notes" / "state.db")
    for number in range(1, 6):
        state.audit("ask", f"question {number}")
    yield state.path
    state.close()


def tamper(database: Path, sql: str) -> None:
    db = sqlite3.connect(database)
    db.executescript(ALLOW + sql)
    db.close()


def test_an_unbroken_trail_is_told_with_its_head(database: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("notes: 5 lines, unbroken; its head is ")
    assert main(["audit", "notes", "--head", said.split()[-1]]) == 0


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        (
            "UPDATE audit SET line = replace(line, 'question 2', 'question x')",
            "line 2: it was changed, or the hash at the end of the line before it",
        ),
        ("DELETE FROM audit WHERE id IN (2, 3)", "line 2: lines 2 to 3 were removed"),
        ("DELETE FROM audit WHERE id = 5", "line 5: removed at the end"),
        ("DELETE FROM audit", "line 1: lines 1 to 5 were removed at the end"),
    ],
)
def test_what_was_done_to_a_trail_is_told_with_its_line(
    database: Path, capsys: pytest.CaptureFixture[str], sql: str, words: str
) -> None:
    tamper(database, sql)
    assert main(["audit"]) == 1
    assert capsys.readouterr().out == f"notes: {words}\n"


def test_a_trail_that_was_written_anew_has_not_the_head_that_was_noted(
    database: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["audit"])
    head = capsys.readouterr().out.split()[-1]
    tamper(database, "DELETE FROM audit; UPDATE audit_head SET id = 0, hash = printf('%.64d', 0), ends = 0")
    State(database).audit("ask", "nothing")
    assert main(["audit"]) == 0
    assert main(["audit", "--head", head]) == 1


def test_an_index_that_is_not_there_is_named(database: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", "nots"]) == 2
    assert "there is no index 'nots'" in capsys.readouterr().err
