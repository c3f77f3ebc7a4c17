"""Names: the laws that every listing keeps, whatever the files are called."""

from __future__ import annotations

import os
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from semfs.mount.names import cut, distinct, inode, is_ranked, matched, ranked, showable

# Any name that the kernel can give, those that are not UTF-8 too.
ANY = st.text(st.characters(exclude_categories=["Cs"]), max_size=300) | st.binary(max_size=300).map(
    os.fsdecode
)


@given(st.lists(ANY.map(lambda name: "/folder/" + name.replace("/", "").replace("\0", "")), max_size=120))
def test_ranked_names_are_distinct_valid_and_in_order(paths: list[str]) -> None:
    names = ranked(paths)

    assert len(names) == len(paths) == len(set(names))
    assert names == sorted(names)
    for name in names:
        assert is_ranked(name)
        assert len(name.encode("utf-8")) <= 255
        assert "/" not in name and "\0" not in name
        assert matched(name) == name


@given(ANY, st.integers(40, 255))
def test_cutting_keeps_the_limit_and_the_extension(stem: str, limit: int) -> None:
    name = matched(stem) + ".xlsx"

    short = cut(name, limit)

    assert len(short.encode("utf-8")) <= limit
    assert short.endswith(".xlsx")
    assert name.startswith(short.removesuffix(".xlsx"))


@given(ANY)
def test_no_control_or_direction_mark_is_shown(name: str) -> None:
    clean = showable(name)

    assert clean not in ("", ".", "..")
    assert not any(unicodedata.category(letter) == "Cc" for letter in clean)
    assert not set(clean) & set("/\u202e\u2066\u2028")


@given(st.lists(ANY, max_size=50))
def test_distinct_names_are_distinct_and_keep_their_suffix(names: list[str]) -> None:
    made = distinct(names, suffix=".txt")

    assert len(set(made)) == len(names)
    assert all(name.endswith(".txt") and len(name.encode()) <= 255 for name in made)


def test_rank_is_as_wide_as_the_number_of_hits() -> None:
    assert ranked(["/a/b.txt"]) == ["01_b.txt"]
    assert ranked(["/x"] * 120)[4] == "005_x"


def test_a_long_name_is_cut_between_characters() -> None:
    assert cut("é" * 200 + ".pdf") == "é" * 125 + ".pdf"


def test_a_sentence_after_the_last_dot_is_no_extension() -> None:
    assert cut("a." + "b" * 300) == "a." + "b" * 253


def test_equal_names_are_numbered() -> None:
    assert distinct(["a", "b", "a", "a"], suffix=".txt") == ["a.txt", "b.txt", "a (2).txt", "a (3).txt"]


@given(st.integers(1, 2**63 - 1), ANY)
def test_inodes_are_stable_and_never_the_roots(parent: int, name: str) -> None:
    assert 1 < inode(parent, name) < 2**63
    assert inode(parent, name) == inode(parent, name)
