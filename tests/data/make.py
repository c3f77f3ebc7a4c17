#!/usr/bin/env python3
"""Make the binary documents of `library/`; the results are committed, so this is run only to change them.

Needs fpdf2, python-docx, openpyxl, python-pptx and odfpy, and the DejaVu Sans font.  Text files
of the library that are not named here are written by hand.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime
from email.message import EmailMessage
from pathlib import Path

import docx
import openpyxl
import pptx
from fpdf import FPDF
from fpdf.enums import EncryptionMethod
from odf import dc, draw, meta, style, table, text
from odf.opendocument import (
    OpenDocumentPresentation,
    OpenDocumentSpreadsheet,
    OpenDocumentText,
)

from invoices import CUSTOMER, INVOICES, VENDORS, Invoice

LIBRARY = Path(__file__).parent / "library"
FONT = Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")
STAMP = (2024, 1, 1, 0, 0, 0)  # of every member of a zip file, so that making again changes nothing


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


def settle(data: bytes, day: date) -> bytes:
    """Pack again with fixed times in the archive and in what it says about itself."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for member in old.infolist():
            content = old.read(member)
            if member.filename.endswith("core.xml"):
                when = noon(day).strftime("%Y-%m-%dT%H:%M:%SZ").encode()
                content = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>" + when, content)
            info = zipfile.ZipInfo(member.filename, STAMP)
            info.compress_type = zipfile.ZIP_STORED if member.filename == "mimetype" else zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            new.writestr(info, content)
    return out.getvalue()


def write(name: str, data: bytes) -> None:
    path = LIBRARY / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


# --- PDF ---------------------------------------------------------------------------------------


def new_pdf(title: str, author: str, day: date) -> FPDF:
    pdf = FPDF()
    pdf.set_title(title)
    pdf.set_author(author)
    pdf.set_creation_date(noon(day))
    pdf.add_font("DejaVu", fname=str(FONT)) if FONT.exists() else None
    pdf.set_font("DejaVu" if FONT.exists() else "Helvetica", size=11)
    return pdf


def pdf_page(pdf: FPDF, heading: str, body: str, *, bookmark: bool = True) -> None:
    pdf.add_page()
    if bookmark:
        pdf.start_section(heading)
    pdf.set_font(size=15)
    pdf.multi_cell(0, 9, heading, new_x="LMARGIN", new_y="NEXT")
    pdf.set_font(size=11)
    pdf.ln(3)
    pdf.multi_cell(0, 6, body, align="L", new_x="LMARGIN", new_y="NEXT")


def pdf_invoice(invoice: Invoice) -> bytes:
    pdf = new_pdf(f"Invoice {invoice.number}", invoice.vendor, invoice.date)
    pdf_page(pdf, f"Invoice {invoice.number}", "\n".join(invoice_lines(invoice)), bookmark=False)
    return bytes(pdf.output())


def invoice_lines(invoice: Invoice) -> list[str]:
    return [
        VENDORS[invoice.vendor],
        f"To: {CUSTOMER}",
        f"Invoice number: {invoice.number}",
        f"Date: {invoice.date.day} {invoice.date:%B %Y}",
        "",
        *(f"{quantity} x {what} at {price:,.2f} EUR = {quantity * price:,.2f} EUR" for what, quantity, price in invoice.lines),
        "",
        f"Total amount due: {invoice.total:,.2f} EUR",
        "Payable within 30 days. VAT is included.",
    ]


