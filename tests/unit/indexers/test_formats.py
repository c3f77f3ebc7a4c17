"""The table of formats: complete, and in the documentation as it is in the code."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from importlib import import_module
from pathlib import Path

import pytest

from semfs.indexers.formats import FORMATS, Format

ROOT = Path(__file__).resolve().parents[3]
READ = [format for format in FORMATS if format.reader]


def test_the_documentation_has_the_table_of_the_code() -> None:
    result = subprocess.run(
        [sys.executable, ROOT / "scripts" / "formats", "--check"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert (result.returncode, result.stderr) == (0, "")


@pytest.mark.parametrize("format", READ, ids=lambda format: format.name)
def test_a_format_that_is_read_names_its_reader_its_library_and_what_it_keeps(format: Format) -> None:
    module, name, *_ = format.reader.split(":")

    assert hasattr(import_module(f"semfs.indexers.{module}"), name)
    assert format.library and format.keeps


def test_no_suffix_has_two_formats() -> None:
    suffixes = Counter(suffix for format in FORMATS for suffix in format.suffixes.split())

    assert [suffix for suffix, times in suffixes.items() if times > 1] == []
