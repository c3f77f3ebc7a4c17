"""From the declarations to the grammar (GBNF) that a model writes plans under.  Pure.

The grammar lets through only calls that exist, with their parameters in order and their
choices.  What it cannot know is checked afterwards: names defined before use, and types.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from semfs.plan.language import quote
from semfs.plan.operators import COLUMN_TYPES, EXTENSIONS, Operator, Parameter, Type

MOST_VALUE_LINES = 6  # after the first; the longest plan seen that made sense had 5
MOST_SAVES = 2
MOST_COLUMNS = 8
MOST_VALUES = 3

_NAME = "name ::= [a-z] [a-z0-9_]{0,20}\n"
_WIDE = "\u2e80-\U0010ffff"  # East Asian scripts, and what lies beyond


@dataclass(frozen=True, slots=True)
class Shape:
    """How far the grammar is narrowed; the defaults are the whole language that models write."""

    first: str = ""  # the only operator that the first line may call
    texts: bool = True  # whether a quoted text may stand for a value
    wide: bool = True  # whether East Asian characters are written
    again: bool = True  # whether later lines may find files
    values: int = 0  # lines at least between the first and the saves
    saves: int = MOST_SAVES


def gbnf(known: Sequence[Operator], shape: Shape = Shape(), *, within: bool = False) -> str:
    """Return the grammar of plans over these operators: lines that name values, then saves.

    The first line needs no value.  `within` adds the operators of a query directory, whose
    first line is given.
    """
    offered = [item for item in known if within or not item.only_in_query]
    values = [item for item in offered if item.result is not Type.NOTHING]
    ends = [item for item in offered if item.result is Type.NOTHING]
    begins = [item for item in values if _begins(item, shape) and shape.first in ("", item.name)]
    later = [item for item in values if shape.again or any(p.accepts for p in item.parameters)]
    start = "" if within else "first "
    rules = [
        f"root ::= {start}value{{{shape.values},{MOST_VALUE_LINES}}} end{{1,{shape.saves}}}",
        *([] if within else [f"first ::= {_either(_named(item) for item in begins)}"]),
        f'value ::= name " = " ({_either(_op(item) for item in later)}) "\\n"',
        f'end ::= ({_either(_op(item) for item in ends)}) "\\n"',
        *(_call(item, texts=shape.texts) for item in offered),
        *sorted({rule for item in offered for rule in _strings(item, texts=shape.texts)}),
        rf'char ::= [^"\\\x00-\x1f\x7f{"" if shape.wide else _WIDE}] | "\\" ["\\nt]',
    ]
    return "\n".join(rules) + "\n" + _NAME + _column_rules() + _file_rule()


def _begins(operator: Operator, shape: Shape) -> bool:
    """Return whether an operator needs no value of an earlier line."""
    needed = [item for item in operator.parameters if item.required and not item.quoted]
    return all(shape.texts and Type.TEXT in item.accepts for item in needed)


def _named(operator: Operator) -> str:
    """Return the first line, whose name is given, because models go on with the usual one."""
    return f'"{operator.output or operator.name} = " {_op(operator)} "\\n"'


def _call(operator: Operator, *, texts: bool) -> str:
    required = [_argument(item, texts=texts) for item in operator.parameters if item.required]
    parts = ' ", " '.join(required)
    rest = " ".join(
        f'(", " {_argument(item, texts=texts)})?'
        if item.many
        else f'(", {item.name}=" {_argument(item, texts=texts)})?'
        for item in operator.parameters
        if not item.required
    )
    columns = f' (", " column){{1,{MOST_COLUMNS}}}' if operator.columns else ""
    body = " ".join(part for part in (parts, rest + columns) if part.strip())
    return f'{_op(operator)} ::= "{operator.name}(" {body} ")"'


def _argument(parameter: Parameter, *, texts: bool) -> str:
    if parameter.choices:
        return f"({_either(_literal(quote(item)) for item in parameter.choices)})"
    if parameter.quoted:
        return "file" if parameter.name == "name" else _string_rule(parameter)
    if parameter.many:
        return f'name (", " name){{0,{MOST_VALUES - 1}}}'
    return f"(name | {_string_rule(parameter)})" if texts and Type.TEXT in parameter.accepts else "name"


def _string_rule(parameter: Parameter) -> str:
    return f"text-{0 if parameter.empty else 1}-{parameter.longest}"


def _strings(operator: Operator, *, texts: bool) -> list[str]:
    """Return the rules of the quoted texts that an operator needs."""
    used = [item for item in operator.parameters if not item.choices and not item.many]
    return [
        f'{_string_rule(item)} ::= "\\"" char{{{0 if item.empty else 1},{item.longest}}} "\\""'
        for item in used
        if item.quoted or (texts and Type.TEXT in item.accepts)
    ]


def _column_rules() -> str:
    types = _either(_literal(quote(item)) for item in COLUMN_TYPES)
    return f'column ::= name "=" ({types})\n'


def _file_rule() -> str:
    extensions = dict.fromkeys(item for forms in EXTENSIONS.values() for item in forms)
    stem = r'[^"\\/.\x00-\x20\x7f] [^"\\/.\x00-\x1f\x7f]{0,40}'
    return f'file ::= "\\"" {stem} "." ({_either(_literal(item) for item in extensions)}) "\\""\n'


def _op(operator: Operator) -> str:
    """Return the name of an operator's rule: GBNF's names have no underscore."""
    return f"op-{operator.name.replace('_', '-')}"


def _literal(text: str) -> str:
    return quote(text)


def _either(rules: Iterable[str]) -> str:
    return " | ".join(rules)
