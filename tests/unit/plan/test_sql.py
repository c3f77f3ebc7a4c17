"""The superficial look at SQL: it must see common mistakes and never refuse what DuckDB takes."""

from __future__ import annotations

import pytest

from semfs.plan.sql import complaint, fitted, tokens

ROWS = {"rows": ("file", "vendor", "amount", "paid_on")}


@pytest.mark.parametrize(
    "sql",
    [
        "select * from rows",
        "SELECT vendor, SUM(amount) AS total FROM rows GROUP BY vendor ORDER BY total DESC",
        "select vendor, sum(amount) total from rows group by 1 having total > 10",
        "select r.vendor from rows r where r.amount > 1.5e3",
        "select count(*) n, 'a;b -- c' x from rows;",
        "select vendor from rows -- the end",
        "with t as (select vendor v, amount a from rows) select v, sum(a) from t group by v",
        "with a as (select 1 x), b as (select 2 y) select * from a, b, rows",
        "select vendor /* from nowhere",
        "select extract(year from paid_on) y, strftime(paid_on, '%Y-%m') m from rows",
        "select year(paid_on) as year, avg(amount) from rows group by year",
        "select case when amount > 10 then 'big' else 'small' end size from rows",
        "select cast(amount as integer) n, amount::varchar s from rows",
        'select "vendor" "der Verkäufer" from rows',
        "select vendor from (select vendor, amount from rows) s where amount is distinct from 3",
        "select vendor, row_number() over (partition by vendor order by amount desc) rang from rows",
        "from rows select vendor",
        "select * from rows where amount = (select max(amount) from rows)",
        "select distinct vendor from rows where vendor like '%x' limit 3",
    ],
)
def test_sound_sql_passes(sql: str) -> None:
    assert complaint(sql, ROWS) == ""


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("", "one SELECT"),
        ("drop table rows", "one SELECT"),
        ("select 1; drop table rows", "single statement"),
        ("select * from row_s", "did you mean 'rows'?"),
        ("select * from rows, other", "'other'"),
        ("select * from rows join others o on o.file = rows.file", "'others'"),
        ("select vendr from rows", "did you mean 'vendor'?"),
        ("select price from rows", "columns are file, vendor, amount, paid_on"),
        ("select sum(price) total from rows", "'price'"),
    ],
)
def test_common_mistakes_are_named(sql: str, words: str) -> None:
    assert words in complaint(sql, ROWS)


def test_columns_are_not_judged_where_they_are_not_known() -> None:
    assert complaint("select anything from totals", {"totals": ()}) == ""


@pytest.mark.parametrize(
    ("sql", "fitting"),
    [
        ("select avg(price) from r", "select avg(unit_price) from r"),
        (
            "select sum(amounts) from r where note = 'amounts'",
            "select sum(amount) from r where note = 'amounts'",
        ),
        ("select sum(vendor) from r", "select sum(vendor) from r"),
        ("select avg(date) from r", "select avg(date) from r"),
    ],
)
def test_a_column_that_is_nearly_named_is_found(sql: str, fitting: str) -> None:
    assert fitted(sql, {"r": ("unit_price", "amount", "note", "date_due", "date_paid")}) == fitting


def test_comments_without_an_end_are_read_once() -> None:
    sql = "select vendor from rows " + "/* " * 20_000
    assert [token.text for token in tokens(sql)] == ["select", "vendor", "from", "rows"]
