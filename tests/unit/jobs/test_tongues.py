"""Which language a request is in, and whether its words need another."""

from __future__ import annotations

import pytest

from semfs.jobs.operators.tongues import foreign, language_of
from semfs.model import FileId, FileRow, FileStatus, Kind


@pytest.mark.parametrize(
    ("request_", "language"),
    [
        ("Welche Kaution zahlen wir?", "de"),
        ("Gesamtsumme der Rechnungen 2024 nach Anbieter", "de"),
        ("what deposit do we pay for the flat?", "en"),
        ("德累斯顿新店的租金是多少?", "zh"),
        ("quel est le loyer ?", "fr"),
    ],
)
def test_a_request_s_language_is_told_by_its_words(request_: str, language: str) -> None:
    assert language_of(request_) == language


def files(*languages: str) -> list[FileRow]:
    return [
        FileRow(FileId(n), f"/{n}", Kind.TEXT, 1, 0.0, FileStatus.INDEXED, language=language)
        for n, language in enumerate(languages)
    ]


@pytest.mark.parametrize(
    ("languages", "to"),
    [
        (("en", "en", "de"), "English"),
        (("de", "de"), ""),
        (("de",) * 9 + ("en",), ""),
        (("", "xx"), ""),
        ((), ""),
    ],
)
def test_words_are_translated_where_many_files_are_in_another_language(
    languages: tuple[str, ...], to: str
) -> None:
    assert foreign("Welche Kaution zahlen wir?", files(*languages)) == to
