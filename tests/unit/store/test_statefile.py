"""The file of state.db: who reads waits for nobody, who writes only for as long as was said."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from semfs.errors import StoreBusy, StoreError
from semfs.store.saved import SavedQueries
from semfs.store.state import State
from semfs.store.statefile import PATIENCE_S


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    opened = State(tmp_path / "state.db")
    yield opened
    opened.close()


@contextmanager
def locked(state: State, how: str = "EXCLUSIVE") -> Iterator[sqlite3.Connection]:
    """Keep the file locked as another program may do."""
    with closing(sqlite3.connect(state.path, isolation_level=None)) as other:
        other.execute(f"BEGIN {how}")
        yield other


@pytest.mark.parametrize("how", ["IMMEDIATE", "EXCLUSIVE"])
def test_a_file_that_another_program_locks_is_read_and_not_written(state: State, how: str) -> None:
    saved = SavedQueries(state)
    saved.add("bills")
    with locked(state, how):
        assert list(saved.names()) == ["bills"]
        with pytest.raises(StoreBusy):
            state.require_writable()
        with pytest.raises(StoreBusy):
            saved.add("letters")
        assert list(saved.names()) == ["bills"]
    saved.add("letters")
    assert list(saved.names()) == ["bills", "letters"]


def test_who_is_patient_writes_when_the_lock_is_gone(state: State) -> None:
    with locked(state) as other:
        thread = threading.Thread(target=SavedQueries(state.patient(30)).add, args=("bills",))
        thread.start()
        thread.join(0.5)
        assert thread.is_alive()
        assert SavedQueries(state).names() == {}
        other.execute("ROLLBACK")
        thread.join(10)
    assert list(SavedQueries(state).names()) == ["bills"]


def test_when_one_has_waited_in_vain_the_next_ones_do_not_wait_too(state: State) -> None:
    began = time.monotonic()
    with locked(state) as other:
        for _ in range(20):
            with pytest.raises(StoreBusy):
                state.require_writable()
        assert PATIENCE_S < time.monotonic() - began < 10 * PATIENCE_S  # 20 times, one after another
        other.execute("ROLLBACK")
        state.require_writable()


def test_who_is_patient_is_sent_away_when_the_file_is_closed(tmp_path: Path) -> None:
    state, ends = State(tmp_path / "state.db"), list[StoreError]()

    def wait() -> None:
        with pytest.raises(StoreError) as caught:
            state.patient(3600).require_writable()
        ends.append(caught.value)

    with locked(state):
        thread = threading.Thread(target=wait)
        thread.start()
        thread.join(0.1)
        state.close()
        thread.join(10)
    assert [type(error) for error in ends] == [StoreBusy]


def test_a_reader_does_not_wait_for_a_transaction_and_sees_all_of_it_or_nothing(state: State) -> None:
    saved = SavedQueries(state)
    seen: list[list[str]] = []

    def look() -> None:
        thread = threading.Thread(target=lambda: seen.append(list(saved.names())))
        thread.start()
        thread.join(10)

    with state.transaction():
        saved.add("bills")
        look()
        assert list(saved.names()) == ["bills"]  # its own thread sees what it wrote
    look()
    assert seen == [[], ["bills"]]


def test_a_transaction_that_fails_leaves_nothing_and_lets_others_write(state: State) -> None:
    saved = SavedQueries(state)
    with pytest.raises(ZeroDivisionError), state.transaction():
        saved.add("bills")
        _ = 1 / 0
    saved.add("letters")
    assert list(saved.names()) == ["letters"]