LEASE = (
    ("Lease of a flat", "Landlord: Martina Vogel, Schliemannstraße 3, 10437 Berlin\nTenant: Jonas Brandt\n\n"
     "§ 1 The flat. The landlord lets to the tenant the flat on the second floor, right, of Kastanienallee 12, "
     "10435 Berlin: two rooms, kitchen, bathroom, balcony and cellar compartment no. 7, 61 square metres.\n\n"
     "§ 2 Beginning. The lease begins on 1 March 2022 and has no fixed end.\n\n"
     "§ 3 Rent. The monthly rent is 980 euros. A further 220 euros a month are paid in advance for heating and "
     "other running costs, 1,200 euros in all, due on the third working day of each month."),
    ("Deposit and condition of the flat", "§ 4 Deposit. The tenant pays a deposit of 2,400 euros. It may be paid in three equal "
     "instalments, the first of them at the beginning of the lease. The landlord keeps it apart from her own "
     "property and returns it with interest within six months of the end of the lease.\n\n"
     "§ 5 Repairs. The tenant bears small repairs up to 100 euros each and 200 euros a year. Everything else is "
     "the landlord's duty, in particular heating, windows and the roof.\n\n"
     "§ 6 Pets. Cats and small animals are allowed. A dog needs the landlord's consent in writing."),
    ("Notice and house rules", "§ 7 Notice. The tenant may give notice in writing with a period of three months to the end of "
     "a month. For the landlord the periods of the law hold.\n\n"
     "§ 8 Quiet hours. From 10 pm to 7 am and on Sundays no noise may be heard outside of the flat.\n\n"
     "§ 9 Keys. The tenant receives three keys to the house and two to the flat.\n\n"
     "Berlin, 14 February 2022\nMartina Vogel      Jonas Brandt"),
)  # fmt: skip

BOILER = (
    ("Heating manual: Thermix 24", "The Thermix 24 is a gas boiler for heating and hot water with an output of 24 kW. "
     "Read these pages before you switch it on. Work on gas parts is for qualified fitters only."),
    ("Error codes", "E01: no flame. Check that the gas tap is open, then press Reset for five seconds.\n"
     "E04: water pressure too low. Fill up to 1.5 bar through the blue tap below the boiler.\n"
     "E09: the flue is blocked. Switch off the boiler and call the service: 030 555 0199."),
    ("Maintenance", "Have the boiler serviced once a year. The filter of the return pipe is cleaned every six months. "
     "The guarantee lasts five years from the date of installation, 7 September 2021."),
)  # fmt: skip


def make_pdfs() -> None:
    for invoice in INVOICES:
        if invoice.file.endswith(".pdf"):
            write(f"invoices/{invoice.file}", pdf_invoice(invoice))
    for name, title, author, day, pages in (
        ("home/lease-kastanienallee.pdf", "Lease of the flat Kastanienallee 12", "Martina Vogel", date(2022, 2, 14), LEASE),
        ("home/heating-manual.pdf", "Thermix 24: manual", "Thermix Heizgeräte GmbH", date(2021, 6, 1), BOILER),
    ):
        pdf = new_pdf(title, author, day)
        for heading, body in pages:
            pdf_page(pdf, heading, body)
        write(name, bytes(pdf.output()))
    locked = new_pdf("Bank statement", "Spreebank", date(2024, 5, 31))
    locked.set_encryption(owner_password="owner", user_password="secret", encryption_method=EncryptionMethod.RC4)
    pdf_page(locked, "Bank statement May 2024", "Balance: 4,312.55 EUR", bookmark=False)
    write("odd/bank-statement-locked.pdf", bytes(locked.output()))
    whole = (LIBRARY / "home/heating-manual.pdf").read_bytes()
    write("odd/scan-broken-off.pdf", whole[:900])


# --- Word --------------------------------------------------------------------------------------


def save_docx(document: docx.document.Document, name: str, title: str, author: str, day: date) -> None:
    core = document.core_properties
    core.title, core.author, core.last_modified_by = title, author, author
    core.created = core.modified = noon(day).replace(tzinfo=None)
    out = io.BytesIO()
    document.save(out)
    write(name, settle(out.getvalue(), day))


