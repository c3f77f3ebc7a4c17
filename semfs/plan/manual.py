"""The part of semfs-plan(5) that the declarations give: the operators, in mdoc.  Pure.

`python -m semfs.plan.manual man/semfs-plan.5` puts it into the page anew.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from semfs.plan.operators import COLUMN_TYPES, OPERATORS, Operator, Parameter, signature

BEGIN, END = ".Sh OPERATORS\n", ".Sh TYPES\n"


def section(known: Sequence[Operator] = OPERATORS) -> str:
    """Return the section on the operators, without its heading."""
    entries = "".join(map(_entry, known))
    return f".Bl -tag -width Ds\n{entries}.El\n"


def renewed(page: str) -> str:
    """Return the page with this section in the place of the one that it has."""
    before, _, rest = page.partition(BEGIN)
    after = rest.partition(END)[2]
    return f"{before}{BEGIN}{section()}{END}{after}"


def _entry(operator: Operator) -> str:
    lines = [f".It Li {_plain(signature(operator))}", f"{_sentence(operator.meaning)}"]
    lines.append(f"Gives {operator.result.value}." if operator.result != "nothing" else "Gives no value.")
    if operator.maps:
        lines.append("Each file is a task of its own.")
    if operator.only_in_query:
        lines.append("Only in a request that is written in a query directory.")
    if operator.parameters or operator.columns:
        lines.append(".Bl -tag -width Ds -compact")
        lines += [line for item in operator.parameters for line in _parameter(item)]
        if operator.columns:
            lines += [".It Ar column", f"Any other name is a column: {', '.join(COLUMN_TYPES)}."]
        lines.append(".El")
    lines += ["Example:", f".Dl {_plain(operator.example)}"]
    return "\n".join(lines) + "\n"


def _parameter(parameter: Parameter) -> list[str]:
    form = "quoted text" if parameter.quoted else " or ".join(item.value for item in parameter.accepts)
    if parameter.choices:
        form = "one of " + ", ".join(parameter.choices)
    words = [form, *["optional"] * (not parameter.required)]
    return [f".It Ar {parameter.name}", f"{_sentence(parameter.meaning)[:-1]} ({', '.join(words)})."]


def _sentence(text: str) -> str:
    return _plain(f"{text[0].upper()}{text[1:]}.")


def _plain(text: str) -> str:
    """Escape what mdoc would read as more than text."""
    return text.replace("\\", "\\e").replace('"', "\\(dq")


if __name__ == "__main__":
    for name in sys.argv[1:]:
        Path(name).write_text(renewed(Path(name).read_text("utf-8")), "utf-8")
