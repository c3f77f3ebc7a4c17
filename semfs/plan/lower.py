"""From a program to the steps that are scheduled.  Pure.

Step numbers depend on the program alone, so that a journal written before a crash fits
the steps that are made again after it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NewType

from semfs.plan.operators import Lane, Type
from semfs.plan.program import Call, Input, Program, Setting, Together

StepId = NewType("StepId", int)


@dataclass(frozen=True, slots=True)
class Source:
    """A value that a step takes from an earlier one."""

    parameter: str
    step: StepId
    name: str  # the variable: the name of the table in SQL, of the value in a program


@dataclass(frozen=True, slots=True)
class Step:
    """One call, ready to run.

    A value of type TEXT may also be given as a quoted text (`translate("Good morning",
    "German")`): then `inputs` has no source for the parameter and `arguments` has the text.
    """

    id: StepId  # from 1, in an order in which they may run
    name: str  # the variable, "" for save
    operator: str
    arguments: tuple[Setting, ...]  # quoted texts by parameter
    columns: tuple[Setting, ...]  # free keyword parameters with their types
    inputs: tuple[Source, ...]
    result: Type
    lane: Lane
    maps: bool  # one task for each file of its input
    text: str  # the call as it stands in the plan
    together: tuple[StepId, ...] = ()  # the steps that share one reading of the files, this one among them
    shares: bool = False  # its prompts begin with the document, as those of the other steps of the reading

    def argument(self, parameter: str, default: str = "") -> str:
        return next((item.text for item in self.arguments if item.name == parameter), default)

    def sources(self, parameter: str) -> tuple[Source, ...]:
        return tuple(item for item in self.inputs if item.parameter == parameter)


def lower(program: Program) -> tuple[Step, ...]:
    """Number the calls and say for each what it waits for and where it runs."""
    numbers = {call.name: StepId(place) for place, call in enumerate(program.calls, 1) if call.name}
    types = {call.name: call.result for call in program.calls}
    return tuple(
        _step(StepId(place), call, numbers, types, program.reading_of(call.name))
        for place, call in enumerate(program.calls, 1)
    )


def _step(
    number: StepId, call: Call, numbers: dict[str, StepId], types: dict[str, Type], reading: Together | None
) -> Step:
    return Step(
        id=number,
        name=call.name,
        operator=call.operator.name,
        arguments=call.settings,
        columns=call.columns,
        inputs=tuple(_source(item, numbers) for item in call.inputs),
        result=call.result,
        lane=call.operator.lane,
        maps=call.operator.maps and any(types[item.name] is Type.FILES for item in call.inputs),
        text=str(call),
        together=tuple(numbers[name] for name in reading.names) if reading else (),
        shares=reading is not None and reading.shares,
    )


def _source(given: Input, numbers: dict[str, StepId]) -> Source:
    return Source(given.parameter, numbers[given.name], given.name)


def code_task(task: str, request: str) -> str:
    """Return what the model that writes the program of a `python` step is asked.

    The words of the task may have lost a number on the way, so the request is repeated as
    it was written; a plan written by hand has none.
    """
    if not request.strip() or request.strip() == task.strip():
        return task
    return f"{task}\n\nThis is part of the request: {request.strip()}"
