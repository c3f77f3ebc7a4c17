"""What the benchmarks on judged collections share: reading a set, writing its files, the measures.

A set is a directory in the BEIR layout: corpus.jsonl, queries.jsonl, qrels/test.tsv.
"""

from __future__ import annotations

import csv
import json
import math
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

Judged = Mapping[str, Mapping[str, int]]  # query -> document -> grade


def say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


def lines(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8") as file:
        yield from map(json.loads, file)


def judgements(path: Path) -> Judged:
    judged: dict[str, dict[str, int]] = {}
    with path.open(encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            if int(row["score"]) > 0:
                judged.setdefault(row["query-id"], {})[row["corpus-id"]] = int(row["score"])
    return judged


def write_files(corpus: Path, folder: Path) -> dict[str, str]:
    """Write the documents and return file name -> document."""
    folder.mkdir(parents=True, exist_ok=True)
    names = {}
    for number, document in enumerate(lines(corpus)):
        name = f"d{number:06}.txt"
        names[name] = document["_id"]
        title = document.get("title", "")
        (folder / name).write_text(f"{title}\n\n{document['text']}" if title else document["text"], "utf-8")
    return names


def measures(found: Sequence[str], grades: Mapping[str, int]) -> tuple[float, float, float]:
    """Return nDCG@10, recall@10 and the reciprocal rank of the first relevant of 10."""
    gains = [2 ** grades.get(document, 0) - 1 for document in found[:10]]
    ideal = sorted((2**grade - 1 for grade in grades.values()), reverse=True)[:10]
    first = next((1 / rank for rank, gain in enumerate(gains, 1) if gain), 0.0)
    discounted = [sum(g / math.log2(rank + 1) for rank, g in enumerate(row, 1)) for row in (gains, ideal)]
    return discounted[0] / discounted[1], sum(map(bool, gains)) / len(grades), first
