"""From a request in words to a plan, by the model, under the grammar.

The model sees the instructions and the request and nothing else: no file's name or
content, no date.  Called from a job's thread; it holds no state.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from semfs.errors import PlanError, PlanningFailed
from semfs.model import Priority, Prompt, Sampling
from semfs.plan.beyond import beyond
from semfs.plan.check import check
from semfs.plan.evidence import LOOKED_AT, evidence, offered
from semfs.plan.examples import EXAMPLES, ask, nearest
from semfs.plan.grammar import MOST_SAVES, Shape, gbnf
from semfs.plan.inspecting import inspecting_plan
from semfs.plan.listing import listing_plan
from semfs.plan.mend import mend, without_groups
from semfs.plan.operators import Operator, operators, signature
from semfs.plan.parse import parse
from semfs.plan.plain import computing_plan, plain_plan
from semfs.plan.program import Program

log = logging.getLogger(__name__)

MOST_TOKENS = 300  # the longest sensible plan seen took 180

# One plan and two repairs.  The second repair is not greedy, because a small model that
# has written the same plan twice would write it a third time.
_SAMPLINGS = (
    Sampling(max_tokens=MOST_TOKENS),
    Sampling(max_tokens=MOST_TOKENS),
    Sampling(max_tokens=MOST_TOKENS, temperature=0.6, seed=1),
)


class Engine(Protocol):
    """What the planner needs of the model; `semfs.engine.client.Engine` has it."""

    def generate(
        self,
        prompt: Prompt,
        sampling: Sampling = ...,
        *,
        priority: Priority = ...,
        cancelled: Callable[[], bool] = ...,
    ) -> Iterator[str]: ...


@dataclass(frozen=True, slots=True)
class Attempt:
    """A plan that the model wrote and what was wrong with it."""

    text: str
    error: PlanError


def write_plan(
    request: str,
    engine: Engine,
    *,
    known: Sequence[Operator] | None = None,
    within: bool = False,
    priority: Priority = Priority.NORMAL,
    cancelled: Callable[[], bool] = lambda: False,
) -> Program:
    """Have the model write a plan for a request and check it.

    `within` says that the request was written in a query directory.  Raises
    PlanningFailed with what was tried, and what the engine raises.
    """
    known = operators() if known is None else tuple(known)
    if plain := _plain(request, known, within=within):
        return plain
    if deed := beyond(request[:LOOKED_AT]):
        raise PlanningFailed(_BEYOND.format(deed))
    grammar = _grammar(request, known, within=within)
    tried: list[Attempt] = []
    for sampling in _SAMPLINGS:
        prompt = _prompt(request, known, tried, within=within)
        given = replace(sampling, grammar=grammar)
        pieces = engine.generate(prompt, given, priority=priority, cancelled=cancelled)
        text = prompt.prefill + "".join(pieces).removeprefix(prompt.prefill)
        try:
            plan = without_groups(mend(parse(text), known), request)
            return _completed(check(plan, known, within=within), request)
        except PlanError as error:
            log.info("plan refused: %s", error)
            tried.append(Attempt(text, error))
    raise PlanningFailed(_report(tried, request))


def _plain(request: str, known: Sequence[Operator], *, within: bool) -> Program | None:
    """Return the plan of a request that leaves nothing to decide, so that no model need be asked."""
    ways = (
        ()
        if within or len(request) > LOOKED_AT
        else (inspecting_plan, listing_plan, plain_plan, computing_plan)
    )
    text = next(filter(None, (way(request) for way in ways)), "")
    plan = parse(text) if text else None
    if plan is None or not {line.operator for line in plan.lines} <= {item.name for item in known}:
        return None
    return check(plan, known)


def _grammar(request: str, known: Sequence[Operator], *, within: bool) -> str:
    """Return the grammar of this request's plan, which leaves no choice where the request leaves none."""
    seen = evidence(request)
    computes = seen.computes and not within and any(item.name == "python" for item in known)
    shape = Shape(
        first="python" if computes else "",
        texts=seen.quotes,
        wide=seen.wide,
        again=seen.several,
        values=1 if seen.unfit else 0,
        saves=MOST_SAVES if seen.several else 1,
    )
    return gbnf(offered(known, seen), shape, within=within)


def _completed(program: Program, request: str) -> Program:
    """Give a lone computation the request itself as its task: the model loses or changes numbers."""
    values = [call for call in program.calls if call.name]
    if len(values) != 1 or values[0].operator.name != "python" or values[0].inputs:
        return program
    task = values[0].with_setting("task", " ".join(request.split()))
    return Program(tuple(task if call is values[0] else call for call in program.calls))


def instructions(known: Sequence[Operator]) -> str:
    """Return what the model is told before any request: it is the same for all of them."""
    calls = "\n".join(f"{signature(item)}: {item.meaning}" for item in known)
    examples = "\n".join(str(item) for item in EXAMPLES)
    return f"{_INTRODUCTION}\n\n{calls}\n\n{_RULES}\n\n{examples}"


_INTRODUCTION = "Write the plan for a request: one call a line, name = operator(...)."

_BEYOND = (
    "'{}' cannot be done by a request: a plan reads files and makes new ones in its own directory; it "
    "changes, deletes and sends nothing"
)

_RULES = """Rules:
- when= and kind= only if the request says so; when= keeps its words.
- Numbers given in the request: python alone.
- End with save."""


def _prompt(request: str, known: Sequence[Operator], tried: Sequence[Attempt], *, within: bool) -> Prompt:
    user = ask(request)
    prefill = "files = hits()\n" if within else ""
    if tried:
        last = tried[-1]
        user += f"\n\nThis plan is wrong:\n{last.text.strip()}\nError: {last.error}\nWrite it correctly."
    return Prompt(user=user, system=instructions(known), prefill=prefill)


def _report(tried: Sequence[Attempt], request: str) -> str:
    plans = "\n".join(dict.fromkeys(f"{_indented(item.text)}\n  {item.error}" for item in tried))
    examples = "\n".join(_indented(str(item)) for item in nearest(request))
    return (
        f"no valid plan was found for this request. Tried:\n{plans}\n\n"
        f"Say it in other words, or write the plan yourself after a first line '#!semfs plan'. "
        f"Requests like it, with their plans:\n{examples}"
    )


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.strip().splitlines())
