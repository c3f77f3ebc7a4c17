from __future__ import annotations

import fcntl
import os
import threading
import time
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


def right(shelf: Any, number: int) -> int:
    """Return the vector of `text number`, by comparing all."""
    ids, values = shelf.writer.vectors_after(0)
    return int(ids[int(np.argmax(values @ query_for(shelf, number)))])


def best(index: VectorIndex, query: Any, **options: Any) -> int:
    near = index.search(query, limit=5, **options)
    assert near is not None
    return int(near.found[0][0])


def test_the_nearest_vector_is_found_exactly(filled: Any, tmp_path: Path) -> None:
    index = VectorIndex(filled.writer, tmp_path / "vectors")
    ids, values = filled.writer.vectors_after(0)
    for place in (0, 17, 39):
        assert best(index, values[place]) == ids[place]


def test_without_vectors_there_is_nothing_to_search(shelf: Any, tmp_path: Path) -> None:
    index = VectorIndex(shelf.writer, tmp_path / "vectors")
    assert index.search(query_for(shelf, 1), limit=5) is None


def test_a_search_can_be_kept_to_some_vectors(filled: Any, tmp_path: Path) -> None:
    index = VectorIndex(filled.writer, tmp_path / "vectors")
    ids, values = filled.writer.vectors_after(0)
    near = index.search(values[0], limit=5, within=ids[10:12])
    assert near is not None
    assert {id for id, _ in near.found} == set(ids[10:12])
    nothing = index.search(values[0], limit=5, within=[])
    assert nothing is not None
    assert nothing.found == ()


def test_new_vectors_are_found_at_once(filled: Any, tmp_path: Path) -> None:
    index = VectorIndex(filled.writer, tmp_path / "vectors")
    index.search(query_for(filled, 1), limit=1)
    filled.put("/d/new.txt", "text 1000")
    filled.embed()
    assert best(index, query_for(filled, 1000)) == filled.writer.vector_count()[1]


@pytest.fixture
def written(filled: Any, tmp_path: Path) -> Any:
    """An index of 40 vectors whose folder has been written, and a way to open it once more."""

    def opened() -> VectorIndex:
        return VectorIndex(filled.writer, tmp_path / "vectors", most_flat=20)

    with_folder(opened(), filled)
    return opened


def with_folder(index: VectorIndex, shelf: Any) -> VectorIndex:
    """Search once, which has the folder written, and wait for it."""
    best(index, query_for(shelf, 1))
    index.settle()
    return index


def folders(tmp_path: Path) -> list[str]:
    return sorted(folder.name for folder in (tmp_path / "vectors").iterdir() if folder.is_dir())


def test_many_vectors_go_to_a_folder_and_are_found_as_before(
    filled: Any, written: Any, tmp_path: Path
) -> None:
    exact, coded = VectorIndex(filled.writer, tmp_path / "other"), written()
    for number in range(40):
        query = query_for(filled, number)
        expected, found = exact.search(query, limit=5), coded.search(query, limit=5)
        assert [id for id, _ in expected.found] == [id for id, _ in found.found]
        assert [s for _, s in expected.found] == pytest.approx([s for _, s in found.found], abs=1e-3)


def test_what_is_new_is_found_beside_the_folder(filled: Any, written: Any, tmp_path: Path) -> None:
    index = written()
    best(index, query_for(filled, 1))
    filled.put("/d/new.txt", "text 1000")
    filled.embed()
    assert best(index, query_for(filled, 1000)) == filled.writer.vector_count()[1]
    assert best(index, query_for(filled, 7)) == right(filled, 7)


def test_the_folder_is_taken_up_again(filled: Any, written: Any, tmp_path: Path) -> None:
    before = folders(tmp_path)
    again = with_folder(written(), filled)
    assert best(again, query_for(filled, 7)) == right(filled, 7)
    assert folders(tmp_path) == before


def test_when_there_is_too_much_beside_the_folder_a_new_one_takes_its_place(
    filled: Any, written: Any, tmp_path: Path
) -> None:
    before = folders(tmp_path)
    for number in range(100, 125):
        filled.put(f"/d/{number}.txt", f"text {number}")
    filled.embed()
    index = with_folder(written(), filled)
    assert [best(index, query_for(filled, number)) for number in (7, 124)] == [
        right(filled, 7),
        right(filled, 124),
    ]
    assert len(folders(tmp_path)) == 1
    assert folders(tmp_path) != before


@pytest.mark.parametrize("name", ["rows", "ids", "codes", "moments", "about.json"])
@pytest.mark.parametrize("damage", [b"", b"no index", None])
def test_a_damaged_folder_is_written_again(
    filled: Any, written: Any, tmp_path: Path, name: str, damage: bytes | None
) -> None:
    before = folders(tmp_path)
    file = tmp_path / "vectors" / before[0] / name
    if damage is None:
        file.unlink()
    else:
        file.write_bytes(damage)
    index = with_folder(written(), filled)
    assert best(index, query_for(filled, 7)) == right(filled, 7)
    assert len(folders(tmp_path)) == 1
    assert folders(tmp_path) != before


