"""SQL over rows: exact, typed, and shut in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from semfs.errors import StepFailed
from semfs.jobs.duck import query
from semfs.jobs.sandbox import Limits
from semfs.jobs.values import Column, Rows

Ask = Callable[[str], Rows]
LIMITS = Limits(seconds=20, memory=256 << 20, output=1 << 20)
ROWS = Rows(
    (Column("vendor"), Column("amount", "number"), Column("date", "date")),
    (("Müller", 0.1, "2023-01-02"), ("Müller", 0.2, "2023-03-04"), (None, None, None)),
)


@pytest.fixture
def ask(tmp_path: Path) -> Ask:
    return lambda sql: query(sql, {"rows": ROWS}, place=tmp_path, limits=LIMITS, cancelled=lambda: False)


def test_sums_are_what_they_stand_for(ask: Ask) -> None:
    got = ask(
        "select vendor, sum(amount) total, max(date) last from rows where vendor is not null group by 1"
    )
    assert got == Rows(
        (Column("vendor"), Column("total", "number"), Column("last", "date")),
        (("Müller", 0.3, "2023-03-04"),),
    )


def test_columns_of_the_same_name_are_told_apart(ask: Ask) -> None:
    columns = ask("select count(*) n, count(*) N, count(*) n_2 from rows").columns
    assert [column.name for column in columns] == ["n", "N_2", "n_2_2"]


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        ("select foo from rows", 'Referenced column "foo" not found'),
        ("selec 1", "syntax error"),
        ("drop table rows", "must be one SELECT"),
        ("select 1; select 2", "must be one SELECT"),
        ("copy rows to '/tmp/x'", "must be one SELECT"),
        ("select * from read_csv('/etc/passwd')", "disabled by configuration"),
        ("select * from read_text('/etc/passwd')", "disabled by configuration"),
        ("select a.amount from range(100000) x, range(100000) y, rows a", "more than 16384 rows"),
        ("select length(repeat('x', 3000000000)) from rows", "Out of Memory"),
    ],
)
def test_what_is_wrong_or_reaches_out_fails_with_words(ask: Ask, sql: str, reason: str) -> None:
    with pytest.raises(StepFailed, match=reason):
        ask(sql)
