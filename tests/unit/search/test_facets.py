"""Facets: which values a file has, how often each occurs, and what is left after narrowing."""

from __future__ import annotations

from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st

from semfs.model import FileId, FileRow, FileStatus, Hit, Kind
from semfs.search.facets import FACETS, counts, may_be, narrowed

ROOTS = ("/home/me/docs",)
MIDSUMMER = datetime(2023, 6, 24).timestamp()
SPRING = datetime(2021, 4, 1).timestamp()


def hit(
    path: str,
    *,
    kind: Kind = Kind.PDF,
    created: float | None = None,
    language: str = "",
    mtime: float = MIDSUMMER,
) -> Hit:
    row = FileRow(FileId(1), path, kind, 1, mtime, FileStatus.INDEXED, created=created, language=language)
    return Hit(1, row, 1.0, None, "words")


def test_the_most_frequent_value_comes_first_and_equal_ones_by_name() -> None:
    hits = [hit("/a", kind=kind) for kind in (Kind.EMAIL, Kind.PDF, Kind.TEXT, Kind.PDF)]

    assert list(counts(hits, "kind", roots=ROOTS).items()) == [("pdf", 2), ("email", 1), ("text", 1)]


def test_the_documents_own_date_goes_before_that_of_the_last_change() -> None:
    assert counts([hit("/a", created=SPRING), hit("/b")], "year", roots=ROOTS) == {"2021": 1, "2023": 1}


def test_a_date_that_no_calendar_has_is_passed_over() -> None:
    assert counts([hit("/a", created=1e300)], "year", roots=ROOTS) == {"2023": 1}
    assert counts([hit("/a", created=1e300, mtime=-1e300)], "year", roots=ROOTS) == {}


def test_a_file_counts_in_each_folder_above_it_below_its_source() -> None:
    hits = [
        hit("/home/me/docs/reports/2024/q1.pdf"),
        hit("/home/me/docs/reports/old.pdf"),
        hit("/home/me/docs/x"),
    ]

    assert counts(hits, "folder", roots=ROOTS) == {"reports": 2, "reports/2024": 1}


def test_several_sources_are_told_apart_by_their_names() -> None:
    roots = ("/home/me/docs", "/srv/mail")
    hits = [hit("/home/me/docs/a/x"), hit("/srv/mail/y"), hit("/gone/z")]

    assert counts(hits, "folder", roots=roots) == {"docs": 1, "docs/a": 1, "mail": 1}


def test_folders_are_compared_in_one_normal_form() -> None:
    hits = [hit("/home/me/docs/Büro/x"), hit("/home/me/docs/Bu\u0308ro/y")]

    assert counts(hits, "folder", roots=ROOTS) == {"Büro": 2}
    assert len(narrowed(hits, "folder", "Bu\u0308ro", roots=ROOTS)) == 2


def test_a_file_without_a_language_counts_nowhere() -> None:
    assert counts([hit("/a", language="de"), hit("/b")], "language", roots=ROOTS) == {"de": 1}


def test_values_that_no_file_can_have_are_known_without_looking() -> None:
    good = (("kind", "pdf"), ("year", "2023"), ("folder", "a/b"), ("language", "zh"))
    bad = (
        ("kind", "PDF"),
        ("year", "23"),
        ("year", "²023"),
        ("folder", ""),
        ("language", "D"),
        ("size", "1"),
    )

    assert [may_be(*each) for each in (*good, *bad)] == [True] * len(good) + [False] * len(bad)


@given(
    st.lists(
        st.builds(
            hit,
            st.from_regex(r"/home/me/docs(/[ab]){1,4}", fullmatch=True),
            kind=st.sampled_from(Kind),
            created=st.none() | st.floats(),
            language=st.sampled_from(["", "en", "de"]),
        )
    ),
    st.sampled_from(sorted(FACETS)),
)
def test_a_count_is_the_number_of_hits_left_in_their_order(hits: list[Hit], facet: str) -> None:
    for value, count in counts(hits, facet, roots=ROOTS).items():
        left = narrowed(hits, facet, value, roots=ROOTS)
        assert len(left) == count
        assert left == [each for each in hits if each in left]
        assert may_be(facet, value)
