"""Requests about files themselves."""

from __future__ import annotations

import pytest

from semfs.plan.check import check
from semfs.plan.inspecting import inspecting_plan
from semfs.plan.operators import OPERATORS
from semfs.plan.parse import parse


@pytest.mark.parametrize(
    "request_text",
    [
        "how large is lease.pdf?",
        "what is the size of the file lease.pdf?",
        "when was lease.pdf last modified?",
        "Wie groß ist die Datei lease.pdf?",
        "Wann wurde lease.pdf zuletzt geändert?",
        "lease.pdf有多大?",
    ],
)
def test_size_and_date_of_a_file_are_looked_up(request_text: str) -> None:
    find, table, _ = check(parse(inspecting_plan(request_text)), OPERATORS).calls
    assert (find.setting("query"), table.operator.name) == ("lease.pdf", "table")


@pytest.mark.parametrize(
    ("request_text", "order"),
    [
        ("which file is larger, a.pdf or b.txt?", "size desc"),
        ("Welche Datei ist älter, a.pdf oder b.txt?", "modified"),
        ("a.pdf和b.txt哪个更大?", "size desc"),
    ],
)
def test_two_files_are_compared(request_text: str, order: str) -> None:
    a, b, table, _ = check(parse(inspecting_plan(request_text)), OPERATORS).calls
    assert (a.setting("query"), b.setting("query")) == ("a.pdf", "b.txt")
    assert f" order by {order} limit 1" in table.setting("sql")


@pytest.mark.parametrize(
    "request_text",
    ["how many files are there of each kind?", "Anzahl der Dateien je Typ", "每种类型有多少个文件?"],
)
def test_files_are_counted_by_kind(request_text: str) -> None:
    assert "group by kind" in inspecting_plan(request_text)


@pytest.mark.parametrize(
    "request_text", ["staff.csv: who is from Ulm?", "how large is the flat?", "summarize a.pdf"]
)
def test_what_stands_in_files_is_not_looked_up_so(request_text: str) -> None:
    assert inspecting_plan(request_text) == ""
