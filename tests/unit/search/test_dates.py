from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semfs.search.dates import find, resolve, span

NOW = datetime(2025, 6, 18, 14, 30)  # a Wednesday


def between(phrase: str) -> tuple[str, str]:
    found = resolve(phrase, NOW)
    assert found is not None, phrase
    return (
        f"{found.since:%Y-%m-%d}" if found.since else "",
        f"{found.until:%Y-%m-%d}" if found.until else "",
    )


@pytest.mark.parametrize(
    ("phrase", "since", "until"),
    [
        ("today", "2025-06-18", "2025-06-19"),
        ("Yesterday", "2025-06-17", "2025-06-18"),
        ("last week", "2025-06-09", "2025-06-16"),
        ("this week", "2025-06-16", "2025-06-23"),
        ("last month", "2025-05-01", "2025-06-01"),
        ("last quarter", "2025-01-01", "2025-04-01"),
        ("last year", "2024-01-01", "2025-01-01"),
        ("last March", "2025-03-01", "2025-04-01"),
        ("last June", "2024-06-01", "2024-07-01"),
        ("last summer", "2024-06-01", "2024-09-01"),
        ("the last 3 days", "2025-06-15", "2025-06-18"),
        ("past two months", "2025-04-18", "2025-06-18"),
        ("3 days ago", "2025-06-15", "2025-06-16"),
        ("two months ago", "2025-04-01", "2025-05-01"),
        ("2023", "2023-01-01", "2024-01-01"),
        ("the 1990s", "1990-01-01", "2000-01-01"),
        ("March", "2025-03-01", "2025-04-01"),
        ("October", "2024-10-01", "2024-11-01"),
        ("Mar 2023", "2023-03-01", "2023-04-01"),
        ("2023-03", "2023-03-01", "2023-04-01"),
        ("5 March 2023", "2023-03-05", "2023-03-06"),
        ("March 5th, 2023", "2023-03-05", "2023-03-06"),
        ("2023-03-05", "2023-03-05", "2023-03-06"),
        ("03/25/2023", "2023-03-25", "2023-03-26"),
        ("25/03/2023", "2023-03-25", "2023-03-26"),
        ("5.3.2023", "2023-03-05", "2023-03-06"),
        ("Q3 2024", "2024-07-01", "2024-10-01"),
        ("first quarter of last year", "2024-01-01", "2024-04-01"),
        ("2024 H2", "2024-07-01", "2025-01-01"),
        ("summer 2023", "2023-06-01", "2023-09-01"),
        ("winter 2024", "2023-12-01", "2024-03-01"),
        ("week 3 of 2025", "2025-01-13", "2025-01-20"),
        ("early 2024", "2024-01-01", "2024-05-01"),
        ("since May", "2025-05-01", ""),
        ("before 2020", "", "2020-01-01"),
        ("after 2020", "2021-01-01", ""),
        ("until March 2024", "", "2024-04-01"),
        ("from May to July 2023", "2023-05-01", "2023-08-01"),
        ("between 2019 and 2021", "2019-01-01", "2022-01-01"),
        ("from November to February", "2024-11-01", "2025-03-01"),
        ("2019-2021", "2019-01-01", "2022-01-01"),
    ],
)
def test_a_phrase_means_a_span(phrase: str, since: str, until: str) -> None:
    assert between(phrase) == (since, until)


@pytest.mark.parametrize(
    "phrase", ["", "invoices", "30 February 2024", "month 13", "10", "PEP 2023", "a week"]
)
def test_what_is_no_time_means_nothing(phrase: str) -> None:
    assert resolve(phrase, NOW) is None


def test_a_span_is_given_in_seconds_of_local_time() -> None:
    assert span("2023", NOW) == (datetime(2023, 1, 1).timestamp(), datetime(2024, 1, 1).timestamp())


def test_a_span_says_what_it_means() -> None:
    assert [str(resolve(phrase, NOW)) for phrase in ("2023", "since May", "before 2020")] == [
        "2023-01-01 to 2024-01-01",
        "since 2025-05-01",
        "before 2020-01-01",
    ]


@given(st.text(alphabet="0123456789 -/.,abcdefghijklmnopqrstuvwxyz'", max_size=40), st.datetimes())
def test_any_text_resolves_to_a_span_or_to_nothing(text: str, now: datetime) -> None:
    found = resolve(text, now)
    if found is not None and found.since and found.until:
        assert found.since < found.until


