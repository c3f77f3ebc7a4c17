"""The invoices of the sample library: the truth that tests and the README's totals rest on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

VENDORS = {
    "Northwind Paper": "Northwind Paper GmbH, Papiermühlenweg 4, 04107 Leipzig",
    "Acme Tools": "Acme Tools Ltd, 18 Foundry Lane, Sheffield S3 8AB",
    "Lumen Energy": "Lumen Energy AG, Am Umspannwerk 1, 10439 Berlin",
    "Blue Harbor Consulting": "Blue Harbor Consulting, Kaistraße 9, 20457 Hamburg",
}
CUSTOMER = "Brandt & Söhne Tischlerei, Kastanienallee 12, 10435 Berlin"


@dataclass(frozen=True)
class Invoice:
    """One invoice; amounts in euros, `lines` are (what, quantity, price of one)."""

    file: str
    vendor: str
    number: str
    date: date
    lines: tuple[tuple[str, int, float], ...]

    @property
    def total(self) -> float:
        return round(sum(quantity * price for _, quantity, price in self.lines), 2)


INVOICES = (
    Invoice("invoice-northwind-2023-01.pdf", "Northwind Paper", "NP-2023-014", date(2023, 1, 17),
            (("A4 paper, box of 2,500 sheets", 12, 24.00), ("Delivery", 1, 24.00))),
    Invoice("invoice-acme-1180.docx", "Acme Tools", "AT-1180", date(2023, 2, 9),
            (("Cordless drill 18 V", 2, 189.00), ("Drill bit set", 5, 22.30))),
    Invoice("lumen-2023-q1.html", "Lumen Energy", "LE-88120", date(2023, 3, 31),
            (("Electricity, first quarter, kWh", 2447, 0.30), ("Standing charge", 1, 0.10))),
    Invoice("invoice-blueharbor-230515.pdf", "Blue Harbor Consulting", "BH-230515", date(2023, 5, 15),
            (("Study of prices in the furniture trade, days", 5, 750.00),)),
    Invoice("lumen-2023-q2.html", "Lumen Energy", "LE-88977", date(2023, 6, 30),
            (("Electricity, second quarter, kWh", 2294, 0.30), ("Standing charge", 1, 0.20))),
    Invoice("acme-1243.xlsx", "Acme Tools", "AT-1243", date(2023, 8, 22),
            (("Safety gloves, pair", 15, 9.05), ("Ladder 3 m", 4, 247.75))),
    Invoice("northwind-envelopes.eml", "Northwind Paper", "NP-2023-207", date(2023, 10, 3),
            (("Envelopes C5, pack of 500", 4, 27.20), ("Printer labels, box", 3, 16.50))),
    Invoice("invoice-blueharbor-231128.docx", "Blue Harbor Consulting", "BH-231128", date(2023, 11, 28),
            (("Workshop on workshop safety and insurance", 1, 1600.00), ("Travel", 1, 300.00))),
    Invoice("invoice-northwind-2024-01.pdf", "Northwind Paper", "NP-2024-009", date(2024, 1, 19),
            (("A4 paper, box of 2,500 sheets", 12, 25.40), ("Delivery", 1, 20.00))),
    Invoice("acme-1391.txt", "Acme Tools", "AT-1391", date(2024, 2, 27),
            (("Dust masks FFP2, box of 50", 6, 44.00),)),
    Invoice("lumen-2024-q1.eml", "Lumen Energy", "LE-90233", date(2024, 4, 2),
            (("Electricity, first quarter, kWh", 2588, 0.31), ("Credit for a late meter reading", 1, -0.13))),
    Invoice("invoice-blueharbor-240430.docx", "Blue Harbor Consulting", "BH-240430", date(2024, 4, 30),
            (("Plan for a web shop, days", 5, 840.00),)),
    Invoice("acme-1450.xlsx", "Acme Tools", "AT-1450", date(2024, 7, 11),
            (("Circular saw", 2, 429.00), ("Saw blades", 6, 20.10))),
    Invoice("invoice-northwind-2024-09.pdf", "Northwind Paper", "NP-2024-131", date(2024, 9, 16),
            (("Packing paper, roll", 9, 29.05), ("Delivery", 1, 30.00))),
)


def totals(year: int) -> dict[str, float]:
    """Return what each vendor charged in a year."""
    return {
        vendor: round(sum(i.total for i in INVOICES if i.vendor == vendor and i.date.year == year), 2)
        for vendor in VENDORS
    }
