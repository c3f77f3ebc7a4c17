from __future__ import annotations

import math

from semfs.model import FileId, PassageId
from semfs.search.fusion import (
    Match,
    Signs,
    rank_files,
    rank_passages,
    signs_of,
    weight_of_words,
    without_tail,
)

WEIGHT = 0.6  # of BM25


def matches(*given: Match) -> dict[PassageId, Match]:
    return {match.passage: match for match in given}


def match(
    id: int,
    *,
    file: int = 0,
    words: float = 0.0,
    z: float | None = None,
    cosine: float | None = None,
    exact: bool = False,
) -> Match:
    return Match(PassageId(id), FileId(file or id), words=words, z=z, cosine=cosine, exact=exact)


def order(found: dict[PassageId, Match]) -> list[int]:
    return [int(match.passage) for _, match in rank_passages(found, WEIGHT)]


def test_both_halves_add_up() -> None:
    assert order(matches(match(1, words=5.0), match(2, words=5.0, z=4.0), match(3, z=4.0))) == [2, 3, 1]


def test_a_meaning_near_chance_yields_to_the_words() -> None:
    assert order(matches(match(1, words=8.0, z=1.0), match(2, words=1.0, z=2.5))) == [1, 2]


def test_a_meaning_far_above_chance_outweighs_common_words() -> None:
    assert order(matches(match(1, words=8.0, z=1.0), match(2, words=1.0, z=5.5))) == [2, 1]


def test_a_meaning_below_chance_is_no_evidence_against() -> None:
    assert order(matches(match(1, words=2.0, z=-3.0), match(2, words=1.0, z=0.0))) == [1, 2]


def test_what_only_its_words_have_found_is_taken_to_lie_below_the_last_that_was_fetched() -> None:
    scores = {
        match.passage: score
        for score, match in rank_passages(matches(match(1, words=1.0), match(2, z=2.0)), WEIGHT)
    }
    assert round(scores[PassageId(1)], 2) == round(0.6 + (0.7 * 2.0) ** 2 / 2, 2)


def signs(*, letters: float = 4.0, rise: float = 0.5, agreement: float = 0.3) -> Signs:
    return Signs(letters, rise, agreement)


def test_words_count_less_the_nearer_the_best_passage_comes_to_the_query() -> None:
    assert weight_of_words(signs(rise=0.7)) < weight_of_words(signs(rise=0.4))


def test_words_count_more_where_both_halves_find_the_same() -> None:
    assert weight_of_words(signs(agreement=0.9)) > weight_of_words(signs(agreement=0.1))


def test_words_count_more_the_less_the_embedder_can_read() -> None:
    english, russian, thai = (weight_of_words(signs(letters=letters)) for letters in (4.5, 1.0, 0.0))
    assert english < russian < thai < math.inf


def test_the_signs_are_of_files_and_of_their_best_passages() -> None:
    found = [match(1, file=1, words=9.0), match(2, file=1, words=3.0), match(3, file=2, words=5.0)]
    found += [match(4, file=2, cosine=0.6), match(5, file=2, cosine=0.2), match(6, file=3, cosine=0.4)]
    assert signs_of(found, letters=4.0, mean=0.2) == Signs(4.0, (0.6 - 0.2) / 0.8, 0.1)


def test_a_query_without_matches_has_signs_too() -> None:
    assert signs_of([], letters=4.0, mean=0.1) == Signs(4.0, 0.0, 0.0)


def test_the_half_that_counts_more_keeps_its_scale() -> None:
    found = matches(match(1, words=5.0, z=2.0))
    assert [round(rank_passages(found, weight)[0][0], 3) for weight in (0.5, 1.0, 4.0)] == [4.5, 7.0, 5.5]


def test_exact_passages_come_first() -> None:
    assert order(matches(match(1, words=30.0), match(2, words=3.0, exact=True))) == [2, 1]


def test_a_file_is_as_good_as_its_best_passage_and_a_little_for_others() -> None:
    found = matches(match(1, file=1, z=4.0), match(2, file=2, z=4.0), match(3, file=2, z=3.9))
    ranked = rank_files(found, {}, WEIGHT)
    assert [item.file for item in ranked] == [2, 1]
    assert ranked[0].score < 1.1 * ranked[1].score


def test_a_name_alone_is_a_find() -> None:
    ranked = rank_files(matches(match(1, z=4.0)), {FileId(9): 200.0}, WEIGHT)
    assert [(item.file, item.best is None) for item in ranked] == [(9, True), (1, False)]


def test_the_tail_is_left_out_by_evidence_not_by_bonus() -> None:
    found = matches(match(1, z=4.0), match(2, z=3.0), match(3, z=0.5))
    bonus = {FileId(2): 200.0}
    assert [item.file for item in without_tail(rank_files(found, bonus, WEIGHT), bonus)] == [2, 1]
