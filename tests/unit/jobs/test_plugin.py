"""An operator from another package: installed, declared, planned with and carried out."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from semfs.jobs.jobs import Jobs
from semfs.model import JobId
from semfs.plan.grammar import gbnf
from semfs.plan.operators import describe, operators
from semfs.plan.planner import instructions

Finish = Callable[[Jobs, JobId], str]
PLUGIN = Path(__file__).parents[2] / "data" / "plugin"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder in which the package is installed."""
    source = shutil.copytree(PLUGIN, tmp_path_factory.mktemp("source") / "plugin")
    place = tmp_path_factory.mktemp("packages")
    words = ["--quiet", "--no-deps", "--no-build-isolation", "--no-index", "--target", str(place)]
    subprocess.run([sys.executable, "-m", "pip", "install", *words, str(source)], check=True)
    return place


@pytest.fixture
def known(installed: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.syspath_prepend(str(installed))
    operators.cache_clear()
    yield
    operators.cache_clear()


@pytest.mark.usefixtures("known")
def test_everything_that_comes_from_the_declarations_has_an_operator_from_outside() -> None:
    assert "count_words(files) -> rows" in describe(operators())
    assert '"count_words("' in gbnf(operators())
    assert "count_words(files)" in instructions(operators())


@pytest.mark.usefixtures("known")
def test_a_plan_with_an_operator_from_outside_is_carried_out(house, jobs: Jobs, finish: Finish) -> None:
    house.add("note1.txt", "one two three")
    house.add("note2.txt", "")
    id = jobs.submit(
        b'#!semfs plan\nw = count_words(find("note"))\n'
        b't = table("select sum(words) n from w", w)\nsave(t, "n.csv")\n'
    )
    assert finish(jobs, id) == "done", jobs.get(id)
    made = (jobs.output_dir(id) / "n.csv").read_text("utf-8")
    assert list(csv.reader(io.StringIO(made))) == [["n"], ["3"]]
    assert "1 of 2 files read, 1 skipped" in jobs.get(id).log


def test_without_its_package_the_operator_is_unknown(jobs: Jobs, finish: Finish) -> None:
    id = jobs.submit(b'#!semfs plan\nsave(count_words(find("note")), "n.csv")\n')
    assert finish(jobs, id) == "failed"
    assert "there is no operator 'count_words'" in jobs.get(id).error
