"""AsciiDoc, Org and LaTeX: headings, fields, and the lines they are at."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from semfs.indexers.latex import plain
from semfs.indexers.registry import default_registry
from semfs.model import Document

ADOC = """\
= Boiler Manual
Anna Mueller <anna@acme.example>
v1.2, 2024-03-14
:lang: en

Preface.

== Errors

----
== not a heading
----

=== E4

Low pressure.

Old Style
---------

Text.
"""

ORG = """\
#+TITLE: Reading list
#+AUTHOR: Anna
#+DATE: <2024-03-14 Thu>

* TODO [#A] Novels :books:home:
** The Clock
A lighthouse keeper.
#+begin_src org
* not a heading
#+end_src
* Done
"""

LATEX = r"""\documentclass{article}
\usepackage[english,ngerman]{babel}
\title{\"Uber die \emph{Stra\ss e}}
\author{Anna M\"uller \and Bob}
\date{2024-03-14}
\begin{document}
\maketitle
\section{Einleitung} % nur kurz
Der Druck \textbf{sinkt} um 5\,\% im Jahr~2024 \cite[S.~3]{meyer}.
\subsection*{Mess\-werte}
\begin{verbatim}
\section{not a heading}
\end{verbatim}
"""


def read(path: Path, text: str) -> Document:
    path.write_text(text)
    return default_registry().read(str(path))[1]


def places(document: Document) -> list[tuple[int | None, str]]:
    return [(section.line, section.heading) for section in document.sections]


def day(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def test_asciidoc_has_headings_and_a_header(tmp_path: Path) -> None:
    document = read(tmp_path / "a.adoc", ADOC)

    assert (document.title, document.author, document.language) == ("Boiler Manual", "Anna Mueller", "en")
    assert document.created == day("2024-03-14")
    assert places(document) == [
        (1, "Boiler Manual"),
        (8, "Boiler Manual > Errors"),
        (14, "Boiler Manual > Errors > E4"),
        (18, "Boiler Manual > Old Style"),
    ]


def test_org_has_headlines_without_state_and_tags(tmp_path: Path) -> None:
    document = read(tmp_path / "a.org", ORG)

    assert (document.title, document.author, document.created) == ("Reading list", "Anna", day("2024-03-14"))
    assert places(document) == [(1, ""), (5, "Novels"), (6, "Novels > The Clock"), (11, "Done")]


def test_latex_is_read_without_its_commands_line_for_line(tmp_path: Path) -> None:
    document = read(tmp_path / "a.tex", LATEX)

    assert (document.title, document.author) == ("Über die Straße", "Anna Müller , Bob")
    assert (document.language, document.created) == ("de", day("2024-03-14"))
    assert places(document) == [(8, "Einleitung"), (10, "Einleitung > Messwerte")]
    assert "Der Druck sinkt um 5 % im Jahr 2024" in document.sections[0].text
    assert "\\section{not a heading}" in document.sections[1].text


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (r"caf\'e and na\"{\i}ve \c{c}a", "café and naïve ça"),
        (r"50\% of \$5 \& \{braces\}", "50% of $5 & {braces}"),
        (r"Erd\H{o}s, \v Skoda, \c c", "Erdős, Škoda, ç"),
        (r"see \cite{knuth}, \ref{fig} and \url{x}: \caption{The mill}", "see knuth, and x: The mill"),
        ("plain % comment", "plain"),
        ("no markup at all", "no markup at all"),
    ],
)
def test_a_line_of_latex_as_a_reader_sees_it(line: str, expected: str) -> None:
    assert plain(line) == expected
