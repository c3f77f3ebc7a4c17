"""How the engine is: the facts of one moment, and what `sys/` shows of them; pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from semfs.engine.cells import BLOCK

SHOWN = 40  # sequences that `sys/scheduler` lists


@dataclass(frozen=True, slots=True)
class SequenceReport:
    """One request that is served or waits."""

    id: int
    model: str
    priority: str
    queue: int
    state: str  # "reading", "writing", "waiting" or "swapped out"
    prompt: int  # tokens
    computed: int
    written: int
    waited: float  # seconds since its last token


@dataclass(frozen=True, slots=True)
class ModelReport:
    """One model that is loaded, or that somebody waits for."""

    name: str
    loaded: bool
    running: int = 0
    waiting: int = 0
    context: int = 0  # cells
    blocks: int = 0
    given: int = 0  # blocks of sequences
    cached: int = 0  # blocks of kept beginnings
    kept: int = 0  # beginnings
    swapped_tokens: int = 0
    swapped_bytes: int = 0
    swaps: int = 0  # sequences swapped out so far
    weight_bytes: int = 0
    context_bytes: int = 0
    threads: int = 0
    read_per_second: float = 0.0  # prompt tokens, over the last steps
    written_per_second: float = 0.0


@dataclass(frozen=True, slots=True)
class EngineStatus:
    """What the engine's process says of itself."""

    pid: int
    model: str  # that is used unless a request names another
    models: tuple[ModelReport, ...] = ()
    sequences: tuple[SequenceReport, ...] = ()
    budget: int = 0  # bytes that the loaded models may take together
    memory_mb: int = 0  # resident
    served: int = 0
    read: int = 0  # prompt tokens so far
    written: int = 0  # tokens so far
    swaps: int = 0  # models that were dropped for others
    stored: int = 0  # beginnings on disk
    stored_bytes: int = 0

    @property
    def loaded(self) -> tuple[ModelReport, ...]:
        return tuple(model for model in self.models if model.loaded)

    @property
    def running(self) -> int:
        return sum(model.running for model in self.models)

    @property
    def waiting(self) -> int:
        return sum(model.waiting for model in self.models)


def build(body: dict[str, Any]) -> EngineStatus:
    """Return the status that became JSON."""
    body["models"] = tuple(ModelReport(**model) for model in body["models"])
    body["sequences"] = tuple(SequenceReport(**sequence) for sequence in body["sequences"])
    return EngineStatus(**body)


ABSENT = "not running (it starts with the first request)\n"


def engine_text(report: EngineStatus) -> str:
    """Return the lines of `sys/engine`; the first says it all in brief."""
    lines = [_brief(report)]
    lines.append(f"process\t{report.pid}, {report.memory_mb:,} MB resident")
    for model in report.models:
        lines.append(f"model\t{model.name}: {_state(model)}")
    lines.append(
        f"served\t{report.served:,} requests; {report.read:,} tokens read, {report.written:,} written"
    )
    return "\n".join(lines) + "\n"


def _brief(report: EngineStatus) -> str:
    if not report.running and not report.waiting:
        return "idle" if report.loaded else "idle, no model loaded"
    busy = f"{report.running} running, {report.waiting} waiting"
    return busy if report.loaded else f"no model loaded, {report.waiting} waiting"


def _state(model: ModelReport) -> str:
    if not model.loaded:
        return f"not loaded, {model.waiting} waiting"
    return (
        f"{model.running} running, {model.waiting} waiting, {model.threads} threads, "
        f"{model.read_per_second:g} tokens/s read, {model.written_per_second:g} written"
    )


def memory_text(report: EngineStatus) -> str:
    """Return the lines of `sys/memory`: models, their contexts by blocks, what is kept and swapped out."""
    taken = sum(model.weight_bytes + model.context_bytes for model in report.loaded)
    lines = [f"{_mb(taken)} of {_mb(report.budget)} given to models, {report.memory_mb:,} MB resident"]
    for model in report.loaded:
        free = model.blocks - model.given - model.cached
        lines += [
            f"model\t{model.name}: weights {_mb(model.weight_bytes)}, context {_mb(model.context_bytes)}",
            f"context\t{model.context:,} tokens in {model.blocks} blocks of {BLOCK}: "
            f"{model.given} given to requests, {model.cached} to {model.kept} kept beginnings, {free} free",
            f"swapped\t{model.swapped_tokens:,} tokens out now, {_mb(model.swapped_bytes)}; "
            f"{model.swaps:,} requests so far",
        ]
    lines.append(f"disk\t{report.stored} beginnings, {_mb(report.stored_bytes)}")
    lines.append(f"dropped\t{report.swaps:,} models for others so far")
    return "\n".join(lines) + "\n"


def scheduler_text(report: EngineStatus) -> str:
    """Return the lines of `sys/scheduler`: who is served and who waits, the first in the queues first."""
    lines = [f"{report.running} running, {report.waiting} waiting"]
    rows = [_COLUMNS] + [_row(sequence) for sequence in report.sequences[:SHOWN]]
    if report.sequences:
        widths = [max(len(row[at]) for row in rows) for at in range(len(_COLUMNS))]
        lines += ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]
    if len(report.sequences) > SHOWN:
        lines.append(f"and {len(report.sequences) - SHOWN:,} more")
    return "\n".join(lines) + "\n"


_COLUMNS = ["request", "priority", "queue", "state", "read", "written", "idle", "model"]


def _row(sequence: SequenceReport) -> list[str]:
    read = f"{min(sequence.computed, sequence.prompt):,} of {sequence.prompt:,}"
    return [
        str(sequence.id),
        sequence.priority,
        str(sequence.queue),
        sequence.state,
        read,
        f"{sequence.written:,}",
        f"{sequence.waited:.1f} s",
        sequence.model,
    ]


def _mb(size: int) -> str:
    return f"{size / 1e6:,.0f} MB"


TEXTS: dict[str, Callable[[EngineStatus], str]] = {
    "engine": engine_text,
    "memory": memory_text,
    "scheduler": scheduler_text,
}
