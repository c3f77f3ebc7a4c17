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


@pytest.mark.parametrize(
    ("phrase", "now", "since", "until"),
    [
        ("29 February", datetime(2023, 3, 1), "2020-02-29", "2020-03-01"),
        ("February 2024", NOW, "2024-02-01", "2024-03-01"),
        ("last month", datetime(2024, 3, 31), "2024-02-01", "2024-03-01"),
        ("the last 6 months", datetime(2024, 8, 31), "2024-02-29", "2024-08-31"),
        ("yesterday", datetime(2024, 1, 1), "2023-12-31", "2024-01-01"),
        ("last week", datetime(2024, 1, 3), "2023-12-25", "2024-01-01"),
        ("week 53 of 2020", NOW, "2020-12-28", "2021-01-04"),
        ("KW 1 2021", NOW, "2021-01-04", "2021-01-11"),
        ("last quarter", datetime(2024, 2, 1), "2023-10-01", "2024-01-01"),
        ("winter 2024", NOW, "2023-12-01", "2024-03-01"),
        ("last weekend", datetime(2024, 1, 1), "2023-12-30", "2024-01-01"),
        ("the next 3 business days", datetime(2024, 2, 28), "2024-02-29", "2024-03-05"),
    ],
)
def test_months_weeks_and_years_end_where_the_calendar_ends_them(
    phrase: str, now: datetime, since: str, until: str
) -> None:
    found = resolve(phrase, now)
    assert found is not None
    assert (f"{found.since:%Y-%m-%d}", f"{found.until:%Y-%m-%d}") == (since, until)


@pytest.mark.parametrize(
    "phrase", ["30 February 2024", "week 53 of 2021", "31 April", "2023年2月29日", "31. Juni"]
)
def test_a_date_that_no_calendar_has_means_nothing(phrase: str) -> None:
    assert resolve(phrase, NOW) is None


@pytest.mark.parametrize(
    ("phrase", "meant", "to_the_letter"),
    [
        ("from May to July 2023", "2023-05-01 to 2023-08-01", "2023-05-01 to 2023-07-01"),
        ("between 2019 and 2021", "2019-01-01 to 2022-01-01", "2019-01-01 to 2021-01-01"),
        ("after 5 May 2023", "since 2023-05-06", "since 2023-05-05"),
        ("two months ago", "2025-04-01 to 2025-05-01", "2025-04-18 to 2025-04-19"),
    ],
)
def test_people_mean_whole_units_which_to_the_letter_they_do_not_say(
    phrase: str, meant: str, to_the_letter: str
) -> None:
    assert [str(resolve(phrase, NOW, exact=exact)) for exact in (False, True)] == [meant, to_the_letter]


SAID = (
    "last next this 3 12 31 2024 may week of the before since between and - / , . from to ago in first 's vor"
    " letzten bis il y a derniers semana pasada hace entre de 上 周 月 日 年 前 3 から まで 来 第 末"
)
WORDS = st.sampled_from(SAID.split())


@given(st.lists(WORDS, max_size=25), st.datetimes(), st.booleans())
def test_words_of_time_in_any_order_are_a_span_or_nothing(
    words: list[str], now: datetime, exact: bool
) -> None:
    found = resolve(" ".join(words), now, exact=exact)
    if found is not None and found.since and found.until:
        assert found.since <= found.until


@given(st.lists(WORDS, max_size=25), st.datetimes())
def test_times_that_are_found_end_after_they_begin(words: list[str], now: datetime) -> None:
    for found in find(" ".join(words), now):
        since, until = found.span.since, found.span.until
        assert since is None or until is None or since <= until


@pytest.mark.parametrize(
    "word", ["9", "the ", "may ", "1/2-", "二", "of may to ", "last ", "3 days ", "\0", "第"]
)
def test_a_text_without_end_is_read_at_once(word: str) -> None:
    """Only its beginning is looked at: a test that takes long has found what is not linear."""
    assert len(find(word * 200_000, NOW)) <= 1000
