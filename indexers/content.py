"""Tell what a text is by its content, where its name says nothing or just "text".

Signs that are sure come first.  What reads like prose is prose: a letter that somebody named
.txt must never become code.  The rest is asked of magika, a small neural network, which is
imported with ONNX Runtime only then (0.2 s, 60 MB); docs/formats.md compares it with libmagic.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from magika import Magika

# Share of signs that prose has few of (brackets, slashes, equals signs and the like): of 1,159 texts of
# news, mail and licences .97 have less than the first and .99 less than the second; of 500 programs
# .99 have more than the first and .85 more than the second.
STRUCTURED = 0.02
STRUCTURED_TEXT = 0.05  # of a file that is called text
PLAIN = bytes(
    byte for byte in range(256) if byte >= 0x80 or chr(byte).isalnum() or chr(byte) in " \t\r\n\f.,'\"-;:!?"
)
SHORTEST = 64  # bytes; less is too little to tell
SURE = 0.9  # of a file that is called text
ROWS = 5  # of a table, that are compared
HASH_BANG = re.compile(rb"#![ \t]*(?:/\S*/env[ \t]+(?:-S[ \t]+)?)?(\S+)")
INTERPRETERS = {
    "sh": "shell", "bash": "shell", "dash": "shell", "ksh": "shell", "zsh": "shell", "python": "python",
    "node": "javascript", "php": "php", "ruby": "ruby", "lua": "lua",
}  # fmt: skip

SIGNS: tuple[tuple[re.Pattern[bytes], str], ...] = (
    (re.compile(rb"\s{0,99}(?:<\?xml[^<>]{0,200}>\s{0,99})?(?:<![^<>]{0,500}>\s{0,99})?<svg[\s>]"), "svg"),
    (re.compile(rb"\s{0,99}<\?xml\s"), "xml"),
    (re.compile(rb"\s{0,99}BEGIN:VCALENDAR\s", re.I), "ics"),
    (re.compile(rb"\s{0,99}BEGIN:VCARD\s", re.I), "vcf"),
    (re.compile(rb"\s{0,99}(?:\{|\[\s{0,99}\{)\s{0,99}\"[^\"]{1,200}\"\s{0,9}:"), "json"),
    (re.compile(rb"WEBVTT[\s]"), "subtitles"),
    (re.compile(rb"\s{0,99}(?:\d{1,6}\r?\n)?\d{1,3}:\d\d:\d\d[,.]\d{3} --> "), "subtitles"),
    (re.compile(rb"\[Script Info\]"), "subtitles"),
    (re.compile(rb"(?:\s{0,99}%[^\n]{0,500}\n){0,50}\s{0,99}\\document(?:class|style)\b"), "latex"),
    (re.compile(rb"#\+(?:title|author|options|startup):", re.I), "org"),
    (re.compile(rb"= \S[^\n]{0,200}\n(?:[^\n]{0,200}\n){0,3}:[\w-]{1,40}:"), "asciidoc"),
)  # fmt: skip
LABELS = {  # magika's words for what has another name here; the same words are the same formats
    "cs": "csharp", "ini": "toml", "jsonl": "data", "tsv": "csv", "srt": "subtitles", "vtt": "subtitles",
    "ipynb": "notebook", "sql": "data", "bib": "data", "po": "data", "rdf": "xml",
    "csproj": "xml", "vcxproj": "xml",
    **dict.fromkeys([
        "asm", "awk", "batch", "bazel", "clojure", "cmake", "cobol", "coffeescript", "css", "dart", "diff",
        "dockerfile", "elixir", "erb", "erlang", "fortran", "gradle", "groovy", "haskell", "hcl", "julia",
        "lisp", "m4", "makefile", "matlab", "objectivec", "ocaml", "pascal", "perl", "powershell", "prolog",
        "proto", "r", "scss", "solidity", "tcl", "vba", "verilog", "vhdl", "vue", "zig",
    ], "code"),
}  # fmt: skip
# Of magika's words that are formats here; mail has signs of its own.
TRUSTED = frozenset([
    "c", "cpp", "csv", "go", "html", "ics", "java", "javascript", "json", "kotlin", "latex", "lua",
    "markdown", "php", "python", "rst", "ruby", "rust", "scala", "shell", "swift", "toml", "typescript",
    "xml", "yaml",
])  # fmt: skip


def written_in(head: bytes, *, called_text: bool = False) -> str:
    """Return the name of the format that the beginning of a text shows, "text" if it is none but that.

    A file that is called text has to look very much like another format.
    """
    if script := HASH_BANG.match(head):
        interpreter = script[1].rpartition(b"/")[2].decode("ascii", "replace").rstrip("0123456789.")
        return INTERPRETERS.get(interpreter, "code")
    sign = next((name for pattern, name in SIGNS if pattern.match(head)), None)
    if sign:
        return sign
    if (
        len(head) < SHORTEST
        or b"\0" in head
        or is_prose(head, STRUCTURED_TEXT if called_text else STRUCTURED)
    ):
        return "text"
    result = _magika().identify_bytes(head)
    if called_text and result.score < SURE:
        return "text"
    label = str(result.output.label)
    return LABELS.get(label, label if label in TRUSTED else "text")


def is_prose(head: bytes, most: float) -> bool:
    """Whether so few signs stand among the letters that it is nothing but prose."""
    signs = len(head.translate(None, PLAIN))
    return signs < most * len(head) and head.lstrip()[:1] not in {b"{", b"["} and not is_tabular(head)


def is_tabular(head: bytes) -> bool:
    """Whether the first lines have as many cells as each other."""
    lines = head.split(b"\n", ROWS + 1)[:ROWS]
    return any(
        len(counts := {line.count(sign) for line in lines}) == 1 and min(counts) >= 2 for sign in b",;\t"
    )


@cache
def _magika() -> Magika:
    from magika import Magika
    from onnxruntime import InferenceSession, SessionOptions

    class OneThread(Magika):
        """The model is so small that a second thread doubles the time of the processors."""

        def _init_onnx_session(self) -> InferenceSession:
            options = SessionOptions()
            options.intra_op_num_threads = options.inter_op_num_threads = 1
            return InferenceSession(self._model_path, options, providers=["CPUExecutionProvider"])

    return OneThread()
