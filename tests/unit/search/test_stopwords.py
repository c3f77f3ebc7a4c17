from __future__ import annotations

from semfs.search.stopwords import language_of, stop_words, written_in


def test_a_question_s_own_words_tell_its_language() -> None:
    assert language_of(["Wo", "liegt", "die", "Rechnung"], ["en", "de", "fr"]) == "de"
    assert language_of(["où", "est", "la", "facture"], ["en", "de", "fr"]) == "fr"


def test_words_that_are_in_two_languages_do_not_decide() -> None:
    assert language_of(["in"], ["en", "de"]) == ""


def test_without_languages_there_is_none() -> None:
    assert language_of(["the"], []) == ""


def test_a_language_without_a_list_has_no_stop_words() -> None:
    assert stop_words("eo") == frozenset()


def test_norwegian_goes_by_its_own_code() -> None:
    assert "og" in stop_words("no")


def test_some_scripts_tell_the_language() -> None:
    held = ["en", "zh", "ja", "ko", "th"]
    written = {
        text: written_in(text, held) for text in ("会议记录", "会議の記録", "회의록", "บันทึก", "minutes")
    }
    assert list(written.values()) == ["zh", "ja", "ko", "th", ""]


def test_a_script_tells_nothing_of_a_language_that_the_index_does_not_hold() -> None:
    assert written_in("会议记录", ["en", "de"]) == ""
