"""Requests carried out by the small real model in a real engine process."""

from __future__ import annotations

import csv
import io
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from semfs.config import Config, Engine
from semfs.engine.client import EngineClient
from semfs.jobs.jobs import Jobs
from semfs.model import Chunk, Document, Kind
from semfs.search.searcher import Searcher
from semfs.store.catalog import Catalog, CatalogWriter, FileState
from semfs.store.state import State
from semfs.supervise import Supervised

MODEL = "qwen2.5-coder-0.5b"
SECONDS = 600  # for one job on a machine that has other work

INVOICES = {
    "invoice_acme.txt": "Acme GmbH\n\nINVOICE\nDate: 12. Januar 2023\nConsulting\nTotal due: 1.250,00 €",
    "invoice_beta.txt": "Beta Ltd\n\nINVOICE\nDate: March 3, 2023\nPaper\nTotal due: $ 310.40",
    "invoice_acme2.txt": "Acme GmbH\n\nINVOICE\nDate: 05.06.2023\nTravel\nTotal due: 749,90 €",
}
TOTALS = """#!semfs plan
found = find("invoice")
rows = extract(found, vendor="text", amount="number", date="date")
totals = table("select vendor, sum(amount) total from rows group by vendor order by total desc", rows)
save(totals, "totals.csv")
"""


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineClient]:
    folder = tmp_path_factory.mktemp("engine")
    socket = folder / "engine"
    words = ["_engine", "--socket", str(socket), "--model", MODEL]
    process = Supervised(
        [sys.executable, "-m", "semfs.cli.main", *words], name="engine", log=folder / "engine.log"
    )
    yield EngineClient(socket, start=process.start, context=Engine().context)
    process.stop()


@pytest.fixture
def jobs(tmp_path: Path, engine: EngineClient) -> Iterator[Jobs]:
    writer = CatalogWriter(tmp_path / "catalog.db", embedder="none", dimension=4)
    with writer.transaction():
        for number, (name, text) in enumerate(INVOICES.items()):
            state = FileState(str(tmp_path / "files" / name), 1, number, len(text), number, number)
            writer.store(writer.add(state, Kind.TEXT), name.encode(), Document([]), [Chunk(text, line=1)])
    catalog = Catalog(tmp_path / "catalog.db")
    searcher = Searcher(catalog, lambda: None, cache_dir=tmp_path, limit=50)
    state = State(tmp_path / "state.db")
    made = Jobs(state, tmp_path / "jobs", searcher=searcher, catalog=catalog, engine=engine, config=Config())
    yield made
    made.close()
    state.close()


def carry_out(jobs: Jobs, request: str) -> tuple[str, str]:
    """Return the status and what was made, or the error."""
    id = jobs.submit(request.encode())
    deadline = time.monotonic() + SECONDS
    status = jobs.wait(id, lambda: time.monotonic() > deadline)
    made = [path.read_text("utf-8") for path in sorted(jobs.output_dir(id).iterdir())]
    return status, "".join(made) or jobs.get(id).error


def test_matrices_that_fit_are_multiplied(jobs: Jobs) -> None:
    status, text = carry_out(
        jobs,
        "two matrices A=[[1,2],[3,4]] and B=[[5,6],[7,8]]:"
        " check that the dimensions match, multiply them, show C",
    )
    assert status == "done", text
    assert all(number in text for number in ("19", "22", "43", "50"))


def test_matrices_that_do_not_fit_fail_with_a_clear_error(jobs: Jobs) -> None:
    status, error = carry_out(
        jobs,
        "two matrices A=[[1,2,3],[4,5,6]] and B=[[5,6],[7,8]]:"
        " check that the dimensions match, multiply them, show C",
    )
    assert status == "failed"
    assert "dimensions do not match" in error
    assert "2x3" in error and "2x2" in error


def test_invoices_are_totalled_by_vendor(jobs: Jobs) -> None:
    status, text = carry_out(jobs, TOTALS)
    assert status == "done", text
    rows = dict(list(csv.reader(io.StringIO(text)))[1:])
    assert rows == {"Acme GmbH": "1999.9", "Beta Ltd": "310.4"}