def make_docx() -> None:
    for invoice in INVOICES:
        if invoice.file.endswith(".docx"):
            document = docx.Document()
            document.add_heading(f"Invoice {invoice.number}", 0)
            lines = invoice_lines(invoice)
            for line in lines[:4]:
                document.add_paragraph(line)
            grid = document.add_table(rows=1, cols=4)
            for cell, word in zip(grid.rows[0].cells, ("Item", "Quantity", "Price", "Amount"), strict=True):
                cell.text = word
            for what, quantity, price in invoice.lines:
                row = grid.add_row().cells
                row[0].text, row[1].text = what, str(quantity)
                row[2].text, row[3].text = f"{price:,.2f}", f"{quantity * price:,.2f}"
            for line in lines[-2:]:
                document.add_paragraph(line)
            save_docx(document, f"invoices/{invoice.file}", f"Invoice {invoice.number}", invoice.vendor, invoice.date)
    policy = docx.Document()
    policy.add_heading("Household insurance policy HV-77120", 1)
    policy.add_paragraph("Insured person: Jonas Brandt. Insurer: Elbe Versicherung. In force since 1 April 2022.")
    policy.add_heading("What is covered", 2)
    for what in ("Fire, lightning and explosion", "Burglary, up to 65,000 euros", "Water from pipes, not floods"):
        policy.add_paragraph(what, style="List Bullet")
    policy.add_heading("Bicycles", 2)
    policy.add_paragraph("Bicycles are insured up to 1,500 euros, day and night, if they were locked.")
    policy.add_heading("What you pay", 2)
    policy.add_paragraph("The premium is 96 euros a year. Of each claim you bear the first 250 euros yourself.")
    policy.add_heading("How to make a claim", 2)
    policy.add_paragraph("Report damage within seven days by telephone, 040 555 0142, and keep what is broken.")
    save_docx(policy, "home/insurance-policy.docx", "Household insurance policy HV-77120", "Elbe Versicherung", date(2022, 3, 20))


# --- spreadsheets and slides -------------------------------------------------------------------

REVENUE = (("North", 410, 430, 455, 480), ("South", 305, 315, 330, 360), ("East", 210, 225, 240, 265))


def save_xlsx(book: openpyxl.Workbook, name: str, title: str, author: str, day: date) -> None:
    book.properties.title, book.properties.creator = title, author
    book.properties.created = noon(day).replace(tzinfo=None)
    out = io.BytesIO()
    book.save(out)
    write(name, settle(out.getvalue(), day))


def make_xlsx() -> None:
    for invoice in INVOICES:
        if invoice.file.endswith(".xlsx"):
            book = openpyxl.Workbook()
            sheet = book.active
            sheet.title = "Invoice"
            for line in invoice_lines(invoice)[:4]:
                sheet.append([line])
            sheet.append([])
            sheet.append(["Item", "Quantity", "Price", "Amount"])
            for what, quantity, price in invoice.lines:
                sheet.append([what, quantity, price, round(quantity * price, 2)])
            sheet.append(["Total amount due in EUR", None, None, invoice.total])
            save_xlsx(book, f"invoices/{invoice.file}", f"Invoice {invoice.number}", invoice.vendor, invoice.date)
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Revenue 2024"
    sheet.append(["Forecast of revenue in thousand euros"])
    sheet.append(["Region", "Q1", "Q2", "Q3", "Q4", "Year"])
    for region, *quarters in REVENUE:
        sheet.append([region, *quarters, sum(quarters)])
    columns = [sum(column) for column in zip(*(row[1:] for row in REVENUE), strict=True)]
    sheet.append(["All regions", *columns, sum(columns)])
    notes = book.create_sheet("Assumptions")
    for row in (("Assumption", "Value"), ("Growth of the market", "3 % a year"), ("Price of oak, euros a cubic metre", 890),
                ("New shop in Dresden opens", date(2024, 9, 1))):
        notes.append(row)
    save_xlsx(book, "work/revenue-forecast-2024.xlsx", "Revenue forecast 2024", "Clara Söhne", date(2023, 12, 4))


def make_pptx() -> None:
    deck = pptx.Presentation()
    for title, body, notes in (
        ("Third quarter of 2024", "Brandt & Söhne\nOctober 2024", ""),
        ("Revenue beat the forecast", "Forecast for Q3: 1,025 thousand euros\nActual: 1,061 thousand euros\n"
         "Most of it from kitchens in the North", "Say that the Dresden shop opened two weeks late."),
        ("Risks", "Oak has become 12 % dearer since spring\nTwo apprentices leave in December", ""),
        ("Decisions wanted", "Hire a second fitter for Dresden\nBuy the CNC mill for 48,000 euros", "Clara wants both."),
    ):
        slide = deck.slides.add_slide(deck.slide_layouts[1])
        slide.shapes.title.text = title
        slide.placeholders[1].text = body
        if notes:
            slide.notes_slide.notes_text_frame.text = notes
    core = deck.core_properties
    core.title, core.author, core.last_modified_by = "Quarterly review Q3 2024", "Clara Söhne", "Clara Söhne"
    core.created = core.modified = datetime(2024, 10, 8, 12)
    out = io.BytesIO()
    deck.save(out)
    write("work/quarterly-review-q3.pptx", settle(out.getvalue(), date(2024, 10, 8)))