@given(st.dates(min_value=datetime(1600, 1, 1).date(), max_value=datetime(2190, 1, 1).date()))
def test_a_date_in_iso_form_is_that_day(day: object) -> None:
    found = resolve(str(day), NOW)
    assert found is not None
    assert found.since is not None
    assert found.since.date() == day


def test_a_phrase_that_many_rules_read_over_and_over_takes_no_time() -> None:
    assert resolve("of may to " * 200 + "x", datetime(2024, 5, 1)) is None


@pytest.mark.parametrize(
    ("phrase", "since", "until"),
    [
        ("letzten März", "2025-03-01", "2025-04-01"),
        ("vorige Woche", "2025-06-09", "2025-06-16"),
        ("vor drei Tagen", "2025-06-15", "2025-06-16"),
        ("Anfang Mai", "2025-05-01", "2025-05-16"),
        ("3. Quartal 2023", "2023-07-01", "2023-10-01"),
        ("KW 12", "2025-03-17", "2025-03-24"),
        ("zwischen dem 3. und 7. Mai", "2025-05-03", "2025-05-08"),
        ("seit 2020", "2020-01-01", ""),
        ("vor 2020", "", "2020-01-01"),
        ("am 12.3.2024", "2024-03-12", "2024-03-13"),
        ("le mois dernier", "2025-05-01", "2025-06-01"),
        ("il y a trois jours", "2025-06-15", "2025-06-16"),
        ("été 2023", "2023-06-01", "2023-09-01"),
        ("du 3 au 7 mai", "2025-05-03", "2025-05-08"),
        ("avant 2020", "", "2020-01-01"),
        ("la semana pasada", "2025-06-09", "2025-06-16"),
        ("hace dos semanas", "2025-06-02", "2025-06-09"),
        ("marzo de 2022", "2022-03-01", "2022-04-01"),
        ("desde 2020", "2020-01-01", ""),
        ("上周", "2025-06-09", "2025-06-16"),
        ("去年三月", "2024-03-01", "2024-04-01"),
        ("2023年5月3日", "2023-05-03", "2023-05-04"),
        ("三天前", "2025-06-15", "2025-06-16"),
        ("上个月", "2025-05-01", "2025-06-01"),
        ("上個月", "2025-05-01", "2025-06-01"),
        ("本季度", "2025-04-01", "2025-07-01"),
        ("二〇一六年", "2016-01-01", "2017-01-01"),
        ("先週", "2025-06-09", "2025-06-16"),
        ("昨年の3月", "2024-03-01", "2024-04-01"),
        ("令和5年", "2023-01-01", "2024-01-01"),
        ("先月末", "2025-05-16", "2025-06-01"),
        ("3日前", "2025-06-15", "2025-06-16"),
        ("来年", "2026-01-01", "2027-01-01"),
    ],
)
def test_other_languages_are_understood_without_being_told_which(phrase: str, since: str, until: str) -> None:
    assert between(phrase) == (since, until)


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("invoices from Anna last March over 1 MB", "last March"),
        ("photos from summer 2023", "from summer 2023"),
        ("Rechnungen vom letzten März", "vom letzten März"),
        ("contratos de la semana pasada de Ana", "de la semana pasada"),
        ("courriels d'il y a trois jours", "il y a trois jours"),
        ("上周的会议记录", "上周的"),
        ("昨年の3月の写真", "昨年の3月の"),
    ],
)
def test_a_time_is_found_in_a_text_with_what_belongs_to_it(text: str, time: str) -> None:
    assert [text[f.start : f.end] for f in find(text, NOW) if f.sure] == [time]


@pytest.mark.parametrize(
    "text",
    [
        "what may happen",
        "das Auto und die Katze so",
        "the march of the penguins",
        "el mar y la playa",
        "PEP 2023",
        "sept nains",
        "do it now",
        "the second world war",
        "上海的天气",
        "24/7 support",
        "was steht hier",
    ],
)
def test_words_that_are_rarely_times_are_not_sure(text: str) -> None:
    assert [text[f.start : f.end] for f in find(text, NOW) if f.sure] == []


@given(st.text(max_size=60), st.datetimes())
def test_finding_times_in_any_text_gives_ordered_pieces_of_it(text: str, now: datetime) -> None:
    found = find(text, now)
    ends = [0, *(f.end for f in found)]
    assert all(ends[n] <= f.start < f.end <= len(text) for n, f in enumerate(found))
