"""Planning with the small real model: the grammar is accepted, and the requests of the README work."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest
from llama_cpp.llama_grammar import LlamaGrammar

from semfs.engine.client import EngineClient
from semfs.plan.evidence import evidence, offered
from semfs.plan.grammar import Shape, gbnf
from semfs.plan.operators import OPERATORS
from semfs.plan.optimise import optimise
from semfs.plan.planner import write_plan
from semfs.plan.program import Program
from semfs.supervise import Supervised

SERVE = """
import sys
from pathlib import Path
from semfs.config import Engine
from semfs.engine import server
config = Engine(context=4096, idle_seconds=60)
server.serve(socket=Path(sys.argv[1]), model="qwen2.5-coder-0.5b", config=config)
"""


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineClient]:
    folder = tmp_path_factory.mktemp("planner")
    path = folder / "engine"
    process = Supervised([sys.executable, "-c", SERVE, str(path)], name="engine", log=folder / "log")
    yield EngineClient(path, start=process.start, context=4096)
    process.stop()


def operators_of(program: Program) -> list[str]:
    return [call.operator.name for call in program.calls]


@pytest.mark.parametrize("within", [False, True])
@pytest.mark.parametrize("first", ["", "python"])
def test_the_grammar_is_one_that_llama_cpp_reads(first: str, within: bool) -> None:
    assert LlamaGrammar.from_string(gbnf(OPERATORS, Shape(first=first), within=within), verbose=False)


@pytest.mark.parametrize(
    "request_text", ["list everything", "PDFs and emails over 1 MB in the folder tax since May"]
)
def test_a_grammar_narrowed_to_a_request_is_one_too(request_text: str) -> None:
    grammar = gbnf(offered(OPERATORS, evidence(request_text)), Shape(texts=False, wide=False, again=False))
    assert LlamaGrammar.from_string(grammar, verbose=False)


def test_totals_are_extracted_and_summed(engine: EngineClient) -> None:
    program = write_plan("total of the 2023 invoices by vendor", engine)
    assert operators_of(program) == ["find", "extract", "table", "save"]
    find, extract, table, _ = program.calls
    assert ("invoice" in find.setting("query"), find.setting("when")) == (True, "2023")
    assert {item.text for item in extract.columns} == {"text", "number"}
    assert "sum(" in table.setting("sql").lower()


def test_a_summary_keeps_the_words_of_the_time(engine: EngineClient) -> None:
    program = write_plan("summarize the meeting notes from last month", engine)
    assert operators_of(program) == ["find", "summarize", "save"]
    assert program.calls[0].setting("when") == "last month"


def test_matrices_of_the_request_are_computed_and_nothing_else(engine: EngineClient) -> None:
    request = (
        "two matrices A=[[1,2],[3,4]] and B=[[5,6],[7,8]]: "
        "check that the dimensions match, multiply them, show C"
    )
    program = optimise(write_plan(request, engine)).program
    assert operators_of(program) == ["python", "save"]
    assert program.calls[0].setting("task") == request


def test_a_question_is_answered_from_the_files(engine: EngineClient) -> None:
    program = write_plan("what deposit did we pay for the flat?", engine)
    assert operators_of(program) == ["find", "answer", "save"]


def test_a_translation_reads_the_file(engine: EngineClient) -> None:
    program = write_plan("translate the lease into German", engine)
    assert operators_of(program) == ["find", "translate", "save"]


def test_a_request_in_a_query_directory_uses_its_hits(engine: EngineClient) -> None:
    program = write_plan("total amount by vendor of these", engine, within=True)
    assert operators_of(program) == ["hits", "extract", "table", "save"]
