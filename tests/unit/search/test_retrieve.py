"""What the halves are asked for, and of which files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from semfs.search.retrieve import Retriever


@pytest.mark.parametrize("few_files", [0, 2000])
def test_meaning_is_kept_to_few_or_many_files_alike(shelf: Any, tmp_path: Path, few_files: int) -> None:
    files = [shelf.put(f"/d/{number}.txt", f"a dog and another animal {number}") for number in range(20)]
    shelf.embed()
    retriever = Retriever(
        shelf.writer, lambda: shelf.embedder, cache_dir=tmp_path / "cache", few_files=few_files
    )

    looked = retriever.look("puppy", within=frozenset(files[:7]))

    assert {match.file for match in looked.matches.values()} == set(files[:7])
    assert looked.near is not None
    assert len(looked.near.found) == 7
