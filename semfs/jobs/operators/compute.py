"""table and python: exact computation, by DuckDB and by a program in the sandbox."""

from __future__ import annotations

import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from stat import S_ISREG
from typing import Any

from semfs.errors import StepFailed
from semfs.jobs import duck, prompts, sandbox, sense, stories, voting
from semfs.jobs.context import Context, Inputs, Skip, some
from semfs.jobs.normalise import file_name
from semfs.jobs.operators.forms import files_as_rows, modified
from semfs.jobs.sandbox import Outcome
from semfs.jobs.values import Column, Files, Rows, Text, Value
from semfs.model import Prompt, Sampling, Source, shown
from semfs.plan.lower import Step, code_task
from semfs.plan.operators import Lane
from semfs.plan.plain import is_problem
from semfs.plan.sql import fitted

PYTHON_TYPES = {"text": "str", "number": "float", "date": '"YYYY-MM-DD" str'}
FILE_WORDS = (
    'list of dict with "file" (path), "name", "kind", "size" (int, bytes), "modified" ("YYYY-MM-DD"), "text"'
)


def table(step: Step, inputs: Inputs, context: Context) -> Rows:
    """Run one SELECT; the tables have the names of the plan's variables."""
    tables = {name: _as_rows(value, context) for name, value in inputs.named("rows")}
    columns = {name: [column.name for column in rows.columns] for name, rows in tables.items()}
    if (sql := fitted(step.argument("sql"), columns)) != step.argument("sql"):
        context.log(f"with the columns that are there: {sql}")
    context.audit("code", sql)
    with context.folder.scratch() as place, context.lane(Lane.CPU):
        found = duck.query(sql, tables, place=place, limits=context.limits, cancelled=context.cancelled)
    if problem := sense.emptiness(found, tables.values()):
        raise StepFailed(problem)
    return found


def _as_rows(value: Value, context: Context) -> Rows:
    match value:
        case Rows():
            return value
        case Files():
            return files_as_rows(context.rows_of(value))
    raise StepFailed("a table is made of rows or files")


def python(step: Step, inputs: Inputs, context: Context) -> Text:
    """Have the model write a program, run it in the sandbox, and once more if it was wrong.

    The model is told names, columns and types, never contents, so no document can write code.
    """
    if reason := sandbox.trouble():
        raise StepFailed(f"bubblewrap is missing: {reason}")
    variables: dict[str, Any] = {}
    described: list[str] = []
    sources: list[Source] = []
    for name, value in inputs.named("values"):
        variables[name], words, read = _variable(value, context)
        described.append(f"{name}: {words}")
        sources += read
    task = code_task(step.argument("task"), context.request)
    is_story = not variables and is_problem(task)
    text = _solved(task, context) if is_story else _computed(task, described, variables, context)
    return Text(text, tuple(dict.fromkeys(sources)))


def _solved(task: str, context: Context) -> str:
    """Return what most of several solutions of a word problem say."""
    said: list[str] = []
    for ways in stories.ROUNDS:
        with ThreadPoolExecutor(len(ways), thread_name_prefix=f"job-{context.job}") as pool:
            said += filter(None, pool.map(lambda way: _solution(task, way, context), ways))
        if voting.agreed(said):
            break
    if not said:
        return _computed(task, [], {}, context)
    context.log(f"results: {'; '.join(said)}")
    return stories.decided(said)


def _solution(task: str, way: stories.Way, context: Context) -> str:
    """Return what comes out in one way, "" if nothing does."""
    if not way.computes:
        return stories.concluded(context.ask(way.prompt(task), way.sampling).strip())
    program = _program(way.prompt(task), context, way.sampling)
    outcome = _run(program, {}, context).outcome if program else Outcome("")
    return "" if outcome.error else outcome.text.strip()


