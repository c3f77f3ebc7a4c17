"""Carry out the steps of one job, in order, skipping those that have ended before.

Runs in the job's thread.  A step is known by its fingerprint: what it does, to which values.
Its value is in jobs/N/steps before the journal says that it has ended, so that whatever dies,
a step is either done or done again from its last finished task, never half believed.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Sequence
from dataclasses import replace

from semfs.errors import SemfsError, StepFailed
from semfs.jobs.context import Context, Inputs, Skip, Usage, timed
from semfs.jobs.operators import operation
from semfs.jobs.values import Value, dump, load
from semfs.plan.lower import Step, StepId
from semfs.store.state import StepRow

log = logging.getLogger(__name__)


def execute(steps: Sequence[Step], context: Context) -> None:
    """Run what has not run yet; raises what a step failed with, or Interrupted."""
    finished = context.state.steps(context.job)
    values: dict[StepId, Value] = {}
    prints: dict[StepId, str] = {}
    usages: list[dict[str, object]] = []
    for step in steps:
        context.check()
        prints[step.id] = fingerprint(step, prints, context)
        title = f"step {step.id} of {len(steps)}: {step.operator}"
        context.progress(title)
        row = finished.get(prints[step.id])
        value = _kept(row, context) if row else None
        if value is None:
            own = _own(context, prints[step.id], title)
            value = _run(step, _inputs(step, values), own)
            row = _keep(step, value, own)
        values[step.id] = value
        usages.append({"step": step.id, "operator": step.operator} | (dict(row.usage) if row else {}))
        context.folder.write("usage.json", usage_json(usages))


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


def _own(context: Context, print: str, title: str) -> Context:
    """Return the context of one step, whose progress begins with its title."""
    tell = context.progress
    return replace(
        context,
        fingerprint=print,
        usage=Usage(),
        progress=lambda words: tell(f"{title} {words}".rstrip()),
    )


def _inputs(step: Step, values: dict[StepId, Value]) -> Inputs:
    given: dict[str, list[tuple[str, Value]]] = {}
    for source in step.inputs:
        given.setdefault(source.parameter, []).append((source.name, values[source.step]))
    return Inputs(given)


def _run(step: Step, inputs: Inputs, context: Context) -> Value:
    context.log(f"step {step.id}: {step.text}")
    try:
        with timed(context.usage):
            return operation(step.operator)(step, inputs, context)
    except Skip as reason:
        raise StepFailed(f"step {step.id}, {step.operator}: {reason}") from reason
    except (SemfsError, OSError):
        raise
    except Exception as error:  # the boundary of a step: an operator may come from anybody
        log.exception("step %s (%s) of job %s", step.id, step.operator, context.job)
        raise StepFailed(
            f"step {step.id}, {step.operator}, failed unexpectedly: {type(error).__name__}: {error}"
        ) from error


def _keep(step: Step, value: Value, context: Context) -> StepRow:
    name = f"{context.fingerprint}.json"
    context.folder.keep(name, dump(value))
    row = StepRow(context.fingerprint, step.name, step.operator, name, context.usage.as_dict())
    context.state.add_step(context.job, row)
    return row


def _kept(row: StepRow, context: Context) -> Value | None:
    """Return what a step gave before, None if that is lost and it must run again."""
    try:
        return load(context.folder.kept(row.result))
    except (OSError, ValueError) as error:
        context.log(f"the result of {row.operator} is lost ({error}); it runs again")
        return None
