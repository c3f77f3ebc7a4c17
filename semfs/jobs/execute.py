"""Carry out the steps of one job, in order, skipping those that have ended before.

Runs in the job's thread.  A step is known by its fingerprint: what it does, to which values.
Its value is in jobs/N/steps before the journal says that it has ended, so that whatever dies,
a step is either done or done again from its last finished task, never half believed.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace

from semfs.errors import SemfsError, StepFailed
from semfs.jobs.context import Context, Inputs, Skip, Usage, timed
from semfs.jobs.folder import Folder
from semfs.jobs.operators import operation
from semfs.jobs.reading import together
from semfs.jobs.values import Value, dump, load
from semfs.plan.lower import Step, StepId
from semfs.store.state import StepRow

log = logging.getLogger(__name__)


def execute(steps: Sequence[Step], context: Context) -> None:
    """Run what has not run yet; raises what a step failed with, or Interrupted."""
    run = _Run(steps, context)
    for step in steps:
        context.check()
        if step.id not in run.values:
            run.carry_out([item for item in steps if item.id == step.id or item.id in step.together])


class _Run:
    """The values and the books of one job while its steps are carried out."""

    def __init__(self, steps: Sequence[Step], context: Context) -> None:
        self.steps = steps
        self.context = context
        self.finished = context.state.steps(context.job)
        self.values: dict[StepId, Value] = {}
        self.prints: dict[StepId, str] = {}

    def carry_out(self, group: Sequence[Step]) -> None:
        """Carry out steps of one reading, or a single one; what has ended before is only looked up."""
        for step in group:
            self.prints[step.id] = fingerprint(step, self.prints, self.context)
        titles = [f"step {step.id} of {len(self.steps)}: {step.operator}" for step in group]
        self.context.progress(", ".join(titles))
        waiting: dict[str, tuple[Step, Context]] = {}
        for step, title in zip(group, titles, strict=True):
            if not self._look_up(step):
                own = _own(self.context, step, self.prints[step.id], title)
                waiting.setdefault(self.prints[step.id], (step, own))
        if waiting:
            self._run(list(waiting.values()))
        for step in group:
            if step.id not in self.values and not self._look_up(step):
                raise StepFailed(f"the result of step {step.id}, {step.operator}, is lost")
        self.context.folder.write("usage.json", usage_json(self._usages()))

    def _look_up(self, step: Step) -> bool:
        """Take the value that a step with this fingerprint gave before, if there is one."""
        row = self.finished.get(self.prints[step.id])
        value = _kept(row, self.context) if row else None
        if value is not None:
            self.values[step.id] = value
        return value is not None

    def _run(self, waiting: Sequence[tuple[Step, Context]]) -> None:
        made = _run([(step, _inputs(step, self.values), own) for step, own in waiting])
        for (step, own), value in zip(waiting, made, strict=True):
            self.values[step.id] = value
            self.finished[own.fingerprint] = _keep(step, value, own)

    def _usages(self) -> list[dict[str, object]]:
        rows = ((step, self.finished[self.prints[step.id]]) for step in self.steps if step.id in self.values)
        seen: set[str] = set()
        usages: list[dict[str, object]] = []
        for step, row in rows:
            used = {} if row.fingerprint in seen else dict(row.usage)  # equal steps run once
            seen.add(row.fingerprint)
            usages.append({"step": step.id, "operator": step.operator} | used)
        return usages


def fingerprint(step: Step, earlier: dict[StepId, str], context: Context) -> str:
    """Return what makes this step the same step: its words, and those of all that it depends on."""
    parts = [
        step.operator,
        *(f"{item.name}={item.text}" for item in (*step.arguments, *step.columns)),
        *(f"{source.parameter}:{source.name}={earlier[source.step]}" for source in step.inputs),
        *(context.within if step.operator == "hits" else ()),
    ]
    return hashlib.blake2b(json.dumps(parts).encode(), digest_size=8).hexdigest()


def usage_json(steps: Sequence[dict[str, object]]) -> str:
    """Return what each step used, and all of them together."""
    total: dict[str, float] = {}
    for step in steps:
        for key, value in step.items():
            if key not in ("step", "operator") and isinstance(value, int | float):
                total[key] = round(total.get(key, 0) + value, 3)
    return json.dumps({"total": total, "steps": list(steps)}, indent=1) + "\n"


def _own(context: Context, step: Step, print: str, title: str) -> Context:
    """Return the context of one step, whose progress begins with its title."""
    tell = context.progress
    return replace(
        context,
        fingerprint=print,
        shares=step.shares,
        usage=Usage(),
        progress=lambda words: tell(f"{title} {words}".rstrip()),
    )


def _inputs(step: Step, values: dict[StepId, Value]) -> Inputs:
    given: dict[str, list[tuple[str, Value]]] = {}
    for source in step.inputs:
        given.setdefault(source.parameter, []).append((source.name, values[source.step]))
    return Inputs(given)


def _run(given: Sequence[tuple[Step, Inputs, Context]]) -> list[Value]:
    """Run the operators of steps that share a reading, or one alone."""
    words = ", ".join(f"step {step.id}, {step.operator}" for step, _, _ in given)
    for step, _, context in given:
        context.log(f"step {step.id}: {step.text}")
    try:
        with timed([context.usage for _, _, context in given]):
            return together(
                [(operation(step.operator)(step, inputs, own), own) for step, inputs, own in given]
            )
    except Skip as reason:
        raise StepFailed(f"{words}: {reason}") from reason
    except (SemfsError, OSError):
        raise
    except Exception as error:  # the boundary of a step: an operator may come from anybody
        log.exception("%s of job %s", words, given[0][2].job)
        raise StepFailed(f"{words}, failed unexpectedly: {type(error).__name__}: {error}") from error


def _keep(step: Step, value: Value, context: Context) -> StepRow:
    name = f"{context.fingerprint}.json"
    context.folder.keep(name, dump(value))
    row = StepRow(context.fingerprint, step.name, step.operator, name, context.usage.as_dict())
    context.state.add_step(context.job, row)
    return row


def kept_values(rows: Iterable[StepRow], folder: Folder) -> Iterator[Value]:
    """Yield what steps gave, as far as it is still there."""
    for row in rows:
        with suppress(OSError, ValueError):
            yield load(folder.kept(row.result))


def _kept(row: StepRow, context: Context) -> Value | None:
    """Return what a step gave before, None if that is lost and it must run again."""
    try:
        return load(context.folder.kept(row.result))
    except (OSError, ValueError) as error:
        context.log(f"the result of {row.operator} is lost ({error}); it runs again")
        return None
