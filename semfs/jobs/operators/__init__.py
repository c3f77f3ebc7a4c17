"""What each operator of the plan language does.

`run` is called from a job's thread.  The declarations are in `semfs.plan.operators`; here is
one function for each, by name: it is given the step, the values of its inputs and the job's
context, and returns the step's value, or is a generator that yields what is to be done with
each file (`semfs.jobs.reading`) before it does.  Operators from entry points are found by their declaration.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module

from semfs.errors import StepFailed
from semfs.jobs.context import Context, Inputs
from semfs.jobs.operators import compute, files, keep, load, rows, save, text
from semfs.jobs.reading import Mapped
from semfs.plan.lower import Step
from semfs.plan.operators import operators

Operation = Callable[[Step, Inputs, Context], Mapped]

OPERATIONS: Mapping[str, Operation] = {
    "find": files.find,
    "hits": files.hits,
    "keep": keep.keep,
    "extract": rows.extract,
    "classify": rows.classify,
    "summarize": text.summarize,
    "answer": text.answer,
    "translate": text.translate,
    "load": load.load,
    "table": compute.table,
    "python": compute.python,
    "save": save.save,
}


def operation(name: str) -> Operation:
    """Return what an operator does; raises StepFailed for one that is not there any more."""
    if name in OPERATIONS:
        return OPERATIONS[name]
    declared = next((item for item in operators() if item.name == name), None)
    if declared is None:
        raise StepFailed(f"there is no operator '{name}' any more: the package that brought it is gone")
    module, _, function = declared.implementation.partition(":")
    try:
        found: Operation = getattr(import_module(module), function)
    except (ImportError, AttributeError) as error:
        raise StepFailed(
            f"operator '{name}' cannot be loaded from {declared.implementation}: {error}"
        ) from error
    return found
