"""Encodings, dates, rows of tables and headings, each by itself."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semfs.indexers.charset import decode
from semfs.indexers.dates import parse_date
from semfs.indexers.html import text_of
from semfs.indexers.mail import _letter, _messages
from semfs.indexers.markdown import _headings
from semfs.indexers.outline import Headings, line_sections
from semfs.indexers.registry import default_registry
from semfs.indexers.rows import header_row, row_text
from semfs.indexers.rst import _titles
from semfs.model import Kind


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "latin-1", "cp1252", "iso-8859-15"]
)
def test_western_text_is_read_in_any_encoding(encoding: str) -> None:
    text = "Die Kündigung wäre möglich, sagte Frau Müller über die Straße hinweg.\n" * 3

    assert text == decode(text.encode(encoding))


TEXTS = {
    "Распоряжение на выдачу информации из реестра акционеров общества.\n": "cp1251 koi8-r cp866 iso-8859-5",
    "Le contrat a été résilié à la fin de l'année, où l'élève s'était plaint.\n": "cp1252 iso-8859-15 cp850",
    "Zażółć gęślą jaźń, powiedział człowiek, który przyszedł w środę.\n": "cp1250 iso-8859-2",
    "Η συμφωνία υπογράφηκε χθες το απόγευμα στην Αθήνα.\n": "cp1253 iso-8859-7",
    "İstanbul'da yağmurlu bir gün, çocuklar okuldan eve dönüyordu.\n": "cp1254",
    "ההסכם נחתם אתמול אחר הצהריים בירושלים על ידי שני השרים.\n": "cp1255",
    "تم توقيع الاتفاق أمس بعد الظهر في القاهرة من قبل الوزيرين.\n": "cp1256 iso-8859-6",
    "契約は昨日の午後、東京で二人の大臣が署名しました。カタカナも。\n": "shift_jis euc_jp iso2022_jp",
    "这里记录每周值得分享的科技内容，周五发布。新店的租金是每月三千二百元。\n": "gb18030 gbk",
    "這裡記錄每週值得分享的科技內容，週五發布。新店的租金是每月三千二百元。\n": "big5",
    "계약은 어제 오후 서울에서 두 장관에 의해 서명되었습니다.\n": "euc_kr",
    "สัญญาถูกลงนามเมื่อบ่ายวานนี้ที่กรุงเทพฯ โดยรัฐมนตรีสองคน\n": "tis-620",
    "The contract was signed yesterday afternoon in London.\n": "",
}
WIDE = "utf-16 utf-16-le utf-16-be utf-32 utf-32-le utf-32-be"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [(text, encoding) for text, encodings in TEXTS.items() for encoding in f"{encodings} {WIDE}".split()],
)
def test_text_is_read_in_any_encoding_with_and_without_a_mark(
    tmp_path: Path, text: str, encoding: str
) -> None:
    (tmp_path / "a.txt").write_bytes(text.encode(encoding))

    kind, document = default_registry().read(str(tmp_path / "a.txt"))

    assert (kind, document.sections[0].text) == (Kind.TEXT, text)


def test_a_few_damaged_bytes_leave_the_rest_as_it_is() -> None:
    dated = b"".join(b"From y@example.com Mon Jul 20 01:-1:07 19%02d%c\n" % (n, 200 + n) for n in range(9))

    assert decode(dated).count("Mon Jul 20") == 9
    assert decode("Der Vertrag ist lang, und wer ihn liest, ist klug.\n".encode("cp037")).startswith(
        "Der Vertrag"
    )


def test_an_encoding_that_the_file_declares_is_believed() -> None:
    assert "żółć" in decode('<meta charset="iso-8859-2">żółć'.encode("iso-8859-2"))


@given(st.binary(max_size=400))
def test_any_bytes_become_text_that_can_be_stored(data: bytes) -> None:
    text = decode(data)

    assert text == text.encode("utf-8").decode("utf-8")
    assert "\r" not in text and "\0" not in text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-03-14", "2024-03-14"),
        ("2024-03-14T09:00:00Z", "2024-03-14"),
        ("D:20240314090000+01'00'", "2024-03-14"),
        ("Thu, 14 Mar 2024 09:00:00 +0100", "2024-03-14"),
        ("14-Mar-2024", "2024-03-14"),
        ("March 14, 2024", "2024-03-14"),
        ("14 March 2024", "2024-03-14"),
        ("2024/03/14", "2024-03-14"),
        ("2024", "2024-01-01"),
    ],
)
def test_dates_as_documents_write_them(text: str, expected: str) -> None:
    moment = parse_date(text)

    assert moment is not None
    assert expected == datetime.fromtimestamp(moment, UTC).date().isoformat()


@pytest.mark.parametrize(
    "text", ["", "soon", "D:99999999", "1601-01-01", "0001-01-01", "D:20249999", "Thu, 99 Mar 2024"]
)
def test_what_is_no_sensible_date_is_none(text: str) -> None:
    assert parse_date(text) is None


@given(st.text(max_size=40))
def test_no_text_breaks_the_reading_of_dates(text: str) -> None:
    assert parse_date(text) is None or isinstance(parse_date(text), float)


def test_rows_name_their_columns_below_a_title() -> None:
    rows: list[list[object]] = [
        ["Sales of the year"],
        [],
        ["vendor", "amount", "paid"],
        ["Acme", 12.0, True],
        ["Lumen", 7.5, None],
    ]

    header = header_row(rows)

    assert header == 2
    assert row_text(rows[3], ["vendor", "amount", "paid"]) == "vendor: Acme; amount: 12; paid: True"
    assert row_text(rows[4], ["vendor", "amount", "paid"]) == "vendor: Lumen; amount: 7.5"


@pytest.mark.parametrize(
    "rows", [[], [["a", "b"]], [[1, 2], [3, 4]], [["x", "x"], ["y", "z"]], [["one"], ["two"]]]
)
def test_a_table_without_names_has_no_header(rows: list[list[object]]) -> None:
    assert header_row(rows) is None


def test_headings_make_a_path_that_closes_deeper_ones() -> None:
    headings = Headings()

    paths = [headings.enter(level, title) for level, title in ((1, "A"), (3, "B"), (2, "C"), (1, "D"))]

    assert paths == ["A", "A > B", "A > C", "D"]


@given(st.lists(st.text("ab #=-\n", max_size=6), max_size=12), st.sets(st.integers(0, 11)))
def test_sections_of_lines_joined_are_the_lines_that_are_not_blank(lines: list[str], cuts: set[int]) -> None:
    flat = "\n".join(lines).split("\n")
    starts = [(cut, "h") for cut in sorted(cuts) if cut < len(flat)]

    sections = line_sections(flat, starts)

    joined = [line for section in sections for line in section.text.split("\n") if line.strip()]
    assert [line for line in flat if line.strip()] == joined
    assert all(flat[(section.line or 0) - 1] == section.text.split("\n")[0] for section in sections)


def test_markdown_headings_are_not_looked_for_in_code() -> None:
    lines = ["# A", "```", "# not one", "```", "Under", "-----", "- list", "---", "text", "", "B", "==="]

    assert [found for found in _headings(lines, 0) if found[2] != "Under"] == [(0, 1, "A"), (10, 1, "B")]


def test_rst_levels_follow_the_order_of_their_marks() -> None:
    lines = ["=====", "Title", "=====", "", "One", "---", "", "Two", "~~~", "", "Three", "-----"]

    assert _titles(lines) == [(0, 1, "Title"), (4, 2, "One"), (7, 3, "Two"), (10, 2, "Three")]


def test_web_pages_show_only_what_a_reader_sees() -> None:
    page = (
        "<p>One<br>two <b>bold</b>&nbsp;word<script>no()</script>"
        "<ul><li>a<li>b</ul><pre>x\n  y</pre><!-- no -->"
    )

    assert text_of(page) == "One\ntwo bold word\n- a\n- b\nx\n  y"


def test_mail_prefers_plain_text_and_names_attachments() -> None:
    message = (
        b"From: =?utf-8?q?S=C3=B6hne?= <a@b.example>\nSubject: Broken =?nonsense?q?x?= header\n"
        b"MIME-Version: 1.0\n"
        b"Content-Type: multipart/mixed; boundary=x\n\n"
        b"--x\nContent-Type: multipart/alternative; boundary=y\n\n"
        b"--y\nContent-Type: text/plain; charset=latin-1\nContent-Transfer-Encoding: 8bit\n\nK\xfcndigung\n"
        b"--y\nContent-Type: text/html\n\n<p>HTML</p>\n--y--\n"
        b"--x\nContent-Type: application/pdf\n"
        b'Content-Disposition: attachment; filename="bill.pdf"\n\nJVBERi0=\n--x--\n'
    )

    letter = _letter(message)

    assert letter.sender == "Söhne <a@b.example>"
    assert "Kündigung" in letter.text and "HTML" not in letter.text
    assert "Attachments: bill.pdf" in letter.text


def test_a_mailbox_is_cut_only_at_real_separators() -> None:
    data = (
        b"From a@b Mon Jan 15 09:12:44 2024\nSubject: 1\n\nFrom here on nothing is cut in 2024\n\n"
        b"From c@d Mon Jan 15 09:13:44 2024\nSubject: 2\n\n>From quoted\n"
    )

    assert [line for line, _ in _messages(data)] == [1, 6]
    assert b"\nFrom quoted" in [message for _, message in _messages(data)][1]
