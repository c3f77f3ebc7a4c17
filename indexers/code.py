"""Source code, cut at its definitions by the grammar of its language.

A definition that fits into a passage stays whole; a longer one, such as a class, is cut at
the definitions inside of it.  The heading is the path of definitions, each in the words of
the source ("class Ledger > def total").  What a grammar does not understand stays text.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib import import_module
from itertools import accumulate
from time import process_time
from typing import TYPE_CHECKING

from semfs.index.chunk import LIMIT
from semfs.indexers.charset import decode
from semfs.indexers.languages import BY_NAME, NEEDS
from semfs.indexers.outline import SEPARATOR, fits, line_sections
from semfs.indexers.source import load
from semfs.model import Document, Kind

if TYPE_CHECKING:
    from tree_sitter import Node, Parser, Tree

# What is larger, longer or deeper than people write is cut by its lines: grammars take time and memory
# by the square of how deep brackets are, 3 GB for 20,000 of them.
LARGEST = 1_000_000  # bytes
LONGEST_LINE = 5_000  # bytes
DEEPEST_BRACKETS = 500
UNCLOSED = 2_000  # signs of "less" without one of "greater" or another of their own
SLICE = 65_536  # bytes that a parser is handed at a time
PROBE = 8_192  # bytes
SECONDS, SECONDS_A_BYTE = 0.05, 2e-6  # of CPU time for a parser; source code takes a tenth of it
LONGEST_NAME = 100  # characters
STEPS = {**dict.fromkeys(b"([{", 1), **dict.fromkeys(b")]}", -1)}
NO_BRACKETS = bytes(byte for byte in range(256) if byte not in STEPS)
DEEPEST_INDENT = 200  # bytes
DEEPEST = 8  # definitions inside of each other; further down a path says nothing
NOTES = frozenset([  # nodes that belong to the definition below them, by the names that grammars give them
    "comment", "line_comment", "block_comment", "multiline_comment", "decorator", "attribute_item",
    "attribute_list", "annotation",
])  # fmt: skip


class Code:
    """Read source code of one language."""

    kind = Kind.CODE

    def __init__(self, name: str) -> None:
        self.name = name

    def read(self, path: str) -> Document:
        text = decode(load(path))
        return Document(line_sections(text.split("\n"), starts(text, self.name)))


def starts(text: str, language: str) -> list[tuple[int, str]]:
    """Return the lines at which a definition begins, or what follows one, with the heading from there on."""
    data = text.encode("utf-8", "replace")
    parser, definitions = _grammar(language)
    tree = _parsed(parser, data) if _is_written(data) else None
    return _cut(tree, definitions, data) if tree is not None else []


def _is_written(data: bytes) -> bool:
    """Whether people may have written it."""
    if len(data) > LARGEST or max(map(len, data.split(b"\n"))) > LONGEST_LINE:
        return False
    if data.count(b"<") - 2 * data.count(b"<<") - data.count(b">") > UNCLOSED:
        return False
    steps = map(STEPS.__getitem__, data.translate(None, NO_BRACKETS))
    return max(accumulate(steps), default=0) <= DEEPEST_BRACKETS


def _parsed(parser: Parser, data: bytes) -> Tree | None:
    """Return the tree, None if it takes so long that it is no source code.

    The beginning goes first, because a grammar may not ask whether to go on for a long time.
    """
    if len(data) > PROBE and _parsed(parser, data[:PROBE]) is None:
        return None
    deadline = process_time() + SECONDS + SECONDS_A_BYTE * len(data)
    try:
        tree = parser.parse(
            lambda at, _: data[at : at + SLICE], progress_callback=lambda *_: process_time() > deadline
        )
    except ValueError:
        parser.reset()  # else it would go on with this text in the next one
        return None
    return tree if process_time() <= deadline else None


def _cut(tree: Tree, definitions: frozenset[str], data: bytes) -> list[tuple[int, str]]:
    begins: dict[int, str] = {}  # line, heading; of several on a line the first
    follows: dict[int, str] = {}  # what stands behind a definition; of several the outermost
    notes: dict[int, int] = {}  # the line after comments and the line at which they begin
    for node, names in _walk(tree, definitions, data):
        first, last = node.start_point.row, node.end_point.row
        if node.type in NOTES:
            if _begins_a_line(node, data):
                notes[last + 1] = notes.pop(first, first)
            continue
        heading = SEPARATOR.join(names)
        begins.setdefault(notes.pop(first, first), heading)
        follows.setdefault(last + 1, SEPARATOR.join(names[:-1]))
    return sorted({**follows, **begins}.items())


def _walk(tree: Tree, definitions: frozenset[str], data: bytes) -> Iterator[tuple[Node, tuple[str, ...]]]:
    """Yield definitions that are in no other which fits into a passage, with their path, and comments.

    The cursor is moved by hand: a query takes time by the square of what a node holds, and
    recursion ends at a thousand brackets.
    """
    cursor = tree.walk()
    around: list[tuple[int, str]] = []  # (end, name) of those that do not fit, from the outermost inwards
    while (node := cursor.node) is not None:
        while around and around[-1][0] <= node.start_byte:
            around.pop()
        inside = True
        if node.type in NOTES:
            inside = False
            yield node, ()
        elif node.type in definitions and len(around) < DEEPEST and (name := _name(node, data)):
            yield node, (*(name for _, name in around), name)
            inside = not _fits(data, node)
            around.append((node.end_byte, name))
        if inside and cursor.goto_first_child():
            continue
        while not cursor.goto_next_sibling():
            if not cursor.goto_parent():
                return


def _begins_a_line(node: Node, data: bytes) -> bool:
    column = node.start_point.column
    return column <= DEEPEST_INDENT and not data[node.start_byte - column : node.start_byte].strip()


def _fits(data: bytes, node: Node) -> bool:
    short = node.end_byte - node.start_byte <= 4 * LIMIT
    return short and fits(data[node.start_byte : node.end_byte].decode("utf-8", "replace"))


def _name(node: Node, data: bytes) -> str:
    """Return how a definition begins in its own words, up to its name: "class Ledger", "func (s *T) Len"."""
    named = _named(node)
    if named is None:
        return ""
    earliest = max(0, named.end_byte - 4 * LONGEST_NAME)
    begin = max(earliest, data.rfind(b"\n", earliest, named.start_byte) + 1)
    if named.end_byte - begin > LONGEST_NAME:  # a line that was written by a program
        begin = max(begin, node.start_byte)
    return " ".join(data[begin : named.end_byte].decode("utf-8", "replace").split())[-LONGEST_NAME:]


def _named(node: Node) -> Node | None:
    """Return the node that is the name, through the declarators of C and the type of a Rust `impl`."""
    field, types = NEEDS.get(node.type, ("", frozenset()))
    needed = node.child_by_field_name(field) if field else node
    if needed is None or (types and needed.type not in types):
        return None
    inside = node
    while (further := inside.child_by_field_name("declarator")) is not None:
        inside = further
    if inside is not node:
        return inside
    return node.child_by_field_name("name") or node.child_by_field_name("type")


@cache
def _grammar(name: str) -> tuple[Parser, frozenset[str]]:
    from tree_sitter import Language, Parser

    module, _, function = BY_NAME[name].grammar.partition(":")
    grammar = Language(getattr(import_module(module), function)())
    return Parser(grammar), frozenset(BY_NAME[name].definitions.split())
