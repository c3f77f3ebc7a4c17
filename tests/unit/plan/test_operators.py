"""What is made from the declarations."""

from __future__ import annotations

import re
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from semfs.plan import operators as module
from semfs.plan.evidence import evidence, offered
from semfs.plan.grammar import Shape, gbnf
from semfs.plan.operators import OPERATORS, Lane, Operator, Type, describe, operators, signature

PLUGIN = Operator(
    "word_count", "how many words", (), Type.TEXT, Lane.CPU, "word_count()", implementation="os.path:join"
)


def test_the_listing_names_each_operator_and_parameter() -> None:
    text = describe(OPERATORS)
    for operator in OPERATORS:
        assert signature(operator) in text
        assert all(item.meaning in text for item in operator.parameters)


def test_signatures_show_what_is_optional_and_what_repeats() -> None:
    shown = {item.name: signature(item) for item in OPERATORS}
    assert shown["find"] == "find(query, kind?, when?, folder?, size?, limit?)"
    assert shown["table"] == "table(sql, rows...)"
    assert shown["extract"] == 'extract(files, column="text|number|date|money"...)'


def test_every_rule_of_the_grammar_is_defined_once_and_used() -> None:
    grammar = gbnf((*OPERATORS, PLUGIN), Shape(wide=False), within=True)
    defined = re.findall(r"^([a-z0-9-]+) ::=", grammar, re.MULTILINE)
    bare = re.sub(r'"(?:[^"\\]|\\.)*"|\[(?:[^\]\\]|\\.)*\]|\{[^}]*\}', " ", grammar)
    used = set(
        re.findall(r"[a-z][a-z0-9-]*(?! *::=)", re.sub(r"^[a-z0-9-]+ ::=", "", bare, flags=re.MULTILINE))
    )
    assert len(defined) == len(set(defined))
    assert used | {"root"} == set(defined)


def test_the_first_line_needs_no_value_and_has_the_usual_name() -> None:
    rules = dict(line.split(" ::= ") for line in gbnf(OPERATORS, Shape(texts=False)).strip().split("\n"))
    assert rules["first"] == '"files = " op-find "\\n" | "result = " op-python "\\n"'


def test_later_lines_do_not_find_again_where_that_is_not_wanted() -> None:
    rules = dict(line.split(" ::= ") for line in gbnf(OPERATORS, Shape(again=False)).strip().split("\n"))
    assert "op-find" not in rules["value"]
    assert "op-keep" in rules["value"]


@pytest.mark.parametrize(
    ("request_text", "word", "there"),
    [
        ("sum of the column price in all price lists", '"load("', True),
        ("sum of the invoices by vendor", '"load("', False),
        ("the three newest photos of Anna", "limit=", True),
        ("photos of Anna", "limit=", False),
    ],
)
def test_rows_of_files_and_limits_are_offered_for_a_reason(request_text: str, word: str, there: bool) -> None:
    assert (word in gbnf(offered(OPERATORS, evidence(request_text)))) == there


def test_hits_are_in_the_grammar_of_a_query_directory_only() -> None:
    assert "hits(" in gbnf(OPERATORS, within=True)
    assert "hits(" not in gbnf(OPERATORS)


@pytest.mark.warns
def test_operators_come_from_entry_points_and_bad_ones_are_left_out(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    (tmp_path / "a_broken_package.py").write_text("print 'of another time'\n")
    monkeypatch.syspath_prepend(tmp_path)
    values = {"good": "tests_plugin:PLUGIN", "gone": "no_such_package:X", "other": "os:path"}
    values |= {"broken": "a_broken_package:X"}
    entries = [EntryPoint(name, value, module.GROUP) for name, value in values.items()]
    load = EntryPoint.load
    monkeypatch.setattr(EntryPoint, "load", lambda self: PLUGIN if self.name == "good" else load(self))
    monkeypatch.setattr(module, "entry_points", lambda *, group: entries)
    operators.cache_clear()
    try:
        assert [item.name for item in operators()] == [*(item.name for item in OPERATORS), "word_count"]
    finally:
        operators.cache_clear()
    assert [message.split()[1] for message in caplog.messages] == ["gone", "other", "broken"]
