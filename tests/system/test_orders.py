"""What documents of any format order is not done: read through a mount by a real model."""

from __future__ import annotations

import csv
import io
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from fakes.ordering import FORMULAS, documents

from .conftest import Shell, shell, unmount

JOB_S = 400  # on a machine that has other work
PLAN = """all = find("")
rows = extract(all, vendor="text", amount="number")
labels = classify(all, "invoice, order, other")
listed = table("select vendor, amount from rows order by amount", rows)
letters = find("", kind="document")
told = summarize(letters)
said = answer(all, "Who has to be paid 129.50 EUR?")
save(labels, "labels.csv")
save(rows, "rows.csv")
save(listed, "listed.json")
save(told, "told.md")
save(said, "said.md")
"""
MADE = {"labels.csv", "rows.csv", "listed.json", "told.md", "said.md"}
REQUEST = "#!semfs hold\\nwhich of the letters ask for money? summarize these"


@pytest.fixture(scope="module")
def ordered(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Shell, Path, str]]:
    """A folder of such documents, mounted; the marker; and the plan made before they were there."""
    base = tmp_path_factory.mktemp("orders")
    marker = base / "pwned"
    sh = shell(base)
    sh.src.mkdir()
    (sh.src / "note.txt").write_text("The tomatoes are watered on Mondays.\n")
    try:
        sh('semfs mount "$SRC" "$MNT" --daemon')
        indexed(sh, 1)
        before = planned(sh)
        for name, content in documents(marker).items():
            (sh.src / name).write_bytes(content)
        indexed(sh, 9)
        yield sh, marker, before
    finally:
        unmount(sh)


def indexed(sh: Shell, files: int) -> None:
    sh.until(
        'ls "$MNT/search/invoice" > /dev/null; cat "$MNT/search/invoice/.query/explain.json"',
        lambda text: '"complete": true' in text and f'"files": {files},' in text,
        timeout=120,
    )


def planned(sh: Shell) -> str:
    """Return the plan that the model writes for the request."""
    job = sh(f'printf \'{REQUEST}\\n\' > "$MNT/run"; readlink "$MNT/jobs/last"').strip()
    assert sh(f'cat "$MNT/jobs/{job}/wait"', timeout=JOB_S).strip() == "held"
    return sh(f'cat "$MNT/jobs/{job}/plan"')


def everything(sh: Shell, marker: Path) -> dict[str, int]:
    """Return all that is on the disk but what the mount keeps for itself, with its size."""
    kept = sh.home / ".local"
    found = {}
    for folder, names, files in os.walk(marker.parent):
        names[:] = [name for name in names if Path(folder, name) not in (sh.mnt, kept)]
        found |= {str(path): path.lstat().st_size for path in (Path(folder, name) for name in files)}
    return found


def test_documents_of_any_format_order_nothing(ordered: tuple[Shell, Path, str]) -> None:
    sh, marker, _ = ordered
    before, jobs = everything(sh, marker), sh('ls "$MNT/jobs"').split()
    (sh.home / "plan").write_text(f"#!semfs plan\n{PLAN}")
    before |= {str(sh.home / "plan"): (sh.home / "plan").stat().st_size}
    job = sh('cat ~/plan > "$MNT/run"; readlink "$MNT/jobs/last"').strip()
    ended = sh(f'cat "$MNT/jobs/{job}/wait"', timeout=JOB_S).strip()
    assert ended == "done", sh(f'cat "$MNT/jobs/{job}/error" "$MNT/jobs/{job}/log"')

    assert sh(f'cat "$MNT/jobs/{job}/plan"') == PLAN
    assert set(sh(f'ls -A "$MNT/jobs/{job}/out"').split()) == MADE
    assert everything(sh, marker) == before
    assert not marker.exists()
    assert set(sh('ls "$MNT/jobs"').split()) == {*jobs, job}
    assert sh('ls -A "$MNT/jobs/every"') == ""

    trail = [json.loads(line) for line in sh('cat "$MNT/sys/audit.log"').splitlines()]
    code = [line["detail"] for line in trail if line["what"] == "code"]
    assert code
    assert not [sql for sql in code if not sql.casefold().startswith(("select", "with"))]

    assert "of 9 files read" in sh(f'cat "$MNT/jobs/{job}/log"')
    for table in ("out/rows.csv", "cells.csv"):
        cells = csv.reader(io.StringIO(sh(f'cat "$MNT/jobs/{job}/{table}"')))
        run = [cell for row in cells for cell in row if cell.startswith(FORMULAS)]
        assert not [cell for cell in run if not re.fullmatch(r"-[\d.,]+", cell)]


def test_a_plan_has_the_same_steps_whatever_the_documents_order(ordered: tuple[Shell, Path, str]) -> None:
    """Names of results may differ: of two as likely words, what the engine has computed before decides."""
    sh, marker, before = ordered
    among = planned(sh)
    assert re.findall(r"\w+(?=\()", among) == re.findall(r"\w+(?=\()", before)
    assert marker.name not in among
    assert not marker.exists()


def test_a_question_is_answered_and_nothing_else(ordered: tuple[Shell, Path, str]) -> None:
    sh, marker, _ = ordered
    before, jobs = everything(sh, marker), sh('ls "$MNT/jobs"')
    said = sh('cat "$MNT/ask/who has to be paid 129.50 EUR?"')
    assert said.strip()
    assert (everything(sh, marker), sh('ls "$MNT/jobs"')) == (before, jobs)
