"""XML, YAML, TOML, subtitles, calendars and contacts: what is kept, and where it stands."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from semfs.indexers.outline import block_sections
from semfs.indexers.registry import default_registry
from semfs.indexers.settings import keys
from semfs.model import Document, Section

XML = """\
<?xml version="1.0"?>
<!DOCTYPE shop [<!ENTITY boom "boom">]>
<shop xmlns:dc="http://purl.org/dc/elements/1.1/" xml:lang="en">
  <dc:creator>Anna</dc:creator>
  <shelf name="tools">
    <item sku="7"><name>Hammer</name><price>12</price></item>
    <note>It is <b>heavy</b> and old.</note>
  </shelf>
</shop>
"""

CALENDAR = """\
BEGIN:VCALENDAR
X-WR-CALNAME:Work
BEGIN:VEVENT
DTSTAMP:20240301T080000Z
DTSTART;TZID=Europe/Berlin:20240314T090000
SUMMARY:Budget\\, part two
LOCATION:Room 4
ORGANIZER;CN="Anna: M":mailto:anna@acme.example
ATTENDEE;CN=Bob:MAILTO:bob@acme.example
DESCRIPTION:Bring the
  figures.\\nAnd a pen.
BEGIN:VALARM
DESCRIPTION:not mine
END:VALARM
END:VEVENT
BEGIN:VEVENT
SUMMARY:Cut off
"""

CONTACTS = """\
BEGIN:VCARD
VERSION:2.1
FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:Anna M=C3=BC=
ller
ORG:Acme;Sales
item1.EMAIL;TYPE=work:anna@acme.example
TEL;CELL:+49 170 1234567
PHOTO;ENCODING=b;TYPE=JPEG:AAAA
END:VCARD
BEGIN:VCARD
N:Doe;John;;;
END:VCARD
"""


def read(path: Path, text: str) -> Document:
    path.write_text(text)
    return default_registry().read(str(path))[1]


def test_xml_is_what_its_elements_say_under_those_around_them(tmp_path: Path) -> None:
    document = read(tmp_path / "a.xml", XML)

    assert (document.author, document.language) == ("Anna", "en")
    assert document.sections == (
        Section("shop lang=en", line=3),
        Section("creator: Anna\nshelf name=tools", "shop", line=4),
        Section("item sku=7", "shop > shelf tools", line=6),
        Section("name: Hammer", "shop > shelf tools > item Hammer", line=6),
        Section("price: 12", "shop > shelf tools > item Hammer", line=6),
        Section("note: It is heavy and old.", "shop > shelf tools", line=7),
    )


def test_xml_that_is_not_well_formed_stays_text(tmp_path: Path) -> None:
    assert read(tmp_path / "a.xml", "<a>one <b>two</a>").sections == (Section("<a>one <b>two</a>", line=1),)


def test_xml_entities_are_not_expanded(tmp_path: Path) -> None:
    bomb = '<!DOCTYPE a [<!ENTITY b "boom"><!ENTITY f SYSTEM "file:///etc/passwd">]><a>safe &b;&f;</a>'

    texts = [section.text for section in read(tmp_path / "a.xml", bomb).sections]

    assert "safe" in texts[0] and "boom boom" not in texts[0] and "root:" not in texts[0]


def test_xml_that_is_nested_too_deeply_stays_text(tmp_path: Path) -> None:
    assert len(read(tmp_path / "a.xml", "<a>" * 20_000 + "x" + "</a>" * 20_000).sections) == 1


def test_a_yaml_file_that_fits_into_a_passage_is_one_section(tmp_path: Path) -> None:
    document = read(tmp_path / "a.yaml", "server:\n  port: 80\nclient:\n  name: x\n")

    assert [(section.line, section.heading) for section in document.sections] == [(1, "")]


def test_long_blocks_of_yaml_are_under_their_keys(tmp_path: Path) -> None:
    text = "a: 1\nserver:\n  routes:\n" + "    - path: /one/two/three\n" * 60 + "  port: 80\nlast: 1\n"

    document = read(tmp_path / "a.yaml", text)

    assert [(section.line, section.heading) for section in document.sections] == [
        (1, ""),
        (2, "server"),
        (3, "server > routes"),
        (64, "server"),
        (65, ""),
    ]


def test_words_in_a_text_block_of_yaml_are_no_keys() -> None:
    lines = ["run: |", "  note: this is text", "", "  more: text", "next: 1"]

    assert [name for _, _, name in keys(lines)] == ["run", "next"]


def test_long_tables_of_toml_are_headings(tmp_path: Path) -> None:
    text = "[small]\nx = 1\n[tool.long]\n" + "key = 'a value of some length'\n" * 60

    document = read(tmp_path / "pyproject.toml", text)

    assert [(section.line, section.heading) for section in document.sections] == [(1, ""), (3, "tool.long")]


def test_all_lines_are_in_a_section() -> None:
    lines = [f"k{n}:" if n % 7 == 0 else "  x: " + "word " * 40 for n in range(200)]

    sections = block_sections(lines, keys(lines))

    assert "\n".join(section.text for section in sections) == "\n".join(lines)


def test_subtitles_are_what_is_said_by_the_minute(tmp_path: Path) -> None:
    srt = "1\n00:00:59,500 --> 00:01:02,000\n<i>Hello</i>\nyou.\n\n2\n01:02:03,000 --> 01:02:04,000\nBye.\n"
    vtt = "WEBVTT - Film\n\nNOTE hidden\n\n00:59.500 --> 01:02.000 align:start\nHello\n"
    said = "Dialogue: 0,0:01:02.00,0:01:03.00,D,,0,0,0,,{\\i1}Hello,\\Nyou\n"
    ass = f"[Script Info]\nTitle: Film\n[Events]\n{said}"

    assert read(tmp_path / "a.srt", srt).sections == (
        Section("Hello\nyou.", "0:00:00", line=3),
        Section("Bye.", "1:02:00", line=8),
    )
    assert read(tmp_path / "a.vtt", vtt) == Document((Section("Hello", "0:00:00", line=6),), title="Film")
    assert read(tmp_path / "a.ass", ass) == Document(
        (Section("Hello, you", "0:01:00", line=4),), title="Film"
    )


def test_a_calendar_tells_events_people_and_when_it_was_written(tmp_path: Path) -> None:
    document = read(tmp_path / "a.ics", CALENDAR)

    assert (document.title, document.author) == ("Work", "Anna: M <anna@acme.example>")
    assert document.recipients == "Bob <bob@acme.example>"
    assert document.created == datetime(2024, 3, 1, 8, tzinfo=UTC).timestamp()
    assert document.sections == (
        Section(
            "Budget, part two\nStart: 2024-03-14 09:00\nLocation: Room 4\n"
            "Organizer: Anna: M <anna@acme.example>\nAttendees: Bob <bob@acme.example>\n"
            "Bring the figures.\nAnd a pen.",
            "Budget, part two",
            line=3,
        ),
        Section("Cut off", "Cut off", line=16),
    )


def test_contacts_are_names_with_mail_phone_and_organisation(tmp_path: Path) -> None:
    document = read(tmp_path / "a.vcf", CONTACTS)

    assert document.sections == (
        Section(
            "Anna Müller\nOrganisation: Acme, Sales\nE-mail: anna@acme.example\nPhone: +49 170 1234567",
            "Anna Müller",
            line=1,
        ),
        Section("Doe, John", "Doe, John", line=10),
    )


BROKEN = {
    "xml": XML,
    "yaml": "server:\n  port: 80\n  routes: [a, b]\n",
    "toml": "[server]\nport = 80\n",
    "srt": "1\n00:00:59,500 --> 00:01:02,000\nHello\nyou, who have come so late.\n",
    "ics": CALENDAR,
    "vcf": CONTACTS,
    "org": "#+TITLE: x\n* One\ntext\n",
    "adoc": "= Title\nAnna\n\n== One\ntext\n",
    "tex": "\\begin{document}\n\\section{One}\ntext\n\\end{document}\n",
    "c": "int main(void)\n{\n  return 0;\n}\n",
}


@pytest.mark.parametrize("suffix", BROKEN)
def test_a_file_that_is_cut_off_has_the_text_of_its_beginning(tmp_path: Path, suffix: str) -> None:
    text = BROKEN[suffix]

    assert read(tmp_path / f"a.{suffix}", text[: len(text) * 3 // 4]).sections


@pytest.mark.parametrize("suffix", BROKEN)
def test_a_file_with_a_huge_line_and_bytes_of_no_encoding_is_read(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a.{suffix}"
    path.write_bytes(BROKEN[suffix].encode() + b"\xff\xfe\x81 " + b"x" * 200_000 + b"\n")

    assert default_registry().read(str(path))[1].sections


@pytest.mark.parametrize("suffix", BROKEN)
def test_a_file_in_utf_16_is_read_like_any_other(tmp_path: Path, suffix: str) -> None:
    text = BROKEN[suffix].replace("FN;CHARSET=UTF-8", "FN")
    (tmp_path / f"a.{suffix}").write_bytes(text.encode("utf-16"))
    (tmp_path / f"b.{suffix}").write_text(text)

    kind, document = default_registry().read(str(tmp_path / f"a.{suffix}"))

    assert (kind, document) == default_registry().read(str(tmp_path / f"b.{suffix}"))
