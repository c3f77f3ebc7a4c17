"""What holds for every test: nothing of the user's is touched, and no WARNING goes unnoticed."""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Iterator

import pytest
from hypothesis import settings

settings.register_profile("untimed", deadline=None)  # other work on the machine fails no test
settings.load_profile("untimed")


def pytest_configure(config: pytest.Config) -> None:
    # A shell that starts the tests in the background has them and their children ignore Ctrl-C.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    config.addinivalue_line("markers", "warns: this test expects WARNING records in the log")


@pytest.fixture(autouse=True)
def no_unexpected_warning(request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Fail a test that logs a WARNING of semfs without being marked `warns`."""
    yield
    if request.node.get_closest_marker("warns"):
        return
    records = [record for when in ("setup", "call") for record in caplog.get_records(when)]
    loud = [r.getMessage() for r in records if r.levelno >= logging.WARNING and r.name.startswith("semfs")]
    assert loud == []


@pytest.fixture(scope="session", autouse=True)
def own_directories(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep configuration, data and sockets of the tests away from the user's; models are shared."""
    base = tmp_path_factory.mktemp("xdg")
    saved = {name: os.environ.get(name) for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR")}
    for name in saved:
        folder = base / name.split("_")[1].lower()
        folder.mkdir(mode=0o700)
        os.environ[name] = str(folder)
    yield
    for name, value in saved.items():
        if value is None:
            del os.environ[name]
        else:
            os.environ[name] = value