# --- OpenDocument ------------------------------------------------------------------------------


def save_odf(document, name: str, title: str, author: str, day: date) -> None:  # type: ignore[no-untyped-def]
    document.meta.addElement(dc.Title(text=title))
    document.meta.addElement(meta.InitialCreator(text=author))
    document.meta.addElement(meta.CreationDate(text=noon(day).strftime("%Y-%m-%dT%H:%M:%S")))
    out = io.BytesIO()
    document.write(out)
    write(name, settle(out.getvalue(), day))


def make_odt() -> None:
    document = OpenDocumentText()
    for level, words in (
        (1, "Project plan: the web shop"),
        (0, "The web shop sells tables and shelves that are made to measure. Blue Harbor Consulting plans it, we build it."),
        (2, "Milestones"),
        (0, "Design is finished by 31 May 2024. The test with twenty customers is in August. The shop opens on 2 September 2024."),
        (2, "Budget"),
        (0, "The budget is 18,500 euros, of which 4,200 euros go to the consultants and 6,000 euros to photographs."),
        (2, "Who does what"),
        (0, "Clara Söhne leads the project. Jonas Brandt answers for the product data. Amir Hadid programs the configurator."),
    ):
        document.text.addElement(text.H(outlinelevel=level, text=words) if level else text.P(text=words))
    save_odf(document, "work/project-plan-webshop.odt", "Project plan: the web shop", "Clara Söhne", date(2024, 4, 22))


def make_ods() -> None:
    document = OpenDocumentSpreadsheet()
    sheet = table.Table(name="Budget 2024")
    for row in (("Department", "Planned", "Spent"), ("Workshop", 120000, 98450), ("Marketing", 30000, 31275),
                ("Training", 8000, 2600), ("Insurance", 5400, 5400)):
        line = table.TableRow()
        for value in row:
            kind = {"valuetype": "float", "value": value} if isinstance(value, int) else {"valuetype": "string"}
            cell = table.TableCell(**kind)
            cell.addElement(text.P(text=str(value)))
            line.addElement(cell)
        sheet.addElement(line)
    document.spreadsheet.addElement(sheet)
    save_odf(document, "work/budget-2024.ods", "Budget 2024", "Clara Söhne", date(2024, 1, 8))


def make_odp() -> None:
    document = OpenDocumentPresentation()
    layout = style.PageLayout(name="layout")
    document.automaticstyles.addElement(layout)
    master = style.MasterPage(name="master", pagelayoutname=layout)
    document.masterstyles.addElement(master)
    for title, body in (
        ("Safety in the workshop", "Training for all who start in 2024"),
        ("Machines", "Never clean the circular saw while it runs. The emergency stop is the red button left of the door."),
        ("First aid", "The first-aid box hangs beside the sink. First-aiders are Amir Hadid and Petra Lang."),
    ):
        page = draw.Page(masterpagename=master, name=title)
        for role, words, y in (("title", title, "2cm"), ("outline", body, "6cm")):
            frame = draw.Frame(width="20cm", height="4cm", x="2cm", y=y)
            frame.setAttrNS("urn:oasis:names:tc:opendocument:xmlns:presentation:1.0", "class", role)
            box = draw.TextBox()
            box.addElement(text.P(text=words))
            frame.addElement(box)
            page.addElement(frame)
        document.presentation.addElement(page)
    save_odf(document, "work/safety-training.odp", "Safety in the workshop", "Petra Lang", date(2024, 1, 15))


# --- books and mail ----------------------------------------------------------------------------

