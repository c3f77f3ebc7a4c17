"""Plain words in six languages on a real index of the sample library (see tests/data/README.md)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from semfs.index.extract import Answer, read
from semfs.indexers.registry import default_registry
from semfs.model import Chunk, Document, Kind
from semfs.search.searcher import Searcher
from semfs.store.catalog import CatalogWriter, FileState

LIBRARY = Path(__file__).parents[2] / "data" / "library"
NOW = datetime(2025, 6, 18, 14, 30)
CHANGED = int(datetime(2025, 5, 2).timestamp()) * 10**9  # of all files; most give a date of their own


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Searcher]:
    """The library as an index of words: meaning is not needed to understand a query."""
    folder = tmp_path_factory.mktemp("catalog")
    writer = CatalogWriter(folder / "catalog.db", embedder="none", dimension=32)
    registry = default_registry()
    with writer.transaction():
        for number, path in enumerate(sorted(LIBRARY.rglob("*.*")), 1):
            place = f"/home/me/{path.relative_to(LIBRARY)}"
            state = FileState(place, 1, number, path.stat().st_size, CHANGED, CHANGED)
            id = writer.add(state, registry.kind_of(os.fspath(path)))
            if path.parent.name != "odd":
                found = read(registry, os.fspath(path), b"")
                assert found["answer"] == Answer.READ
                fields = ("title", "author", "created", "language", "recipients")
                about = {name: found[name] for name in fields}
                chunks = [Chunk(*chunk) for chunk in found["chunks"]]
                document = Document(sections=(), **about)
                writer.store(id, b"hash", document, chunks, kind=Kind(found["kind"]), terms=found["terms"])
    searcher = Searcher(writer, lambda: None, cache_dir=folder / "cache", limit=50, now=lambda: NOW)
    yield searcher
    writer.close()


def found(library: Searcher, query: str) -> set[str]:
    result = library.search([query])
    assert all(not understood.relaxed for understood in result.queries)
    return {os.path.basename(hit.file.path) for hit in result.hits}


INVOICES_2023 = {"invoice-northwind-2023-01.pdf", "invoice-blueharbor-230515.pdf"}
ACME_SHEETS = {"acme-1243.xlsx", "acme-1450.xlsx"}
LARGE = {
    *("insurance-policy.docx", "invoice-acme-1180.docx", "invoice-blueharbor-231128.docx"),
    *("invoice-blueharbor-240430.docx", "quarterly-review-q3.pptx"),
}
GERMAN = {"apfelkuchen.md", "notice-electricity-contract.txt"}
CHINESE = {"会议纪要-2024-05.md"}


@pytest.mark.parametrize(
    ("query", "files"),
    [
        ("pdf invoices from 2023", INVOICES_2023),
        (
            "invoices from Northwind last year",
            {"invoice-northwind-2024-01.pdf", "invoice-northwind-2024-09.pdf"},
        ),
        ("emails from Lumen", {"lumen-2024-q1.eml"}),
        ("emails to Petra Lang", {"team.mbox"}),
        ("spreadsheets in the invoices folder", ACME_SHEETS),
        ("presentations by Petra Lang", {"safety-training.odp"}),
        ("presentations not by Petra Lang", {"quarterly-review-q3.pptx"}),
        ("files over 30 KB", LARGE),
        ("documents in German", GERMAN),
        ("PDFs not in invoices before 2022", {"heating-manual.pdf"}),
        ("PDFs from 2023 without Northwind", {"invoice-blueharbor-230515.pdf"}),
        ("PDFs von Northwind aus 2023", {"invoice-northwind-2023-01.pdf"}),
        ("E-Mails von Lumen", {"lumen-2024-q1.eml"}),
        ("E-Mails von Amir an Petra", {"team.mbox"}),
        ("zeige mir alle Tabellen im Ordner invoices", ACME_SHEETS),
        ("Präsentationen nicht von Petra Lang", {"quarterly-review-q3.pptx"}),
        ("Dateien über 30 KB", LARGE),
        ("Dokumente auf Deutsch", GERMAN),
        ("PDFs aus 2023 ohne Northwind", {"invoice-blueharbor-230515.pdf"}),
        ("fichiers pdf de Northwind de 2023", {"invoice-northwind-2023-01.pdf"}),
        ("courriels de Lumen", {"lumen-2024-q1.eml"}),
        ("courriels à Petra", {"team.mbox"}),
        ("feuilles de calcul dans le dossier invoices", ACME_SHEETS),
        ("présentations pas de Petra Lang", {"quarterly-review-q3.pptx"}),
        ("fichiers de plus de 30 Ko", LARGE),
        ("documents en allemand", GERMAN),
        ("fichiers pdf de 2023 sauf Northwind", {"invoice-blueharbor-230515.pdf"}),
        ("archivos pdf de Northwind de 2023", {"invoice-northwind-2023-01.pdf"}),
        ("correos de Lumen", {"lumen-2024-q1.eml"}),
        ("correos de Amir para Petra", {"team.mbox"}),
        ("hojas de cálculo en la carpeta invoices", ACME_SHEETS),
        ("presentaciones excepto de Petra Lang", {"quarterly-review-q3.pptx"}),
        ("archivos de más de 30 KB", LARGE),
        ("documentos en alemán", GERMAN),
        ("archivos pdf de 2023 sin Northwind", {"invoice-blueharbor-230515.pdf"}),
        ("2023年的PDF", INVOICES_2023),
        ("Lumen发的邮件", {"lumen-2024-q1.eml"}),
        ("发给Petra的邮件", {"team.mbox"}),
        ("invoices文件夹里的表格", ACME_SHEETS),
        ("大于30KB的文件", LARGE),
        ("中文的文件", CHINESE),
        ("2023年的PDF，不包括Northwind", {"invoice-blueharbor-230515.pdf"}),
        ("2023年のPDF", INVOICES_2023),
        ("Lumenからのメール", {"lumen-2024-q1.eml"}),
        ("Petra宛のメール", {"team.mbox"}),
        ("invoicesフォルダの中のスプレッドシート", ACME_SHEETS),
        ("30KB以上のファイル", LARGE),
        ("中国語のファイル", CHINESE),
        ("Northwindを除く2023年のPDF", {"invoice-blueharbor-230515.pdf"}),
    ],
)
def test_plain_words_list_the_files_that_they_say(library: Searcher, query: str, files: set[str]) -> None:
    assert found(library, query) == files


def test_the_vendor_of_an_invoice_that_gives_none_stands_in_its_text(library: Searcher) -> None:
    assert {"acme-1391.txt", "acme-1243.xlsx"} <= found(library, "invoices from Acme")


def test_what_is_excluded_is_not_among_the_hits(library: Searcher) -> None:
    everything, rest = found(library, "invoice total"), found(library, "invoice total without Acme")
    assert {"acme-1243.xlsx", "invoice-acme-1180.docx"} <= everything - rest
    assert {"lumen-2023-q1.html", "invoice-northwind-2024-01.pdf"} <= rest


def test_one_filter_gives_way_where_there_is_no_such_file(library: Searcher) -> None:
    result = library.search(["emails from Lumen in 2023"])
    assert [item.words for item in result.queries[0].relaxed] == ["from Lumen"]
    assert [os.path.basename(hit.file.path) for hit in result.hits] == ["northwind-envelopes.eml"]