@pytest.mark.warns
def test_a_mapped_file_that_is_to_be_cut_short_is_let_go_of_before(
    filled: Any, written: Any, tmp_path: Path
) -> None:
    index = written()
    number = right(filled, 7)
    assert best(index, query_for(filled, 7)) == number
    rows = next((tmp_path / "vectors").glob("[0-9]*/rows"))
    cutting = threading.Thread(target=os.truncate, args=(rows, 0))  # which waits for us
    cutting.start()
    cutting.join(0.2)
    assert best(index, query_for(filled, 7)) == number
    cutting.join()
    index.settle()
    assert best(index, query_for(filled, 7)) == number
    assert not rows.parent.exists()


@pytest.mark.warns
@pytest.mark.parametrize("name", ["rows", "codes", "ids", "moments"])
def test_a_file_with_other_bytes_is_noticed_by_its_checksum(
    filled: Any, written: Any, tmp_path: Path, name: str
) -> None:
    damaged = next((tmp_path / "vectors").glob(f"[0-9]*/{name}"))
    with damaged.open("r+b") as file:
        file.seek(-3, os.SEEK_END)
        file.write(b"\x01")
    index = written()
    number = right(filled, 7)
    best(index, query_for(filled, 7))
    until = time.monotonic() + 10
    while damaged.exists() and time.monotonic() < until:
        time.sleep(0.01)
    assert best(index, query_for(filled, 7)) == number
    index.settle()
    assert not damaged.exists()


def test_the_folder_of_another_catalogue_is_not_used(filled: Any, written: Any, tmp_path: Path) -> None:
    with filled.writer.transaction():
        filled.writer.set_meta("identity", "another")
        filled.writer._db.execute("UPDATE vectors SET value = (SELECT value FROM vectors WHERE id = 5)")
    near = written().search(query_for(filled, 1), limit=40)
    assert len({round(score, 4) for _, score in near.found}) == 1


def test_a_folder_that_does_not_agree_with_the_catalogue_is_not_used(
    filled: Any, written: Any, tmp_path: Path
) -> None:
    with filled.writer.transaction():
        filled.writer._db.execute("UPDATE vectors SET value = (SELECT value FROM vectors WHERE id = 5)")
    near = written().search(query_for(filled, 1), limit=40)
    assert len({round(score, 4) for _, score in near.found}) == 1


def test_a_catalogue_that_is_built_anew_is_noticed(filled: Any, written: Any) -> None:
    index = written()
    best(index, query_for(filled, 1))
    with filled.writer.transaction():
        filled.writer.set_meta("identity", "another")
        filled.writer.forget_vectors()
        filled.writer.add_vectors([b"0" * 16], query_for(filled, 500)[None])
    near = index.search(query_for(filled, 1), limit=40)
    assert len(near.found) == 1


def test_what_a_killed_writer_left_is_cleared_away(filled: Any, tmp_path: Path) -> None:
    leftover = tmp_path / "vectors" / "new-123"
    leftover.mkdir(parents=True)
    (leftover / "rows").write_bytes(b"half")
    index = with_folder(VectorIndex(filled.writer, tmp_path / "vectors", most_flat=20), filled)
    assert best(index, query_for(filled, 7)) == right(filled, 7)
    assert not leftover.exists()


@pytest.mark.warns
def test_where_nothing_can_be_written_vectors_stay_in_memory(filled: Any, tmp_path: Path) -> None:
    (tmp_path / "vectors").write_bytes(b"a file stands in the way")
    index = with_folder(VectorIndex(filled.writer, tmp_path / "vectors", most_flat=20), filled)
    assert best(index, query_for(filled, 7)) == right(filled, 7)


def test_closing_does_not_wait_for_what_is_being_written(filled: Any, tmp_path: Path) -> None:
    index = VectorIndex(filled.writer, tmp_path / "vectors", most_flat=20)
    best(index, query_for(filled, 1))
    index.close()
    assert [name for name in folders(tmp_path) if name.startswith("new-")] == []
    assert best(index, query_for(filled, 7)) == right(filled, 7)


def test_only_one_process_writes(filled: Any, tmp_path: Path) -> None:
    (tmp_path / "vectors").mkdir()
    with (tmp_path / "vectors" / "lock").open("ab") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        index = with_folder(VectorIndex(filled.writer, tmp_path / "vectors", most_flat=20), filled)
        assert best(index, query_for(filled, 7)) == right(filled, 7)
    assert folders(tmp_path) == []


def test_a_search_of_the_folder_can_be_kept_to_some_vectors(filled: Any, written: Any) -> None:
    index = written()
    near = index.search(query_for(filled, 1), limit=5, within=[11, 12, 4000])
    assert {id for id, _ in near.found} == {11, 12}
    assert index.search(query_for(filled, 1), limit=5, within=[]).found == ()


def test_z_is_the_distance_from_chance(filled: Any, tmp_path: Path) -> None:
    near = VectorIndex(filled.writer, tmp_path / "vectors").search(query_for(filled, 3), limit=40)
    assert near is not None
    assert near.z(near.found[0][1]) > 3
    assert abs(float(np.mean([near.z(score) for _, score in near.found]))) < 1
