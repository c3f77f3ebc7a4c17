"""What sys/engine, sys/memory and sys/scheduler say."""

from __future__ import annotations

from dataclasses import replace

from semfs.engine.report import SHOWN, TEXTS, EngineStatus, ModelReport, SequenceReport

MODEL = ModelReport(
    "small",
    loaded=True,
    running=2,
    waiting=1,
    context=8192,
    blocks=256,
    given=40,
    cached=31,
    kept=2,
    swapped_tokens=900,
    swapped_bytes=11_000_000,
    swaps=3,
    weight_bytes=400_000_000,
    context_bytes=100_000_000,
    threads=2,
    read_per_second=210.5,
    written_per_second=31.0,
)
SEQUENCE = SequenceReport(
    7, "small", "high", 0, "writing", prompt=1200, computed=1215, written=16, waited=0.04
)
REPORT = EngineStatus(
    pid=7,
    model="small",
    models=(MODEL, ModelReport("large", loaded=False, waiting=4)),
    sequences=(SEQUENCE,),
    budget=12_000_000_000,
    memory_mb=900,
    served=1234,
    read=56_000,
    written=7_800,
    swaps=1,
    stored=4,
    stored_bytes=60_000_000,
)


def test_the_engine_is_told_in_brief_first_and_then_model_by_model() -> None:
    assert TEXTS["engine"](REPORT).splitlines() == [
        "2 running, 5 waiting",
        "process\t7, 900 MB resident",
        "model\tsmall: 2 running, 1 waiting, 2 threads, 210.5 tokens/s read, 31 written",
        "model\tlarge: not loaded, 4 waiting",
        "served\t1,234 requests; 56,000 tokens read, 7,800 written",
    ]


def test_the_memory_is_told_by_what_it_is_given_to() -> None:
    assert TEXTS["memory"](REPORT).splitlines() == [
        "500 MB of 12,000 MB given to models, 900 MB resident",
        "model\tsmall: weights 400 MB, context 100 MB",
        "context\t8,192 tokens in 256 blocks of 32: 40 given to requests, 31 to 2 kept beginnings, 185 free",
        "swapped\t900 tokens out now, 11 MB; 3 requests so far",
        "disk\t4 beginnings, 60 MB",
        "dropped\t1 models for others so far",
    ]


def test_the_requests_are_told_in_a_table() -> None:
    assert TEXTS["scheduler"](REPORT).splitlines() == [
        "2 running, 5 waiting",
        "request  priority  queue  state    read            written  idle   model",
        "7        high      0      writing  1,200 of 1,200  16       0.0 s  small",
    ]


def test_a_long_line_of_requests_is_cut() -> None:
    long = replace(REPORT, sequences=(SEQUENCE,) * (SHOWN + 5))
    assert TEXTS["scheduler"](long).splitlines()[-1] == "and 5 more"


def test_an_idle_engine_is_told_in_one_line() -> None:
    assert TEXTS["scheduler"](EngineStatus(7, "small")) == "0 running, 0 waiting\n"
    assert TEXTS["engine"](EngineStatus(7, "small")).startswith("idle, no model loaded\n")
    rests = EngineStatus(7, "small", models=(ModelReport("small", loaded=True),))
    assert TEXTS["engine"](rests).startswith("idle\n")
