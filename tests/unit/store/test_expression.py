from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semfs.store.expression import All, Any, Expression, Phrase, read

terms = st.text(st.characters(codec="utf-8", exclude_categories=("Zs", "Cc")), min_size=1).filter(str.split)
phrases = st.builds(
    lambda words: Phrase(tuple(" ".join(words).split())), st.lists(terms, min_size=1, max_size=3)
)
expressions = st.recursive(
    phrases | st.builds(lambda term: Phrase(tuple(term.split()[:1]), begins=True), terms),
    lambda inner: st.builds(
        lambda kind, parts: kind(tuple(parts)),
        st.sampled_from([Any, All]),
        st.lists(inner, min_size=2, max_size=3),
    ),
    max_leaves=8,
)


def written(expression: Expression) -> str:
    if isinstance(expression, Phrase):
        quoted = " ".join(expression.terms).replace('"', '""')
        return f'"{quoted}"' + "*" * expression.begins
    sign = " OR " if isinstance(expression, Any) else " AND "
    return sign.join(
        written(part) if isinstance(part, Phrase) else f"({written(part)})" for part in expression.parts
    )


@given(expressions)
def test_what_is_written_is_read_back(expression: Expression) -> None:
    assert read(written(expression)) == expression


def test_and_binds_closer_than_or() -> None:
    a, b, c = Phrase(("a",)), Phrase(("b",)), Phrase(("c",))
    assert read('"a" OR "b" AND "c"') == Any((a, All((b, c))))


@pytest.mark.parametrize(
    "text",
    ["", '"a" NOT "b"', "NEAR(a b)", '"a" OR', '"a" "b"', '("a"', '"', '""', '"a"))', "(" * 100_000],
)
def test_what_is_not_understood_is_left_to_fts5(text: str) -> None:
    assert read(text) is None


@given(st.text())
def test_no_text_is_too_strange(text: str) -> None:
    read(text)
