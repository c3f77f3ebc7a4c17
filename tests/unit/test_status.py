"""What a mount says of itself is honest, and holds for people and programs alike."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from semfs.model import Coverage, Progress
from semfs.mount.readme import readme
from semfs.status import Status, about, building, span

READING = Coverage(
    files=3129,
    indexed=1204,
    pending=1900,
    failed=25,
    passages=9000,
    embedded=3000,
    meaning=410,
    activity="reading",
    current="/home/me/a\nb.txt",
    progress=Progress(files_per_s=12.4, words_left_s=180.0),
)
DONE = Coverage(files=3, indexed=3, passages=9, embedded=9, meaning=3, activity="watching")


def status(coverage: Coverage) -> Status:
    return Status("1.0", "documents", 7, 3725.0, ("/home/me",), coverage, ("no room",), "idle", {"done": 2})


def test_each_fact_has_a_line_of_its_own() -> None:
    assert status(READING).text().splitlines() == [
        "semfs    1.0, index documents, process 7, up 1 h 2 min",
        "folder   /home/me",
        "files    3,129: 1,204 indexed, 1,900 to be read, 25 could not be read (see sys/errors)",
        "meaning  3,000 of 9,000 passages can be found by meaning, all of them in 410 of 1,204 files",
        "speed    12 files/s, about 3 minutes left for the words",
        "now      reading /home/me/a\ufffdb.txt",
        "notice   no room",
        "engine   idle",
        "jobs     2 done",
    ]


def test_an_index_that_nobody_writes_is_starting_or_in_trouble() -> None:
    began = replace(status(Coverage()), up_s=2.0)
    assert "files    none found so far\n" in began.text()
    assert began.now() == "starting"
    assert "is not running" in replace(began, deaths={"ingest": 1}).now()
    assert "is not running" in status(Coverage()).now()


@pytest.mark.parametrize(
    ("seconds", "words"), [(5, "0 min"), (3600, "1 h"), (3725, "1 h 2 min"), (180_000, "2 d 2 h")]
)
def test_how_long_it_is_up_is_told_in_two_units(seconds: float, words: str) -> None:
    assert span(seconds) == words


def test_no_speed_is_told_where_nothing_is_done() -> None:
    assert "speed" not in status(DONE).text()


def test_a_program_reads_the_same_facts() -> None:
    facts = json.loads(status(READING).json())
    assert facts["coverage"]["progress"]["words_left_s"] == 180.0
    assert (facts["coverage"]["meaning"], facts["coverage"]["complete"]) == (410, False)


def test_the_readme_says_how_far_the_index_is_until_it_is_complete() -> None:
    now = "1,204 of 3,129 files can be found by words, 410 by meaning; about 3 minutes left for the words"
    assert building(READING) == now
    assert f"The index is being built: {now}." in " ".join(readme(READING).split())
    assert "is being built:" not in readme(DONE)
    assert max(map(len, readme(READING).splitlines())) <= 84


def test_what_is_not_known_is_said_to_be_unknown() -> None:
    covered = Coverage(files=9, pending=9, activity="reading")
    assert building(covered).endswith("0 by meaning; how long is not known yet")
    assert "speed    not known yet\n" in status(covered).text()


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "less than a minute"),
        (56, "less than a minute"),
        (58, "about 1 minute"),
        (200, "about 3 minutes"),
        (3590, "about 1 hour"),
        (9000, "about 2 hours"),
        (200_000, "about 2 days"),
    ],
)
def test_a_time_is_told_as_one_guesses_it(seconds: float, words: str) -> None:
    assert about(seconds) == words
