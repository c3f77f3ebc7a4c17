"""What the benchmarks on judged collections share: reading a set, writing and indexing its files,
the measures.

A set is a directory in the BEIR layout: corpus.jsonl, queries.jsonl, qrels/test.tsv.  What
cannot be judged is left out with a word on stderr: a judgement of a document that the set does not
hold, a query without text.  Where there is no qrels/test.tsv, the judgements are those of dev.tsv
or train.tsv.
"""

from __future__ import annotations

import contextlib
import csv
import json
import math
import os
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from semfs.config import config_file, data_dir
from semfs.errors import StoreError
from semfs.model import Coverage
from semfs.search.fusion import Match
from semfs.store.catalog import Catalog

NAME = "benchmark"
QRELS = ("test.tsv", "dev.tsv", "train.tsv")
Judged = Mapping[str, Mapping[str, float]]  # query -> document -> grade, above 0


def say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


def lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        yield from (json.loads(line) for line in file if line.strip())


def text_of(row: Mapping[str, Any], key: str) -> str:
    """Return a field as text: sets leave titles out or have null for them."""
    return str(row.get(key) or "")


def qrels(folder: Path) -> Path:
    for name in QRELS:
        if (folder / name).exists():
            return folder / name
    raise SystemExit(f"no judgements: none of {', '.join(QRELS)} in {folder}")


def judgements(path: Path) -> Judged:
    """Read `query document grade`, also with the unused second column of TREC and without a header."""
    judged: dict[str, dict[str, float]] = {}
    with path.open(encoding="utf-8") as file:
        for row in csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            with contextlib.suppress(ValueError, IndexError):  # the header, an empty line
                grade = float(row[-1])
                if grade > 0:
                    judged.setdefault(row[0], {})[row[-2]] = grade
    return judged


def answerable(judged: Judged, queries: Mapping[str, str], documents: set[str]) -> Judged:
    """Leave out what no system could find or be asked, and say so."""
    kept = {
        query: {document: grade for document, grade in grades.items() if document in documents}
        for query, grades in judged.items()
        if queries.get(query, "").strip()
    }
    kept = {query: grades for query, grades in kept.items() if grades}
    lost = sum(map(len, judged.values())) - sum(map(len, kept.values()))
    if lost:
        say(f"{lost} judgements left out: the set does not hold their query or document")
    return kept


def write_files(corpus: Path, folder: Path) -> dict[str, str]:
    """Write the documents and return file name -> document; the names say nothing of the set's ids."""
    folder.mkdir(parents=True, exist_ok=True)
    names = {}
    for number, document in enumerate(lines(corpus)):
        name = f"d{number:06}.txt"
        names[name] = str(document["_id"])
        title, text = text_of(document, "title"), text_of(document, "text")
        whole = f"{title}\n\n{text}" if title else text
        file, content = folder / name, whole.encode("utf-8", "replace")
        if not file.exists() or file.read_bytes() != content:  # with --data only what changed is read anew
            file.write_bytes(content)
    for stale in {file.name for file in folder.glob("d*.txt")} - names.keys():
        (folder / stale).unlink()
    return names


def judged_queries(directory: Path, documents: set[str]) -> tuple[Judged, dict[str, str]]:
    """Return what can be judged of a set's queries, and their texts."""
    queries = {str(query["_id"]): text_of(query, "text") for query in lines(directory / "queries.jsonl")}
    return answerable(judgements(qrels(directory / "qrels")), queries, documents), queries


UNHURRIED = "[index]\npause_on_battery = false\npause_on_load = false\n"


def private_home(base: Path) -> None:
    """Let semfs keep what it makes below `base`, in this process and its children, and never pause."""
    for variable, place in (
        ("XDG_DATA_HOME", "data"),
        ("XDG_RUNTIME_DIR", "run"),
        ("XDG_CONFIG_HOME", "etc"),
    ):
        (base / place).mkdir(parents=True, exist_ok=True, mode=0o700)
        os.environ[variable] = str((base / place).absolute())
    config_file().parent.mkdir(exist_ok=True)
    config_file().write_text(UNHURRIED, "utf-8")


def coverage(catalog: Catalog) -> Coverage:
    """Return how much is indexed; nothing while the catalogue is being made."""
    with contextlib.suppress(StoreError):
        if catalog.path.exists():
            return catalog.coverage()
    return Coverage()


@contextlib.contextmanager
def indexed(*folders: Path) -> Iterator[Catalog]:
    """Run the ingest process until it has nothing left to do; yield its catalogue."""
    catalog = Catalog(data_dir(NAME) / "catalog.db")
    command = [sys.executable, "-m", "semfs.cli.main", "_ingest", "--name", NAME, *map(str, folders)]
    with subprocess.Popen(command) as ingest:
        try:
            while not (catalog.path.exists() and catalog.coverage().complete):
                if ingest.poll() is not None:
                    raise SystemExit("the ingest process ended before the index was complete")
                if catalog.path.exists():
                    c = catalog.coverage()
                    say(f"{c.activity}: {c.indexed} of {c.files} files, {c.embedded} of {c.passages} vectors")
                time.sleep(3)
        finally:
            ingest.terminate()
    yield catalog


def measures(found: Sequence[str], grades: Mapping[str, float]) -> tuple[float, float, float]:
    """Return nDCG@10, recall@10 and the reciprocal rank of the first relevant of 10.

    A grade is the gain, as in trec_eval and so in BEIR's figures.
    """
    gains = [grades.get(document, 0.0) for document in found[:10]]
    ideal = sorted(grades.values(), reverse=True)[:10]
    first = next((1 / rank for rank, gain in enumerate(gains, 1) if gain), 0.0)
    discounted = [sum(g / math.log2(rank + 1) for rank, g in enumerate(row, 1)) for row in (gains, ideal)]
    return discounted[0] / discounted[1], sum(map(bool, gains)) / len(grades), first


def by_file(scores: Sequence[tuple[str, float]]) -> dict[str, float]:
    best: dict[str, float] = {}
    for file, score in scores:
        best[file] = max(score, best.get(file, -math.inf))
    return best


def order(scores: Mapping[str, float]) -> list[str]:
    return sorted(scores, key=lambda file: (-scores[file], file))


def scaled(scores: Mapping[str, float]) -> dict[str, float]:
    if not scores:
        return {}
    low, high = min(scores.values()), max(scores.values())
    return {file: (score - low) / (high - low or 1.0) for file, score in scores.items()}


def joined(one: Mapping[str, float], other: Mapping[str, float]) -> dict[str, float]:
    return {file: one.get(file, 0.0) + other.get(file, 0.0) for file in {**one, **other}}


def reciprocal(scores: Mapping[str, float]) -> dict[str, float]:
    return {file: 1 / (60 + rank) for rank, file in enumerate(order(scores), 1)}


def halves(found: Iterable[Match], names: Mapping[int, str]) -> dict[str, list[str]]:
    """Return the rankings by words, by meaning, and by the usual ways to join them; `names` by file."""
    matches = list(found)
    lexical = by_file([(names[m.file], m.words) for m in matches if m.words > 0])
    dense = by_file([(names[m.file], m.cosine) for m in matches if m.cosine is not None])
    return {
        "lexical": order(lexical),
        "dense": order(dense),
        "rrf": order(joined(reciprocal(lexical), reciprocal(dense))),
        "minmax": order(joined(scaled(lexical), scaled(dense))),
    }
