"""Slips of small models that have one right repair, made before the plan is checked.  Pure.

Asking the model again costs seconds and a small one writes the same plan once more.  Only
plans of the model are mended; in a plan written by hand a slip is an error that is shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from semfs.plan.evidence import words
from semfs.plan.language import Argument, Line, Name, Plan, Quoted
from semfs.plan.operators import EXTENSIONS, Operator, Type
from semfs.plan.sql import missing_columns, sums, table_names


def mend(plan: Plan, known: Sequence[Operator]) -> Plan:
    """Return the plan with what is surely meant; what is not known stays for the check."""
    operators = {item.name: item for item in known}
    lines = [_once_each(line) for line in plan.lines]
    lines = [_tables_given(line, lines) for line in lines]
    lines = _columns_extracted(lines, operators)
    lines = [_fitting_name(line, lines, operators) for line in lines]
    return Plan(tuple(_without_repeats(lines)))


_GROUPED = re.compile(
    r"select \w+, (?P<value>(?:sum|avg|min|max)\([^()]*\)(?: (?:as )?\w+)?) from (?P<rows>\w+) group by .*",
    re.IGNORECASE,
)
_TOTAL = words(r"total|sum\b|average|mean\b|gesamt|summe|durchschnitt|mittel", "总|合计|平均")
_GROUPS = words(
    r"by\b|per\b|each\b|every\b|which\b|list\b|with\b|nach\b|je\b|jede|pro\b|welche|liste|mit\b",
    "按|每|各|分别|哪|列",
)


def without_groups(plan: Plan, request: str) -> Plan:
    """Return the plan with a total as one number where the request names nothing to group it by."""
    if not _TOTAL.search(request) or _GROUPS.search(request):
        return plan
    return Plan(tuple(_ungrouped(line) for line in plan.lines))


def _ungrouped(line: Line) -> Line:
    found = _GROUPED.fullmatch(" ".join(_sql(line).split()))
    if found is None:
        return line
    sql = Quoted(f"select {found['value']} from {found['rows']}")
    return replace(line, arguments=(Argument(sql), *line.arguments[1:]))


def _once_each(line: Line) -> Line:
    """Drop a keyword that is given again."""
    seen: set[str] = set()
    kept = []
    for argument in line.arguments:
        if not argument.keyword or argument.keyword not in seen:
            kept.append(argument)
        seen.add(argument.keyword)
    return replace(line, arguments=tuple(kept))


def _tables_given(line: Line, lines: Iterable[Line]) -> Line:
    """Give a table call the variables that its SQL names."""
    sql = _sql(line)
    if not sql:
        return line
    given = {item.value.name for item in line.arguments if isinstance(item.value, Name)}
    defined = {item.target for item in lines}
    names = dict.fromkeys(name for name in table_names(sql) if name in defined and name not in given)
    return replace(line, arguments=(*line.arguments, *(Argument(Name(name)) for name in names)))


def _columns_extracted(lines: list[Line], operators: dict[str, Operator]) -> list[Line]:
    """Extract the columns that SQL over a single extraction uses."""
    by_name = {line.target: line for line in lines if line.target}
    for line in lines:
        inputs = [item.value.name for item in line.arguments if isinstance(item.value, Name)]
        source = by_name.get(inputs[0]) if len(inputs) == 1 else None
        operator = operators.get(source.operator) if source else None
        sql = _sql(line)
        if source is None or operator is None or not operator.columns or not sql:
            continue
        columns = [item.keyword for item in source.arguments if item.keyword]
        added = [
            Argument(Quoted("number" if sums(sql, name) else "text"), name)
            for name in missing_columns(sql, {inputs[0]: (*operator.result_columns, *columns)})
        ]
        by_name[source.target] = replace(source, arguments=(*source.arguments, *added))
    return [by_name.get(line.target, line) for line in lines]


def _fitting_name(line: Line, lines: Iterable[Line], operators: dict[str, Operator]) -> Line:
    """Save under an extension that the value can be written in."""
    if line.operator != "save" or len(line.arguments) != 2:
        return line
    value, name = (item.value for item in line.arguments)
    if not isinstance(value, Name) or not isinstance(name, Quoted):
        return line
    source = next((operators.get(item.operator) for item in lines if item.target == value.name), None)
    stem, _, extension = name.text.rpartition(".")
    if source is None or source.result is Type.NOTHING or extension.lower() in EXTENSIONS[source.result]:
        return line
    fitting = Quoted(f"{stem or extension}.{EXTENSIONS[source.result][0]}")
    return replace(line, arguments=(line.arguments[0], Argument(fitting)))


def _without_repeats(lines: Iterable[Line]) -> Iterable[Line]:
    """Drop saves that have been there already, word for word."""
    seen: set[Line] = set()
    for line in lines:
        if line.target or line not in seen:
            yield line
        seen.add(line)


def _sql(line: Line) -> str:
    """Return the SQL of a table call, "" for any other line."""
    if line.operator != "table" or not line.arguments:
        return ""
    first = line.arguments[0].value
    return first.text if isinstance(first, Quoted) else ""
