"""Source code by its definitions, in every language whose grammar is there."""

from __future__ import annotations

from pathlib import Path

import pytest

from semfs.indexers.code import starts
from semfs.indexers.languages import LANGUAGES
from semfs.indexers.registry import default_registry
from semfs.model import Kind

LONG = "    // it adds the lines of the ledger, one after the other, and says what they come to\n" * 14
HASHES = LONG.replace("//", "#")

# A definition with another one inside that does not fit into a passage, and the paths to both.
SAMPLES = {
    "python": (
        f"import os\n\nclass Ledger:\n    def total(self):\n{HASHES}        return 1\n",
        "class Ledger > def total",
    ),
    "c": (f"#include <x.h>\nstatic int *total(int n)\n{{\n{LONG}  return 0;\n}}\n", "static int *total"),
    "cpp": (
        f"namespace books {{\nclass Ledger {{\n  int total() {{\n{LONG}  }}\n}};\n}}\n",
        "namespace books > class Ledger > int total",
    ),
    "csharp": (
        f"class Ledger {{\n  public int Total() {{\n{LONG}  }}\n}}\n",
        "class Ledger > public int Total",
    ),
    "go": (f"package x\n\nfunc (l *Ledger) Total() int {{\n{LONG}  return 0\n}}\n", "func (l *Ledger) Total"),
    "java": (
        f"class Ledger {{\n  @Override\n  public int total() {{\n{LONG}  }}\n}}\n",
        "class Ledger > public int total",
    ),
    "javascript": (f"export const total = (lines) => {{\n{LONG}}}\n", "export const total"),
    "typescript": (
        f"interface Line {{ n: number }}\nclass Ledger {{\n  total(): number {{\n{LONG}  return 1 }}\n}}\n",
        "class Ledger > total",
    ),
    "tsx": (f"function Total() {{\n{LONG}  return <b>1</b>;\n}}\n", "function Total"),
    "kotlin": (
        f"class Ledger {{\n  fun total(): Int {{\n{LONG}  return 1 }}\n}}\n",
        "class Ledger > fun total",
    ),
    "lua": (f"function Ledger.total()\n{LONG.replace('//', '--')}end\n", "function Ledger.total"),
    "php": (
        f"<?php\nclass Ledger {{\n  function total() {{\n{LONG}  }}\n}}\n",
        "class Ledger > function total",
    ),
    "ruby": (f"module Books\n  def total\n{HASHES}  end\nend\n", "module Books > def total"),
    "rust": (f"impl Sum for Ledger {{\n  fn total() {{\n{LONG}  }}\n}}\n", "impl Sum for Ledger > fn total"),
    "scala": (f"object Ledger {{\n  def total(): Int = {{\n{LONG}  1 }}\n}}\n", "object Ledger > def total"),
    "shell": (f"total() {{\n{HASHES}  echo 1\n}}\n", "total"),
    "swift": (
        f"class Ledger {{\n  func total() -> Int {{\n{LONG}  return 1 }}\n}}\n",
        "class Ledger > func total",
    ),
}


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda language: language.name)
def test_a_long_definition_is_found_by_its_path(language: object, tmp_path: Path) -> None:
    name, suffix = language.name, language.suffixes.split()[0]  # type: ignore[attr-defined]
    text, path = SAMPLES[name]
    (tmp_path / f"a.{suffix}").write_text(text)

    kind, document = default_registry().read(str(tmp_path / f"a.{suffix}"))

    assert kind == Kind.CODE
    assert path in [section.heading for section in document.sections]


def test_a_class_that_fits_into_a_passage_stays_whole() -> None:
    source = "class C:\n    x = 1\n\n    def m(self):\n        pass\n\n\nprint(1)\n"

    assert starts(source, "python") == [(0, "class C"), (5, "")]


def test_comments_and_decorators_belong_to_what_they_stand_above() -> None:
    source = "x = 1  # not mine\n# Adds.\n# All of it.\n@cached\ndef f():\n    pass\n"

    assert starts(source, "python")[0] == (1, "def f")


def test_what_stands_between_definitions_of_a_class_is_under_the_class() -> None:
    after = "    x = 1\n\n    def b(self):\n        pass\n\ny = 1\n"
    source = f"class C:\n    def a(self):\n{HASHES}        pass\n\n{after}"

    headings = [heading for _, heading in starts(source, "python")]

    assert headings == ["class C", "class C > def a", "class C", "class C > def b", ""]


def test_code_that_is_broken_in_one_place_is_cut_in_the_others() -> None:
    source = f"def a(:\n    pass\n\ndef b():\n{HASHES}    pass\n"

    assert "def b" in [heading for _, heading in starts(source, "python")]


@pytest.mark.parametrize(
    "piece", ["{", "(", "class A {", "function f(){}/**/", "<<A ", "/* x */\n", "a<b<", "\0"]
)
@pytest.mark.parametrize("language", ["c", "javascript", "java", "ruby", "shell", "typescript"])
def test_repetitions_end_soon(piece: str, language: str) -> None:
    assert isinstance(starts(piece * (20_000 // len(piece)), language), list)


def test_what_is_larger_than_any_source_code_is_left_as_lines() -> None:
    assert starts("def f():\n    pass\n" * 60_000, "python") == []
