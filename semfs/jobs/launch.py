"""Run one model-written program inside the sandbox; stands alone, nothing of semfs is there.

Started by sandbox.py as `python -I -S -B launch.py LIMITS`, with the program in /in/program.py,
the variables in /in/variables.json and /work as the current directory.  What the program prints
is its result.  If it fails, the last line of standard error is JSON that says how, and the exit
code is REFUSED where the program itself raised an error on purpose, else BROKEN.
"""

import ast
import json
import os
import resource
import runpy
import sys
import traceback
from types import TracebackType

REFUSED = 3
BROKEN = 4
PROGRAM = "<program>"
EXACT = "/exact.py"


def limit(given: dict[str, int]) -> None:
    """Set hard limits, which cannot be raised again."""
    limits = {
        resource.RLIMIT_CPU: given["seconds"],
        resource.RLIMIT_AS: given["memory"],
        resource.RLIMIT_FSIZE: given["output"],
        resource.RLIMIT_NPROC: 256,
        resource.RLIMIT_NOFILE: 64,
        resource.RLIMIT_CORE: 0,
    }
    for which, most in limits.items():
        resource.setrlimit(which, (most, most))


def innermost(trace: TracebackType | None) -> tuple[int, str]:
    """Return the last line of the program that was reached, and the file in which the error arose."""
    line, last = 0, ""
    while trace is not None:
        last = trace.tb_frame.f_code.co_filename
        line = trace.tb_lineno if last == PROGRAM else line
        trace = trace.tb_next
    return line, last


def on_purpose(tree: ast.Module, line: int) -> bool:
    """Whether a `raise` or an `assert` with words stands on that line."""
    return any(
        node.lineno <= line <= (node.end_lineno or node.lineno)
        for node in ast.walk(tree)
        if (isinstance(node, ast.Raise) and node.exc is not None)
        or (isinstance(node, ast.Assert) and node.msg is not None)
    )


def exact() -> dict[str, object]:
    """Return the functions that programs need not write themselves."""
    names = runpy.run_path(EXACT)
    return {name: names[name] for name in ("matmul", "transpose", "determinant", "inverse")}


def report(kind: str, message: str, line: int) -> None:
    sys.stdout.flush()
    sys.stderr.write("\n" + json.dumps({"kind": kind, "message": message[:2000], "line": line}) + "\n")
    sys.stderr.flush()


def main() -> int:
    limit(json.loads(sys.argv[1]))
    if os.path.isdir("/packages"):
        sys.path.append("/packages")
    with open("/in/program.py", encoding="utf-8") as file:
        source = file.read()
    with open("/in/variables.json", encoding="utf-8") as file:
        variables = json.load(file)
    try:
        tree = ast.parse(source, PROGRAM)
        code = compile(tree, PROGRAM, "exec")
    except (SyntaxError, ValueError) as error:
        report("SyntaxError", str(error), getattr(error, "lineno", 0) or 0)
        return BROKEN
    try:
        exec(code, {**exact(), **variables, "__name__": "__main__"})
    except SystemExit as error:
        if error.code in (None, 0):
            return 0
        report("SystemExit", str(error.code), 0)
        return REFUSED if isinstance(error.code, str) else BROKEN
    except BaseException as error:
        line, last = innermost(error.__traceback__)
        report(type(error).__name__, str(error) or traceback.format_exception_only(error)[-1].strip(), line)
        meant = last == EXACT or (last == PROGRAM and on_purpose(tree, line))
        return REFUSED if meant and str(error) and isinstance(error, Exception) else BROKEN
    return 0


if __name__ == "__main__":
    sys.exit(main())
