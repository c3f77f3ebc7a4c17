"""`semfs search`: list the files that match, best first."""

from __future__ import annotations

import argparse
import json
import os
import sys
from typing import Any

from semfs.cli import mounts
from semfs.config import Config
from semfs.errors import BadRequest, SemfsError
from semfs.model import shown, shown_line

LONGEST = 1024  # bytes of a name that is typed, see semfs-tree(5)
SNIPPET = 100  # characters of the best passage


def run(arguments: argparse.Namespace, config: Config) -> int:
    mount = mounts.choose(arguments.mount)
    query = mount.path("search", component(arguments.words), ".query")
    hits = read_text(query / "hits.jsonl")
    if arguments.json:
        sys.stdout.write(hits)
    else:
        for line in hits.splitlines():
            print(_line(json.loads(line)))
    notices = json.loads(read_text(query / "explain.json")).get("notices", [])
    if not hits and not any(notice.startswith("nothing") for notice in notices):
        print("semfs: nothing found", file=sys.stderr)
    for notice in notices:
        print(f"semfs: {notice}", file=sys.stderr)
    return 0 if hits else 1


def component(words: list[str]) -> str:
    """Return the words as one name of the tree; BadRequest if they cannot be one."""
    name = " ".join(" ".join(words).replace("/", " ").split())
    if not name or "\0" in name:
        raise BadRequest("say what to look for")
    if len(os.fsencode(name)) > LONGEST:
        raise BadRequest(f"at most {LONGEST} bytes; use `semfs run` for longer requests")
    return name


def read_text(path: os.PathLike[str]) -> str:
    """Read a file of the mount whole."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError as error:
        raise SemfsError(f"{shown(os.fspath(path))}: {error.strerror}") from error


def _line(hit: dict[str, Any]) -> str:
    passage = hit.get("passage") or {}
    place = f"  ({shown_line(passage['place'])})" if passage.get("place") else ""
    text = shown_line(" ".join(str(passage.get("text", "")).split()))
    snippet = text if len(text) <= SNIPPET else text[: SNIPPET - 1] + "…"
    return f"{hit['rank']:>3}  {shown_line(hit['path'])}{place}" + (f"\n     {snippet}" if snippet else "")
