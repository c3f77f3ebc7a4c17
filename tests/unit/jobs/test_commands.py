"""What is asked for by the words in `ctl`."""

from __future__ import annotations

import pytest

from semfs.errors import BadRequest
from semfs.jobs import commands
from semfs.jobs.state import Event
from semfs.model import Priority


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("cancel\n", Event.CANCEL),
        (" go ", Event.GO),
        ("retry", Event.RETRY),
        ("priority  low", Priority.LOW),
    ],
)
def test_a_command_is_read(written: str, asked: Event | Priority) -> None:
    assert commands.read(written) is asked


@pytest.mark.parametrize("written", ["", "stop", "cancel now", "priority", "priority low high", "finished"])
def test_another_word_is_refused_with_those_there_are(written: str) -> None:
    known = "there are: cancel, go, retry, priority high, priority normal, priority low"
    with pytest.raises(BadRequest, match=known):
        commands.read(written)
