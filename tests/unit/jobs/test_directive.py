"""What was written into `run`, understood or refused."""

from __future__ import annotations

import pytest

from semfs.errors import BadRequest, RequestTooLong
from semfs.jobs.directive import read
from semfs.model import Priority, Weights


def test_words_are_a_request() -> None:
    request = read("  Summe der Rechnungen für März\n".encode(), longest=100)
    assert (request.text, request.hold, request.is_plan) == ("Summe der Rechnungen für März", False, False)


def test_the_first_line_may_say_how() -> None:
    request = read(b"#!semfs hold priority=low model=small seconds=60\nlist all\nPDFs\n", longest=100)
    assert request.text == "list all\nPDFs"
    assert (request.hold, request.priority, request.weights) == (True, Priority.LOW, Weights("small"))
    assert request.seconds == 60


def test_the_rest_may_be_a_plan() -> None:
    assert read(b'#!semfs plan\nsave(find("x"), "x.txt")', longest=100).is_plan


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "the request is empty"),
        (b" \n\t\n", "the request is empty"),
        (b"#!semfs hold\n", "the request is empty"),
        (b"\xff\xfe\x00", "byte 1 is not UTF-8"),
        (b"a\0b", r"holds the character U\+0000"),
        (b"a\x1b[2Jb", r"holds the character U\+001B"),
        (b"#!semfs hodl\nx", "unknown word 'hodl' in the first line: did you mean 'hold'"),
        (b"#!semfs prio=low\nx", "unknown option 'prio' in the first line: did you mean 'priority'"),
        (b"#!semfs priority=urgent\nx", "unknown priority 'urgent': use high, normal or low"),
        (b"#!semfs seconds=0\nx", "seconds='0' is no whole number of seconds from 1 to 604800"),
        (b"#!semfs seconds=1h\nx", "seconds='1h' is no whole number"),
        (b"#!semfs seconds=9999999999\nx", "seconds='9999999999' is no whole number"),
        (b"#!semfsx\nx", "did you mean '#!semfs'"),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_reason(data: bytes, reason: str) -> None:
    with pytest.raises(BadRequest, match=reason):
        read(data, longest=100)


def test_a_request_that_is_too_long_is_refused() -> None:
    with pytest.raises(RequestTooLong, match="101 bytes; at most 100"):
        read(b"x" * 101, longest=100)
