"""Slips that are mended, and that nothing else is touched."""

from __future__ import annotations

import pytest

from semfs.plan.examples import EXAMPLES, Example
from semfs.plan.mend import mend
from semfs.plan.operators import OPERATORS
from semfs.plan.parse import parse

FIND = 'f = find("x")\n'


@pytest.mark.parametrize(
    ("written", "mended"),
    [
        (
            'r = extract(f, n="number")\nt = table("select who, n from r", r)\n',
            'r = extract(f, n="number", who="text")\nt = table("select who, n from r", r)\n',
        ),
        (
            'r = extract(f, who="text")\nt = table("select who, sum(n) s from r", r)\n',
            'r = extract(f, who="text", n="number")\nt = table("select who, sum(n) s from r", r)\n',
        ),
        ('r = extract(f, a="text", a="number")\n', 'r = extract(f, a="text")\n'),
        ('t = table("select count(*) n from f")\n', 't = table("select count(*) n from f", f)\n'),
        ('save(f, "f.html")\n', 'save(f, "f.txt")\n'),
        ('save(f, "f.csv")\nsave(f, "f.csv")\n', 'save(f, "f.csv")\n'),
        ('t = table("select * from g")\n', None),
        ('save(g, "g.html")\n', None),
        ("t = table(f, f)\n", None),
        ('x = nothing(f)\nsave(x, "x.html")\n', None),
    ],
)
def test_a_slip_with_one_right_repair_is_mended(written: str, mended: str | None) -> None:
    assert str(mend(parse(FIND + written), OPERATORS)) == FIND + (written if mended is None else mended)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.request)
def test_a_good_plan_stays(example: Example) -> None:
    plan = parse(example.plan)
    assert mend(plan, OPERATORS) == plan
