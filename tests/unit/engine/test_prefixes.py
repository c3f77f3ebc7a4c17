"""States of shared beginnings on disk."""

from __future__ import annotations

import os
from pathlib import Path

from semfs.engine.cells import BLOCK
from semfs.engine.prefixes import KEEP, PrefixStore


def test_a_state_is_read_back(tmp_path: Path) -> None:
    store = PrefixStore(tmp_path / "new", "model")
    key = store.mark([1, 2]).key
    assert not store.has(key)
    store.write(key, b"state")
    assert store.has(key)
    assert store.read(key) == b"state"


def test_other_tokens_and_other_models_have_other_keys(tmp_path: Path) -> None:
    one, other = PrefixStore(tmp_path, "one"), PrefixStore(tmp_path, "other")
    assert len({one.mark([1, 2]), one.mark([12]), one.mark([2, 1]), other.mark([1, 2])}) == 4


def test_beginnings_of_whole_blocks_are_known_by_the_same_hash_as_by_themselves(tmp_path: Path) -> None:
    store = PrefixStore(tmp_path, "model")
    tokens = list(range(3 * BLOCK))
    assert store.marks(tokens) == (store.mark(tokens[:BLOCK]), store.mark(tokens[: 2 * BLOCK]))


def test_a_damaged_state_is_deleted(tmp_path: Path) -> None:
    store = PrefixStore(tmp_path, "model")
    key = store.mark([1]).key
    store.write(key, b"state")
    (file,) = tmp_path.iterdir()
    file.write_bytes(file.read_bytes()[:-1] + b"E")
    assert store.read(key) is None
    assert list(tmp_path.iterdir()) == []


def test_a_missing_state_is_no_state(tmp_path: Path) -> None:
    assert PrefixStore(tmp_path, "model").read(b"key") is None


def test_the_states_unused_for_longest_are_deleted(tmp_path: Path) -> None:
    store = PrefixStore(tmp_path, "model")
    keys = [store.mark([number]).key for number in range(KEEP + 1)]
    for age, key in enumerate(keys[:-1]):
        store.write(key, b"state")
        os.utime(tmp_path / f"{key.hex()}.prefix", (age, age))
    assert store.read(keys[0]) == b"state"
    store.write(keys[-1], b"state")
    assert [key for key in keys if not store.has(key)] == [keys[1]]


def test_what_a_killed_process_was_writing_is_deleted_once_nobody_can_be_at_it(tmp_path: Path) -> None:
    left, begun = tmp_path / "ab.1.part", tmp_path / "cd.2.part"
    left.write_bytes(b"half")
    begun.write_bytes(b"half")
    os.utime(left, (0, 0))
    PrefixStore(tmp_path, "model").write(b"key", b"state")
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"{b'key'.hex()}.prefix", begun.name]


def test_a_folder_that_cannot_be_written_loses_only_the_cache(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    store = PrefixStore(tmp_path / "file", "model")
    store.write(b"key", b"state")
    assert store.read(b"key") is None
