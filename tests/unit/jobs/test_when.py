"""Times that come again: what is understood, and what the calendar does with it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from dateutil import tz
from hypothesis import given
from hypothesis import strategies as st

from semfs.errors import BadRequest
from semfs.jobs.every import WRONG_S, due
from semfs.jobs.when import When
from semfs.jobs.when_words import understand

PHRASES = {
    "weekdays 8:00": ["0 8 * * 1-5"],
    "Weekdays at 8 am": ["0 8 * * 1-5"],
    "daily 7:30": ["30 7 * * *"],
    "every day at noon and at midnight": ["0 0 * * *", "0 12 * * *"],
    "mon-wed, sat 12:15 am": ["15 0 * * 1,2,3,6"],
    "monday and thursday 6:05 pm": ["5 18 * * 1,4"],
    "fri to mon 9h30": ["30 9 * * 1,5,6,7"],
    "weekends 10:00": ["0 10 * * 6,7"],
    "on the 1st and 15th of the month at 6am": ["0 6 1 * *", "0 6 15 * *"],
    "first monday of the month 9:00": ["0 9 * * 1#1"],
    "last friday of each month 17:00": ["0 17 * * 5L"],
    "last day of the month 23:30": ["30 23 L * *"],
    "last weekday of the month at 17": ["0 17 LW * *"],
    "every year on march 1st at 9:00": ["0 9 1 3 *"],
    "every 15 minutes": ["*/15 * * * *"],
    "every 2 hours on weekdays": ["0 */2 * * 1-5"],
    "hourly": ["0 * * * *"],
    "werktags 8:00": ["0 8 * * 1-5"],
    "täglich um 7 Uhr 30": ["30 7 * * *"],
    "montags und freitags um 9 Uhr": ["0 9 * * 1,5"],
    "am letzten Tag des Monats 18:00": ["0 18 L * *"],
    "ersten Dienstag im Monat 9:00": ["0 9 * * 2#1"],
    "alle 30 Minuten": ["*/30 * * * *"],
    "每天8点": ["0 8 * * *"],
    "每周一三五下午3点半": ["30 15 * * 1,3,5"],
    "每月1日9:00": ["0 9 1 * *"],
    "0 8 * * 1-5": ["0 8 * * 1-5"],
}
REFUSED = {
    "": "say on which days",
    "daily": "say at what time",
    "8:00": "say on which days",
    "wekdays 8:00": "'wekdays' is not understood",
    "weekdays 8": "'8' is not understood",
    "every 2 weeks on monday 8:00": "'2 weeks' is not understood",
    "every 7 minutes": "60 must be a multiple of it",
    "every 0 hours": "24 must be a multiple of it",
    "daily 25:00": "'25:00' is no time of day",
    "daily 13 pm": "'13 pm' is no time of day",
    "february 30 8:00": "Bad day-of-month",
    "0 8 30 2 *": "Bad day-of-month",
    "99 8 * * *": "Bad minute",
    "hourly 8:00": "not both",
    "daily 8:00; rm -rf /": "'rm -rf /' is not understood",
}
ZONES = [tz.gettz(name) for name in ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC")]
MOMENTS = st.floats(1.6e9, 2.2e9)
WHENS = st.sampled_from(list(PHRASES)).map(understand)


@pytest.mark.parametrize(("phrase", "expressions"), PHRASES.items())
def test_a_phrase_is_understood(phrase: str, expressions: list[str]) -> None:
    assert sorted(understand(phrase).expressions) == sorted(expressions)


@pytest.mark.parametrize(("phrase", "words"), REFUSED.items())
def test_what_is_not_understood_is_refused_with_examples(phrase: str, words: str) -> None:
    with pytest.raises(BadRequest) as refused:
        understand(phrase)
    assert words in str(refused.value)
    assert '"weekdays 8:00"' in str(refused.value)


@given(st.text(max_size=40))
def test_any_text_is_understood_or_refused(phrase: str) -> None:
    try:
        understand(phrase)
    except BadRequest:
        return


@given(WHENS, MOMENTS, st.sampled_from(ZONES))
def test_what_comes_next_is_the_first_after_a_moment(when: When, moment: float, zone) -> None:
    following = when.after(moment, zone)
    assert following > moment
    assert when.after((moment + following) / 2, zone) == following
    assert when.latest(following, zone) == following


@given(WHENS, MOMENTS, st.sampled_from(ZONES))
def test_what_came_last_is_followed_by_what_comes_next(when: When, moment: float, zone) -> None:
    latest = when.latest(moment, zone)
    assert latest <= moment
    assert when.after(latest, zone) == when.after(moment, zone)


@given(st.integers(0, 23), st.integers(0, 59), MOMENTS, st.sampled_from(ZONES))
def test_a_time_of_day_comes_once_a_day_also_when_the_clock_is_changed(
    hour: int, minute: int, moment: float, zone
) -> None:
    when = understand(f"daily {hour}:{minute:02}")
    first = datetime.fromtimestamp(when.after(moment, zone), zone)
    second = datetime.fromtimestamp(when.after(first.timestamp(), zone), zone)
    assert (second.date() - first.date()).days == 1


BERLIN = tz.gettz("Europe/Berlin")


@pytest.mark.parametrize(
    ("phrase", "moment", "following"),
    [
        ("daily 2:30", "2026-03-28T12:00+01:00", "2026-03-29T03:00+02:00"),  # 2:30 is not there
        ("daily 2:30", "2026-10-24T12:00+02:00", "2026-10-25T02:30+02:00"),  # 2:30 is there twice
        ("daily 2:30", "2026-10-25T02:30+02:00", "2026-10-26T02:30+01:00"),
        ("hourly", "2026-10-25T02:00+02:00", "2026-10-25T02:00+01:00"),
        ("hourly", "2026-03-29T01:00+01:00", "2026-03-29T03:00+02:00"),
    ],
)
def test_changes_of_the_clock(phrase: str, moment: str, following: str) -> None:
    found = understand(phrase).after(datetime.fromisoformat(moment).timestamp(), BERLIN)
    assert datetime.fromtimestamp(found, UTC) == datetime.fromisoformat(following)


# -- what is due

DAY = timedelta(days=1).total_seconds()


@given(WHENS, MOMENTS, st.lists(st.floats(1, 40 * DAY), max_size=8), st.sampled_from(ZONES))
def test_what_was_missed_runs_once_and_nothing_runs_twice(
    when: When, moment: float, pauses: list[float], zone
) -> None:
    reached = seen = now = moment
    for pause in pauses:
        now += pause
        missed = when.after(reached, zone) <= now
        found = due(when, reached=reached, seen=seen, now=now, zone=zone)
        assert (found is not None) == missed
        if found is not None:
            assert reached < found <= now
            assert when.after(found, zone) > now
            reached = now
        seen = now
        assert due(when, reached=reached, seen=seen, now=now, zone=zone) is None


@given(WHENS, MOMENTS, st.floats(0, WRONG_S - 1), st.sampled_from(ZONES))
def test_a_clock_that_is_set_back_runs_nothing_again(when: When, moment: float, back: float, zone) -> None:
    reached = when.latest(moment, zone)
    for now in (reached - back, reached - back / 2, reached):
        assert due(when, reached=reached, seen=reached, now=now, zone=zone) is None


@given(MOMENTS, st.floats(2, 4000))
def test_a_clock_that_was_far_ahead_stops_nothing(moment: float, days: float) -> None:
    when = understand("daily 8:00")
    ahead = moment + days * DAY
    assert due(when, reached=ahead, seen=ahead, now=moment, zone=BERLIN) is None
    following = when.after(moment, BERLIN)
    assert due(when, reached=ahead, seen=moment, now=following, zone=BERLIN) == following
