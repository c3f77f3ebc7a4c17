"""What a service manager hears."""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from semfs import notify


@pytest.fixture
def listener(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """The manager's end of the conversation, named in the environment."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as end:
        end.bind(str(tmp_path / "notify"))
        end.settimeout(5)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        monkeypatch.delenv("WATCHDOG_USEC", raising=False)
        monkeypatch.delenv("WATCHDOG_PID", raising=False)
        yield end


def heard(listener: socket.socket) -> str:
    return listener.recv(100).decode()


def test_beginning_and_end_are_told(listener: socket.socket) -> None:
    manager = notify.manager()
    manager.ready(lambda: None)
    manager.stopping()
    assert [heard(listener), heard(listener)] == ["READY=1", "STOPPING=1"]


def test_children_do_not_inherit_the_conversation(listener: socket.socket) -> None:
    os.environ["WATCHDOG_USEC"] = "1000000"
    notify.manager()
    assert {"NOTIFY_SOCKET", "WATCHDOG_USEC"}.isdisjoint(os.environ)


def test_it_pings_twice_in_the_time_that_it_is_given(
    listener: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WATCHDOG_USEC", "100000")
    manager = notify.manager()
    manager.ready(lambda: None)
    assert manager.ping_s == 0.05
    assert [heard(listener) for _ in range(3)] == ["READY=1", "WATCHDOG=1", "WATCHDOG=1"]
    manager.stopping()


@pytest.mark.warns
def test_no_ping_while_the_mount_does_not_answer(
    listener: socket.socket, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    answers = iter([OSError(107, "Transport endpoint is not connected"), None])

    def alive() -> None:
        if error := next(answers, None):
            raise error

    monkeypatch.setenv("WATCHDOG_USEC", "100000")
    manager = notify.manager()
    with caplog.at_level(logging.WARNING):
        manager.ready(alive)
        assert [heard(listener), heard(listener)] == ["READY=1", "WATCHDOG=1"]
        manager.stopping()
    assert "does not answer" in caplog.text


def test_a_watchdog_of_another_process_is_not_ours(
    listener: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WATCHDOG_USEC", "100000")
    monkeypatch.setenv("WATCHDOG_PID", str(os.getpid() + 1))
    assert notify.manager().ping_s is None


def test_an_abstract_socket_is_heard_too(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as end:
        end.bind(f"\0semfs-test-{os.getpid()}")
        end.settimeout(5)
        monkeypatch.setenv("NOTIFY_SOCKET", f"@semfs-test-{os.getpid()}")
        notify.manager().stopping()
        assert heard(end) == "STOPPING=1"


def test_without_a_manager_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    manager = notify.manager()
    manager.ready(lambda: None)
    manager.stopping()
    assert manager == notify.ServiceManager(_stopped=manager._stopped)