def _computed(task: str, described: list[str], variables: dict[str, Any], context: Context) -> str:
    """Return what most of several programs say; where all have slips, the first is written once more."""
    prompt = prompts.program(task, described)
    samplings = prompts.PROGRAM_SAMPLINGS[: 1 if variables else None]
    with ThreadPoolExecutor(len(samplings), thread_name_prefix=f"job-{context.job}") as pool:
        written = list(pool.map(lambda one: _program(prompt, context, one), samplings))
    programs = list(dict.fromkeys(filter(None, written)))
    if not programs:
        raise StepFailed("the model wrote no program; try again with other words")
    ran = [_run(program, variables, context) for program in programs]
    outcome = sense.decided([one.outcome for one in ran], task)
    if outcome is None:
        first = ran[0].outcome
        slip = first.error or "it prints nothing"
        context.log(f"the program failed and is written once more: {slip}")
        told = _told(first, programs[0], private=bool(variables)) if first.error else slip
        asked = prompts.repair(task, described, programs[0], told)
        ran = [_run(_program(asked, context, prompts.PROGRAM_SAMPLING), variables, context)]
        outcome = ran[0].outcome
    if outcome.error:
        raise StepFailed(outcome.error)
    if not outcome.text.strip():
        raise StepFailed("the program printed nothing")
    if sense.is_only_error(outcome.text):
        raise StepFailed(outcome.text.strip().partition(":")[2].strip())
    for name, data in next(one.files for one in ran if one.outcome is outcome).items():
        context.folder.save(name, data)
    return outcome.text.strip()


@dataclass(frozen=True, slots=True)
class _Ran:
    """How a program ended, and what it left."""

    outcome: Outcome
    files: Mapping[str, bytes]


def _program(prompt: Prompt, context: Context, sampling: Sampling) -> str:
    """Return the program that the model writes, "" if it writes none."""
    answer = context.ask(prompt, sampling)
    program = answer.removeprefix(prompt.prefill).partition("```")[0].strip("\n")
    return program if program.strip() else ""


def _run(program: str, variables: dict[str, Any], context: Context) -> _Ran:
    """Run a program.

    One that was killed, perhaps by somebody else, is run once more: it has had no effect.
    """
    context.log("program:\n" + "\n".join(f"    {line}" for line in program.splitlines()))
    context.audit("code", program)
    ran = _run_once(program, variables, context)
    return ran if ran.outcome.kind != sandbox.KILLED else _run_once(program, variables, context)


def _run_once(program: str, variables: dict[str, Any], context: Context) -> _Ran:
    with context.folder.scratch() as place, context.lane(Lane.SANDBOX):
        out = place / "out"
        out.mkdir()
        outcome = sandbox.run_python(
            program, variables, out, limits=context.limits, cancelled=context.cancelled
        )
        return _Ran(outcome, {} if outcome.error else _left(out))


def _left(out: Path) -> dict[str, bytes]:
    """Return the plain files that a program left; links and folders are not followed."""
    files = {}
    for name in sorted(os.listdir(out)):
        try:
            descriptor = os.open(out / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except OSError:
            continue  # a link, or something that only looks like a file
        with open(descriptor, "rb") as file:
            if S_ISREG(os.fstat(descriptor).st_mode):
                files[file_name(name)] = file.read()
    return files


def _told(outcome: Outcome, program: str, *, private: bool) -> str:
    """Return what the model is told of an error; its words may quote the data, then only its kind."""
    if not private:
        return outcome.error
    lines = program.splitlines()
    at = f" in the line: {lines[outcome.line - 1].strip()}" if 0 < outcome.line <= len(lines) else ""
    return f"{outcome.kind}{at}"


def _variable(value: Value, context: Context) -> tuple[Any, str, list[Source]]:
    """Return a value as the program has it, what the model is told of it, and its sources."""
    match value:
        case Rows(columns):
            return value.records(), f"list of dict with {', '.join(map(_described, columns))}", []
        case Text(text, sources):
            return text, "str", list(sources)
        case Files():
            return _file_variable(value, context)
    raise StepFailed("a program can use rows, text and files")


def _described(column: Column) -> str:
    return f'"{column.name}" ({PYTHON_TYPES[column.type]} or None)'


def _file_variable(files: Files, context: Context) -> tuple[Any, str, list[Source]]:
    records, sources = [], []
    for row in context.rows_of(some(files)):
        try:
            text = "\n".join(window.text for window in context.read(row.path).windows)
        except Skip as reason:
            context.log(f"{shown(row.path)} has no text: {reason}")
            text = ""
        name = shown(row.path.rsplit("/", 1)[-1])
        records.append(
            {"file": shown(row.path), "name": name, "kind": row.kind.value, "size": row.size}
            | {"modified": modified(row), "text": text}
        )
        sources.append(Source(row.path, row.hash))
    return records, FILE_WORDS, sources
