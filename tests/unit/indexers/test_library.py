"""Every format of the sample library reads with its title, places and text."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from semfs.errors import ExtractError
from semfs.indexers.registry import default_registry
from semfs.model import Document, Kind, Section

LIBRARY = Path(__file__).parents[2] / "data" / "library"


def read(name: str) -> tuple[Kind, Document]:
    return default_registry().read(str(LIBRARY / name))


def section_with(document: Document, words: str) -> Section:
    return next(section for section in document.sections if words in section.text)


def day(document: Document) -> str:
    assert document.created is not None
    return datetime.fromtimestamp(document.created, UTC).date().isoformat()


# file, kind, title, words that one section holds, its heading, page, line
PLACES = [
    (
        "home/lease-kastanienallee.pdf",
        Kind.PDF,
        "Lease of the flat Kastanienallee 12",
        "deposit of 2,400 euros",
        "Deposit and condition of the flat",
        2,
        None,
    ),
    (
        "home/insurance-policy.docx",
        Kind.DOCUMENT,
        "Household insurance policy HV-77120",
        "- Burglary, up to 65,000 euros",
        "Household insurance policy HV-77120 > What is covered",
        None,
        None,
    ),
    (
        "home/letter-heating.rtf",
        Kind.DOCUMENT,
        "Letter about the heating",
        "The boiler shows the code E04",
        "",
        None,
        None,
    ),
    ("home/notice-electricity-contract.txt", Kind.TEXT, "", "Kündigung meines Stromvertrags", "", None, 1),
    (
        "home/inventory.csv",
        Kind.DATA,
        "",
        "item: bicycle Velorado; bought: 2021-05-08; price: 980.00",
        "",
        None,
        2,
    ),
    (
        "invoices/lumen-2023-q1.html",
        Kind.HTML,
        "Invoice LE-88120",
        "Total amount due: 734.20 EUR",
        "Invoice LE-88120",
        None,
        None,
    ),
    (
        "invoices/northwind-envelopes.eml",
        Kind.EMAIL,
        "Your invoice NP-2023-207",
        "Total amount due: 158.30 EUR",
        "Your invoice NP-2023-207",
        None,
        None,
    ),
    (
        "invoices/acme-1243.xlsx",
        Kind.SPREADSHEET,
        "Invoice AT-1243",
        "Item: Ladder 3 m; Quantity: 4; Price: 247.75; Amount: 991",
        "Invoice",
        1,
        None,
    ),
    (
        "work/revenue-forecast-2024.xlsx",
        Kind.SPREADSHEET,
        "Revenue forecast 2024",
        "New shop in Dresden opens; Value: 2024-09-01",
        "Assumptions",
        2,
        None,
    ),
    (
        "work/quarterly-review-q3.pptx",
        Kind.PRESENTATION,
        "Quarterly review Q3 2024",
        "Notes: Say that the Dresden shop opened two weeks late.",
        "Revenue beat the forecast",
        2,
        None,
    ),
    (
        "work/project-plan-webshop.odt",
        Kind.DOCUMENT,
        "Project plan: the web shop",
        "The budget is 18,500 euros",
        "Project plan: the web shop > Budget",
        None,
        None,
    ),
    (
        "work/budget-2024.ods",
        Kind.SPREADSHEET,
        "Budget 2024",
        "Department: Marketing; Planned: 30000; Spent: 31275",
        "Budget 2024",
        1,
        None,
    ),
    (
        "work/safety-training.odp",
        Kind.PRESENTATION,
        "Safety in the workshop",
        "The emergency stop is the red button",
        "Machines",
        2,
        None,
    ),
    (
        "work/governance.rst",
        Kind.TEXT,
        "PEP 9013 – How Proposals Are Decided",
        "The council\nmay name a PEP-Delegate",
        "Who decides on a PEP",
        None,
        30,
    ),
    (
        "work/style-guide.rst",
        Kind.TEXT,
        "Style guide for the Arbor code",
        "at most",
        "Style guide for the Arbor code > Line length",
        None,
        5,
    ),
    (
        "work/meeting-2024-03-14.md",
        Kind.MARKDOWN,
        "Meeting of the web shop team",
        "We take **Paywell**",
        "Meeting of the web shop team > Choice of payment provider",
        None,
        10,
    ),
    (
        "work/会议纪要-2024-05.md",
        Kind.MARKDOWN,
        "五月会议纪要",
        "租金是每月三千二百元欧元",
        "五月会议纪要 > 德累斯顿新店",
        None,
        6,
    ),
    ("work/matrix.py", Kind.CODE, "", "cannot multiply", "def multiply_matrices", None, 13),
    ("work/shop-settings.json", Kind.DATA, "", '"provider": "Paywell"', "", None, 1),
    ("work/team.mbox", Kind.EMAIL, "", "the disk of the file server", "The server is full", None, 16),
    (
        "personal/lisbon-trip.html",
        Kind.HTML,
        "Lisbon in May",
        "Saturday | Tram 28, tile museum",
        "Lisbon in May > Days",
        None,
        None,
    ),
    (
        "personal/the-lighthouse-clock.epub",
        Kind.EBOOK,
        "The Lighthouse Clock",
        "the herring boat Marigold",
        "Four Minutes",
        None,
        None,
    ),
    ("personal/reading-list.yaml", Kind.DATA, "", "A History of Tiles", "", None, 1),
]


@pytest.mark.parametrize(
    ("name", "kind", "title", "words", "heading", "page", "line"), PLACES, ids=lambda value: str(value)[:30]
)
def test_words_are_found_at_their_place(
    name: str, kind: Kind, title: str, words: str, heading: str, page: int | None, line: int | None
) -> None:
    found, document = read(name)

    section = section_with(document, words)
    assert (kind, title) == (found, document.title)
    assert (heading, page, line) == (section.heading, section.page, section.line)


@pytest.mark.parametrize(
    ("name", "author", "created"),
    [
        (
            "work/team.mbox",
            "Clara Söhne <clara@brandt-soehne.example>, Amir Hadid <amir@brandt-soehne.example>",
            "2024-01-16",
        ),
        ("home/lease-kastanienallee.pdf", "Martina Vogel", "2022-02-14"),
        ("home/letter-heating.rtf", "Jonas Brandt", "2024-01-12"),
        ("invoices/invoice-acme-1180.docx", "Acme Tools", "2023-02-09"),
        ("invoices/lumen-2024-q1.eml", "Lumen Energy <billing@lumen.example>", "2024-04-02"),
        ("invoices/lumen-2023-q2.html", "Lumen Energy", "2023-06-30"),
        ("work/budget-2024.ods", "Clara Söhne", "2024-01-08"),
        ("work/revenue-forecast-2024.xlsx", "Clara Söhne", "2023-12-04"),
        ("work/quarterly-review-q3.pptx", "Clara Söhne", "2024-10-08"),
        ("work/governance.rst", "Petra Lang, Amir Hadid", "2023-02-03"),
        ("work/meeting-2024-03-28.md", "Amir Hadid", "2024-03-28"),
        ("personal/the-lighthouse-clock.epub", "Edith Marlow", "2021-11-05"),
    ],
)
def test_author_and_date_are_those_of_the_document(name: str, author: str, created: str) -> None:
    _, document = read(name)

    assert (author, created) == (document.author, day(document))


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("odd/bank-statement-locked.pdf", "encrypted: needs a password"),
        ("odd/scan-broken-off.pdf", "damaged: cannot be read as a PDF file"),
        ("odd/holiday-pictures.docx", "damaged or of another format: the content is not a Word document"),
    ],
)
def test_what_cannot_be_read_says_why_in_plain_words(name: str, reason: str) -> None:
    with pytest.raises(ExtractError) as raised:
        read(name)

    assert reason == raised.value.reason


def test_every_other_file_of_the_library_has_text() -> None:
    kinds: Counter[Kind] = Counter()
    for path in sorted(LIBRARY.rglob("*.*")):
        if path.parent.name != "odd" or path.suffix == ".md":
            kind, document = default_registry().read(str(path))
            assert document.sections, path
            kinds[kind] += 1

    assert kinds.total() == 42
    assert len(kinds) == 11


def test_names_alone_give_the_kind_that_reading_gives() -> None:
    registry = default_registry()

    for name, kind, *_ in PLACES:
        assert kind == registry.kind_of(str(LIBRARY / name))
