from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from semfs.search.vector import VectorIndex


@pytest.fixture
def filled(shelf: Any) -> Any:
    for number in range(40):
        shelf.put(f"/d/{number}.txt", f"text {number}")
    shelf.embed()
    return shelf


def query_for(shelf: Any, number: int) -> Any:
    return shelf.embedder.embed_query(f"text {number}")


def best(index: VectorIndex, query: Any, **options: Any) -> int:
    near = index.search(query, limit=5, **options)
    assert near is not None
    return int(near.found[0][0])


def test_the_nearest_vector_is_found_exactly(filled: Any, tmp_path: Path) -> None:
    index = VectorIndex(filled.writer, tmp_path / "vectors.faiss")
    ids, values = filled.writer.vectors_after(0)
    for place in (0, 17, 39):
        assert best(index, values[place]) == ids[place]


def test_without_vectors_there_is_nothing_to_search(shelf: Any, tmp_path: Path) -> None:
    index = VectorIndex(shelf.writer, tmp_path / "vectors.faiss")
    assert index.search(query_for(shelf, 1), limit=5) is None


def test_a_search_can_be_kept_to_some_vectors(filled: Any, tmp_path: Path) -> None:
    index = VectorIndex(filled.writer, tmp_path / "vectors.faiss")
    ids, values = filled.writer.vectors_after(0)
    near = index.search(values[0], limit=5, within=ids[10:12])
    assert near is not None
    assert {id for id, _ in near.found} == set(ids[10:12])
    nothing = index.search(values[0], limit=5, within=[])
    assert nothing is not None
    assert nothing.found == ()


def test_new_vectors_are_found_at_once(filled: Any, tmp_path: Path) -> None:
    index = VectorIndex(filled.writer, tmp_path / "vectors.faiss")
    index.search(query_for(filled, 1), limit=1)
    filled.put("/d/new.txt", "text 1000")
    filled.embed()
    assert best(index, query_for(filled, 1000)) == filled.writer.vector_count()[1]


def test_the_cache_is_taken_up_again(filled: Any, tmp_path: Path) -> None:
    file = tmp_path / "vectors.faiss"
    first = VectorIndex(filled.writer, file)
    first.search(query_for(filled, 1), limit=1)
    first.close()
    written = file.stat().st_mtime_ns
    second = VectorIndex(filled.writer, file)
    assert best(second, query_for(filled, 7)) == best(first, query_for(filled, 7))
    second.close()
    assert file.stat().st_mtime_ns == written


@pytest.mark.warns
def test_a_damaged_cache_is_built_again(filled: Any, tmp_path: Path) -> None:
    file = tmp_path / "vectors.faiss"
    file.write_bytes(b"no index")
    assert best(VectorIndex(filled.writer, file), query_for(filled, 7)) > 0


def test_the_cache_of_another_catalogue_is_not_used(filled: Any, tmp_path: Path) -> None:
    file = tmp_path / "vectors.faiss"
    index = VectorIndex(filled.writer, file)
    index.search(query_for(filled, 1), limit=1)
    index.close()
    with filled.writer.transaction():
        filled.writer._db.execute("UPDATE vectors SET value = (SELECT value FROM vectors WHERE id = 5)")
    near = VectorIndex(filled.writer, file).search(query_for(filled, 1), limit=40)
    assert near is not None
    assert len({round(score, 4) for _, score in near.found}) == 1


def test_z_is_the_distance_from_chance(filled: Any, tmp_path: Path) -> None:
    near = VectorIndex(filled.writer, tmp_path / "vectors.faiss").search(query_for(filled, 3), limit=40)
    assert near is not None
    assert near.z(near.found[0][1]) > 3
    assert abs(float(np.mean([near.z(score) for _, score in near.found]))) < 1
