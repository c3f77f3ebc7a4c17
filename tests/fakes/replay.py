"""Replay traces of requests against the scheduler on a made-up clock, and against plainer ways to serve.

What a step costs was measured with the default model on two cores: an amount for reading the weights
and one for each token.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from fakes.counting import Counting, arrival
from semfs.engine.scheduler import STEP_TOKENS, Scheduler
from semfs.engine.steps import Arrival, SequenceId
from semfs.model import Priority

STEP_S = 0.018
TOKEN_S = 0.007
SLICE_S = 1.0  # of first-in-first-out with time slices
SWAP_S = 0.05  # to save one state and load another


@dataclass(frozen=True, slots=True)
class Job:
    """A request that arrives."""

    at: float
    arrival: Arrival


@dataclass(frozen=True, slots=True)
class Served:
    """When a job had its first token and when its last."""

    job: Job
    first: float
    last: float

    @property
    def wait(self) -> float:
        return self.first - self.job.at

    @property
    def slowdown(self) -> float:
        """Return how many times as long it took as it would have alone."""
        return (self.last - self.job.at) / alone(self.job.arrival)


Serve = Callable[[Sequence[Job]], list[Served]]

# Share, priority, tokens of the prompt, tokens written, instructions: what people and their jobs ask for.
_KINDS = (
    (0.10, Priority.HIGH, (300, 1200), (20, 120), 200),
    (0.15, Priority.NORMAL, (560, 620), (30, 80), 550),
    (0.70, Priority.LOW, (200, 700), (20, 60), 80),
    (0.05, Priority.LOW, (1500, 4000), (200, 500), 90),
)


_BURSTS = (1, 1, 1, 2, 4, 30)


def trace(seed: int, *, jobs: int = 1000, gap: float = 8.0) -> list[Job]:
    """Return jobs that arrive `gap` seconds apart on average, those of batch jobs in bursts."""
    chance = random.Random(seed)
    now, made = 0.0, list[Job]()
    while len(made) < jobs:
        _, priority, prompt, writes, shared = chance.choices(_KINDS, [kind[0] for kind in _KINDS])[0]
        burst = 1 if priority is Priority.HIGH else chance.choice(_BURSTS)
        now += chance.expovariate(1 / (gap * burst))
        for _ in range(min(burst, jobs - len(made))):
            request = arrival(
                len(made) + 1,
                priority=priority,
                tokens=chance.randint(*prompt),
                max_tokens=chance.randint(*writes),
                like=f"{priority} {shared}",
                shared=shared,
            )
            made.append(Job(now, request))
    return made


def cost(tokens: int) -> float:
    return STEP_S + TOKEN_S * tokens


def alone(request: Arrival) -> float:
    """Return how long a request takes on an idle engine that keeps nothing."""
    steps, rest = divmod(request.tokens, STEP_TOKENS)
    return steps * cost(STEP_TOKENS) + (cost(rest) if rest else 0) + (request.max_tokens - 1) * cost(1)


def scheduled(jobs: Sequence[Job], *, scheduler: Scheduler | None = None) -> list[Served]:
    """Serve them as the engine does."""
    scheduler = scheduler or Scheduler.of(8192, 16, 6)
    first: dict[SequenceId, float] = {}
    last: dict[SequenceId, float] = {}
    now, coming = 0.0, deque(jobs)

    def wrote(id: SequenceId) -> None:
        first.setdefault(id, now)
        last[id] = now

    world = Counting(scheduler, wrote=wrote)
    while coming or scheduler.room.sequences:
        if not scheduler.room.sequences:
            now = max(now, coming[0].at)
        while coming and coming[0].at <= now:
            world.arrive(coming[0].arrival, coming.popleft().at)
        step = scheduler.step(now)
        now += cost(sum(feed.count for feed in step.feeds)) if step.feeds else 0.0
        world.carry_out(step, now)
    return [Served(job, first[job.arrival.id], last[job.arrival.id]) for job in jobs]


def in_order(jobs: Sequence[Job]) -> list[Served]:
    """Serve one after another, each to its end."""
    now, served = 0.0, []
    for job in jobs:
        now = max(now, job.at)
        reading = alone(replace(job.arrival, max_tokens=1))
        first, now = now + reading, now + alone(job.arrival)
        served.append(Served(job, first, now))
    return served


def in_slices(jobs: Sequence[Job]) -> list[Served]:
    """Serve one at a time for a slice, then the next in the line, the state saved meanwhile."""
    now, coming = 0.0, deque(jobs)
    line: deque[tuple[Job, float]] = deque()  # with the seconds of work done
    first: dict[SequenceId, float] = {}
    last: dict[SequenceId, float] = {}
    while coming or line:
        if not line:
            now = max(now, coming[0].at)
        while coming and coming[0].at <= now:
            line.append((coming.popleft(), 0.0))
        job, done = line.popleft()
        id, reading, whole = job.arrival.id, alone(replace(job.arrival, max_tokens=1)), alone(job.arrival)
        work = min(SLICE_S, whole - done)
        if done < reading <= done + work:
            first[id] = now + reading - done
        now += work + SWAP_S
        while coming and coming[0].at <= now:
            line.append((coming.popleft(), 0.0))
        if done + work < whole:
            line.append((job, done + work))
        else:
            last[id] = now
            first.setdefault(id, now)
    return [Served(job, first[job.arrival.id], last[job.arrival.id]) for job in jobs]


WAYS: dict[str, Serve] = {"scheduled": scheduled, "in order": in_order, "in slices": in_slices}


def fairness(slowdowns: Sequence[float]) -> float:
    """Return Jain's index: 1 if all were slowed down alike, 1/n if one was and the others not at all."""
    return sum(slowdowns) ** 2 / (len(slowdowns) * sum(value * value for value in slowdowns))


def share_below(values: Sequence[float], share: float) -> float:
    """Return the value that this share of them does not exceed."""
    return sorted(values)[max(0, round(share * len(values)) - 1)]
