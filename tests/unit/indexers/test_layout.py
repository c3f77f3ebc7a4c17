"""What is recognised in a picture: which lines count, and in which order they are read."""

from __future__ import annotations

import pytest

from semfs.indexers.layout import Line, legible, text_of


def line(text: str, left: float, top: float, *, width: float = 200, score: float = 1.0) -> Line:
    return Line(text, score, left, top, left + width, top + 10)


@pytest.mark.parametrize(
    ("text", "score", "counts"),
    [
        ("Invoice", 0.99, True),
        ("YAMAHA", 0.81, True),
        ("u      ick", 0.77, False),  # upside down
        ("***", 0.94, False),
        ("8", 0.89, False),  # a cup from above
        ("8", 1.0, True),
        ("", 1.0, False),
    ],
)
def test_only_what_is_surely_text_counts(text: str, score: float, counts: bool) -> None:
    assert bool(legible([line(text, 0, 0, score=score)])) is counts


def test_nothing_has_no_text() -> None:
    assert text_of([]) == ""


def test_lines_are_read_from_top_to_bottom() -> None:
    assert text_of([line("two", 0, 12), line("one", 3, 0), line("three", 0, 24)]) == "one\ntwo\nthree"


def test_white_parts_paragraphs() -> None:
    assert text_of([line("one", 0, 0), line("two", 0, 40)]) == "one\n\ntwo"


def test_columns_of_running_text_are_read_one_after_the_other() -> None:
    lines = [line(f"left {row}", 0, 12 * row) for row in range(4)]
    lines += [line(f"right {row}", 300, 12 * row + 1) for row in range(4)]

    expected = "left 0\nleft 1\nleft 2\nleft 3\n\nright 0\nright 1\nright 2\nright 3"

    assert expected == text_of(lines)


def test_the_cells_of_a_table_stay_in_their_rows() -> None:
    cells = [("Tea", 0), ("2", 300), ("4.80", 400)], [("Bread", 0), ("1", 300), ("3.20", 400)]
    lines = [
        line(text, left, 12 * row, width=40) for row, row_of in enumerate(cells) for text, left in row_of
    ]

    assert text_of(lines) == "Tea  2  4.80\nBread  1  3.20"


def test_a_heading_across_columns_comes_before_them() -> None:
    lines = [line("Title", 0, 0, width=500)]
    lines += [line(f"left {row}", 0, 40 + 12 * row) for row in range(3)]
    lines += [line(f"right {row}", 300, 40 + 12 * row) for row in range(3)]

    assert text_of(lines).split("\n")[0] == "Title"
    assert text_of(lines).index("left 2") < text_of(lines).index("right 0")
