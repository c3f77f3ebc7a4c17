"""Each sort of filter, in the languages that are understood."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from semfs.model import Filters, Kind, Understood
from semfs.search import sizes
from semfs.search.kinds import by_name
from tests.unit.search.test_query import understood

YEAR = ("2023-01-01", "2024-01-01")
WEEK = ("2025-06-09", "2025-06-16")


def _of(span: tuple[str, str]) -> Filters:
    since, until = (datetime.fromisoformat(day).timestamp() for day in span)
    return Filters(since=since, until=until)


def only(text: str) -> Understood:
    (item,) = understood(text).understood
    return item


@pytest.mark.parametrize(
    ("text", "kind", "left"),
    [
        ("show me all emails about tax", Kind.EMAIL, "tax"),
        ("which PDFs mention tax", Kind.PDF, "mention tax"),
        ("can you show me all photos of Rome?", Kind.IMAGE, "Rome"),
        ("invoices as pdf", Kind.PDF, "invoices"),
        ("zeige mir alle Fotos aus Rom", Kind.IMAGE, "Rom"),
        ("Präsentationen über Steuern", Kind.PRESENTATION, "Steuern"),
        ("E-Mails zum Mietvertrag", Kind.EMAIL, "Mietvertrag"),
        ("Rechnungen als PDF", Kind.PDF, "Rechnungen"),
        ("montre-moi toutes les photos de Rome", Kind.IMAGE, "Rome"),
        ("courriels sur les impôts", Kind.EMAIL, "impôts"),
        ("feuilles de calcul avec budget", Kind.SPREADSHEET, "budget"),
        ("factures en pdf", Kind.PDF, "factures"),
        ("muéstrame todas las fotos de Roma", Kind.IMAGE, "Roma"),
        ("hojas de cálculo con presupuesto", Kind.SPREADSHEET, "presupuesto"),
        ("correos electrónicos sobre impuestos", Kind.EMAIL, "impuestos"),
        ("关于税的PDF", Kind.PDF, "税"),
        ("旅行照片", Kind.IMAGE, "旅行"),
        ("2023年のPDF", Kind.PDF, ""),
        ("预算的PDF，不包括发票", Kind.PDF, "预算"),
        ("邮件", Kind.EMAIL, ""),
        ("项目预算的表格", Kind.SPREADSHEET, "项目预算"),
        ("旅行の写真", Kind.IMAGE, "旅行"),
        ("税金に関するメール", Kind.EMAIL, "税金"),
        ("会議のプレゼン", Kind.PRESENTATION, "会議"),
    ],
)
def test_a_word_for_a_kind_is_a_filter_where_it_stands_as_one(text: str, kind: Kind, left: str) -> None:
    query = understood(text)
    assert (query.filters.kinds, query.text) == ({kind}, left)


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("Fotos", Kind.IMAGE),
        ("照片", Kind.IMAGE),
        ("courriels", Kind.EMAIL),
        ("pdf", Kind.PDF),
        ("pdfs", Kind.PDF),
    ],
)
def test_a_kind_is_known_by_its_name_in_any_language(word: str, kind: Kind) -> None:
    wanted = by_name(word)
    assert wanted is not None
    assert wanted.kinds == {kind}


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [
        ("over 1.5 MB", 1_500_000, None),
        ("larger than 10k", 10_000, None),
        ("under 2 GiB", None, 2 * 2**30),
        ("between 1 and 5 MB", 1_000_000, 5_000_000),
        ("10 MB or more", 10_000_000, None),
        ("über 1 MB", 1_000_000, None),
        ("größer als 1,5 GB", 1_500_000_000, None),
        ("höchstens 500 KB", None, 500_000),
        ("zwischen 1 und 5 MB", 1_000_000, 5_000_000),
        ("plus de 1 Mo", 1_000_000, None),
        ("moins de 300 Ko", None, 300_000),
        ("más de 2 MB", 2_000_000, None),
        ("menores de 2 MB", None, 2_000_000),
        ("大于1MB", 1_000_000, None),
        ("1MB以上", 1_000_000, None),
        ("不超过500KB", None, 500_000),
        ("1MBより大きい", 1_000_000, None),
        ("2GB未満", None, 2_000_000_000),
        ("at least 100 bytes", 100, None),
    ],
)
def test_sizes_are_bounds_in_bytes(text: str, least: int | None, most: int | None) -> None:
    assert sizes.understood(text) == Filters(min_size=least, max_size=most)
    assert only(f"budget {text}").filters == Filters(min_size=least, max_size=most)


@pytest.mark.parametrize("text", ["rivers over 5 m", "over 100 pages", "more than 10 g of sugar", "over 1"])
def test_other_amounts_are_no_sizes(text: str) -> None:
    assert understood(text).notes == ()


@pytest.mark.parametrize(
    ("text", "folder"),
    [
        ("letters in the sales folder", "sales"),
        ("letters in a/b/", "a/b"),
        ("Notizen im Ordner Verträge", "Verträge"),
        ("Notizen im Verträge-Ordner", "Verträge"),
        ("Notizen im Archiv", "Archiv"),
        ("notes dans le dossier contrats", "contrats"),
        ("cartas en la carpeta contratos", "contratos"),
        ("在合同文件夹里的信", "合同"),
        ("在合同里的信", "合同"),
        ("合同フォルダの中の手紙", "合同"),
        ('letters in folder "Tax 2023"', "Tax 2023"),
    ],
)
def test_a_folder_is_taken_where_it_is_named_or_known(text: str, folder: str) -> None:
    assert only(text).filters == Filters(folder=folder)


@pytest.mark.parametrize("text", ["notes in paris", "Notizen im Garten", "在花园里的信", "notes en ville"])
def test_a_place_that_is_no_folder_is_left(text: str) -> None:
    assert understood(text).notes == ()


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("letters by Anna", "Anna"),
        ("letters from anna schmidt about tax", "anna schmidt"),
        ("letters written by Anna", "Anna"),
        ("Briefe von Anna", "Anna"),
        ("lettres d'Anna", "Anna"),
        ("lettres de la part de Anna", "Anna"),
        ("cartas de Anna", "Anna"),
        ("cartas escritas por Anna", "Anna"),
        ("王伟写的信", "王伟"),
        ("来自王伟的信", "王伟"),
        ("王伟からの手紙", "王伟"),
    ],
)
def test_an_author_is_taken_if_there_is_one_of_that_name(text: str, name: str) -> None:
    assert only(text).filters == Filters(author=name)


@pytest.mark.parametrize(
    ("text", "filters"),
    [
        ("emails to Bob", Filters(recipient="Bob")),
        ("mails from Anna to Bob", Filters(author="Anna", recipient="Bob")),
        ("unread mails from anna to bob meier about tax", Filters(author="anna", recipient="bob meier")),
        ("emails to Bob from Anna", Filters(author="Anna", recipient="Bob")),
        ("which emails were sent to Bob", Filters(recipient="Bob")),
        ("E-Mails an Bob", Filters(recipient="Bob")),
        ("zeige mir alle Mails von Anna an Bob", Filters(author="Anna", recipient="Bob")),
        ("courriels à Bob", Filters(recipient="Bob")),
        ("courriels envoyés à Bob", Filters(recipient="Bob")),
        ("correos para Bob", Filters(recipient="Bob")),
        ("correos de Anna enviados a Bob", Filters(author="Anna", recipient="Bob")),
        ("发给李娜的邮件", Filters(recipient="李娜")),
        ("王伟发给李娜的邮件", Filters(author="王伟", recipient="李娜")),
        ("ボブ宛のメール", Filters(recipient="ボブ")),
        ("王伟からボブへのメール", Filters(author="王伟", recipient="ボブ")),
    ],
)
def test_a_recipient_is_taken_from_a_query_for_mail(text: str, filters: Filters) -> None:
    found = understood(text).filters
    assert found == replace(filters, kinds=found.kinds)
    assert found.kinds <= {Kind.EMAIL}


@pytest.mark.parametrize("name", ["to:bob", "cc:Bob", "收件人:李娜"])
def test_a_tag_names_a_recipient_in_any_query(name: str) -> None:
    assert understood(f"budget {name}").filters == Filters(recipient=name.partition(":")[2])


def test_a_recipient_can_be_excluded() -> None:
    assert understood("emails not to Bob").filters.excluded == (Filters(recipient="Bob"),)


@pytest.mark.parametrize(
    "text",
    [
        "notes to Bob",
        "how to send an email to Bob",
        "emails to Carl",
        "budget an Bob",
        "发给李娜的合同",
        "give it to Bob",
    ],
)
def test_who_is_not_known_to_have_had_mail_or_is_not_named_for_it_is_no_recipient(text: str) -> None:
    assert understood(text).filters.recipient == ""


@pytest.mark.parametrize(
    "text",
    [
        "letters from Rome",
        "input from test",
        "a novel by anna karenina",
        "Briefe von gestern Abend",
        "cartas de amor",
        "李雷写的信",
    ],
)
def test_a_name_that_no_author_has_is_left(text: str) -> None:
    assert understood(text).filters.author == ""


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("letters in German", "de"),
        ("German letters", "de"),
        ("letters written in French about tax", "fr"),
        ("Briefe auf Deutsch", "de"),
        ("englische Briefe", "en"),
        ("lettres en français", "fr"),
        ("cartas en español", "es"),
        ("中文的信", "zh"),
        ("用英语写的信", "en"),
        ("日本語の手紙", "ja"),
    ],
)
def test_a_language_is_a_filter(text: str, language: str) -> None:
    assert only(text).filters == Filters(language=language)


@pytest.mark.parametrize("text", ["German history", "cases in German grammar", "中文系", "英语老师"])
def test_a_language_that_is_the_matter_is_left(text: str) -> None:
    assert understood(text).notes == ()


@pytest.mark.parametrize(
    ("text", "left", "matter"),
    [
        ("rugby without England", "rugby", "England"),
        ("rugby not about England", "rugby", "England"),
        ("rugby, but not England", "rugby", "England"),
        ("rugby excluding the England team", "rugby", "England team"),
        ("rugby except for England", "rugby", "England"),
        ("rugby -england", "rugby", "england"),
        ("meeting notes without action items", "meeting notes", "action items"),
        ("contracts but not with Acme", "contracts", "Acme"),
        ('rugby -"six nations"', "rugby", '"six nations"'),
        ("Rugby ohne England", "Rugby", "England"),
        ("Rugby außer England", "Rugby", "England"),
        ("Rugby aber nicht England", "Rugby", "England"),
        ("rugby sans l'Angleterre", "rugby", "Angleterre"),
        ("rugby sauf Angleterre", "rugby", "Angleterre"),
        ("rugby sin Inglaterra", "rugby", "Inglaterra"),
        ("rugby excepto Inglaterra", "rugby", "Inglaterra"),
        ("橄榄球不包括英格兰", "橄榄球", "英格兰"),
        ("除了英格兰以外的橄榄球", "橄榄球", "英格兰"),
        ("英格兰以外的橄榄球", "橄榄球", "英格兰"),
        ("イングランド以外のラグビー", "ラグビー", "イングランド"),
        ("イングランドを除くラグビー", "ラグビー", "イングランド"),
    ],
)
def test_a_matter_is_excluded(text: str, left: str, matter: str) -> None:
    query = understood(text)
    assert (query.text, [item.without for item in query.understood]) == (left, [matter])


@pytest.mark.parametrize(
    ("text", "excluded"),
    [
        ("tax not in archive", Filters(folder="archive")),
        ("tax, no emails", Filters(kinds=frozenset({Kind.EMAIL}))),
        ("tax -kind:email", Filters(kinds=frozenset({Kind.EMAIL}))),
        ("tax not by Anna", Filters(author="Anna")),
        ("tax not in German", Filters(language="de")),
        ("Steuern ohne PDFs", Filters(kinds=frozenset({Kind.PDF}))),
        ("Steuern nicht im Archiv", Filters(folder="Archiv")),
        ("Steuern nicht von Anna", Filters(author="Anna")),
        ("impôts sans les photos", Filters(kinds=frozenset({Kind.IMAGE}))),
        ("impôts pas en anglais", Filters(language="en")),
        ("impuestos excepto PDF", Filters(kinds=frozenset({Kind.PDF}))),
        ("税，不包括照片", Filters(kinds=frozenset({Kind.IMAGE}))),
        ("写真以外の税金", Filters(kinds=frozenset({Kind.IMAGE}))),
        ("test results not in archive", Filters(folder="archive")),
        ("impôts sauf ceux de 2023", _of(YEAR)),
        ("Steuern außer die von 2023", _of(YEAR)),
    ],
)
def test_what_is_a_filter_is_excluded_as_one(text: str, excluded: Filters) -> None:
    assert only(text).filters == Filters(excluded=(excluded,))


@pytest.mark.parametrize(
    ("text", "left", "span"),
    [
        ("letters from 2023", "letters", YEAR),
        ("letters from last week about tax", "letters tax", WEEK),
        ("last week's letters", "letters", WEEK),
        ("letters modified last week", "letters", WEEK),
        ("Briefe aus 2023", "Briefe", YEAR),
        ("Briefe von letzter Woche", "Briefe", WEEK),
        ("Briefe über Steuern, geändert letzte Woche", "Briefe über Steuern", WEEK),
        ("lettres de 2023", "lettres", YEAR),
        ("lettres de la semaine dernière", "lettres", WEEK),
        ("cartas de 2023", "cartas", YEAR),
        ("cartas de la semana pasada", "cartas", WEEK),
        ("2023年的信", "信", YEAR),
        ("上周的会议记录", "会议记录", WEEK),
        ("2023年の手紙", "手紙", YEAR),
        ("先週の会議メモ", "会議メモ", WEEK),
    ],
)
def test_a_time_is_a_filter_where_it_is_the_files(text: str, left: str, span: tuple[str, str]) -> None:
    query = understood(text)
    assert query.text == left
    assert [item.meaning for item in query.understood] == [f"{span[0]} to {span[1]}"]


@pytest.mark.parametrize(
    "text",
    [
        "pruning roses in late winter",
        "Fahrräder im Winter",
        "plans for 2024",
        "Pläne für 2024",
        "projets pour 2024",
        "planes para 2024",
        "2008年奥运会",
        "olympics 2008",
        "the second world war",
        "chapter 4/5",
        "Mai-Feier",
        "random permutation of a set",
    ],
)
def test_a_time_that_is_the_matter_is_left(text: str) -> None:
    assert understood(text).notes == ()


ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "man" / "semfs-tree.5").read_text("utf-8").split(".Ss Plain words")[1].split(".Pp")[0]
README = (
    (ROOT / "README.md").read_text("utf-8").split("What is understood in a query")[1].split("\nA filter")[0]
)
EXAMPLES = [*re.findall(r"^\.Ql ((?!\\).*?)(?: ,)?$", PAGE, re.M), *re.findall(r"`([^`]+)`[,| ]", README)]


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_examples_of_the_manual_are_understood(example: str) -> None:
    assert understood(example).notes != ()


def test_the_manual_has_examples() -> None:
    assert len(EXAMPLES) > 40