STORY = (
    ("The Lighthouse Clock", "The keeper of the lighthouse at Ness Point owned one clock, and it was always four minutes slow. "
     "He knew it, the fishermen knew it, and the gulls, who keep no time at all, did not mind."),
    ("The Stranger", "In October a stranger called Ada Finch came up the path with a bag of tools. She mended clocks for a "
     "living and could not sleep under the same roof as a slow one."),
    ("Four Minutes", "When the clock was right, the keeper lit the lamp four minutes earlier. That night, in those four minutes, "
     "the herring boat Marigold came round the point and saw the rocks in time."),
)  # fmt: skip


def make_epub() -> None:
    chapter = (
        '<?xml version="1.0" encoding="utf-8"?><html xmlns="http://www.w3.org/1999/xhtml"><head><title>{0}</title></head>'
        "<body><h1>{0}</h1><p>{1}</p></body></html>"
    )
    items = "".join(
        f'<item id="c{n}" href="c{n}.xhtml" media-type="application/xhtml+xml"/>' for n in range(1, len(STORY) + 1)
    )
    spine = "".join(f'<itemref idref="c{n}"/>' for n in range(1, len(STORY) + 1))
    members = {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": '<?xml version="1.0"?><container version="1.0" xmlns="urn:oasis:names:tc:opendocument:'
        'xmlns:container"><rootfiles><rootfile full-path="OEBPS/book.opf" media-type="application/oebps-package+xml"/>'
        "</rootfiles></container>",
        "OEBPS/book.opf": '<?xml version="1.0"?><package xmlns="http://www.idpf.org/2007/opf" version="3.0" '
        'unique-identifier="id"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:identifier id="id">semfs-story'
        "</dc:identifier><dc:title>The Lighthouse Clock</dc:title><dc:creator>Edith Marlow</dc:creator>"
        "<dc:language>en</dc:language><dc:date>2021-11-05</dc:date></metadata>"
        f"<manifest>{items}</manifest><spine>{spine}</spine></package>",
        **{f"OEBPS/c{n}.xhtml": chapter.format(*part) for n, part in enumerate(STORY, start=1)},
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    write("personal/the-lighthouse-clock.epub", settle(out.getvalue(), date(2021, 11, 5)))


def make_mail() -> None:
    for invoice in INVOICES:
        if invoice.file.endswith(".eml"):
            message = EmailMessage()
            message["From"] = f"{invoice.vendor} <billing@{invoice.vendor.split()[0].lower()}.example>"
            message["To"] = "Jonas Brandt <jonas@brandt-soehne.example>"
            message["Date"] = noon(invoice.date)
            message["Subject"] = f"Your invoice {invoice.number}"
            message["Message-ID"] = f"<{invoice.number}@example>"
            message.set_content("Dear Mr Brandt,\n\nplease find our invoice below.\n\n" + "\n".join(invoice_lines(invoice)) + "\n")
            write(f"invoices/{invoice.file}", message.as_bytes())


def make_web_and_text() -> None:
    for invoice in INVOICES:
        lines = invoice_lines(invoice)
        if invoice.file.endswith(".txt"):
            write(f"invoices/{invoice.file}", ("\n".join([f"INVOICE {invoice.number}", "", *lines]) + "\n").encode())
        elif invoice.file.endswith(".html"):
            body = "\n".join(f"<p>{line}</p>" for line in lines if line)
            page = (
                f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>Invoice {invoice.number}</title>\n'
                f'<meta name="author" content="{invoice.vendor}"><meta name="date" content="{invoice.date}">\n'
                f"<style>p {{ margin: 0 }}</style></head>\n<body><h1>Invoice {invoice.number}</h1>\n{body}\n</body></html>\n"
            )
            write(f"invoices/{invoice.file}", page.encode())


MAKERS: tuple[Callable[[], None], ...] = (
    make_pdfs, make_docx, make_xlsx, make_pptx, make_odt, make_ods, make_odp, make_epub, make_mail, make_web_and_text,
)  # fmt: skip

if __name__ == "__main__":
    for maker in MAKERS:
        maker()
    write("odd/holiday-pictures.docx", bytes(range(256)) * 8)  # not a Word document at all
