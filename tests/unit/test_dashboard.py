"""The page of `sys/dashboard.html` carries the facts, whatever their names are, at one length."""

from __future__ import annotations

import hashlib
import json
import re
from base64 import b64decode
from collections.abc import Sequence
from html.parser import HTMLParser
from typing import Any

import numpy as np

from semfs.dashboard import BYTES, FILES, JOBS, STEPS, Facts, JobMark, Spent, beginning, page
from semfs.engine.report import EngineStatus, ModelReport
from semfs.model import Coverage, JobId, JobStatus
from semfs.search.atlas import EMPTY, Map, layout
from semfs.status import Status

STATUS = Status(
    "1.0", "documents", 7, 60.0, ("/home/me",), Coverage(files=3, indexed=3), (), "idle", {"done": 1}
)


class Scripts(HTMLParser):
    """The texts of the script elements."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def handle_data(self, data: str) -> None:
        if self.lasttag == "script" and data.strip():
            self.texts.append(data)


def facts(text: str) -> dict[str, Any]:
    parser = Scripts()
    parser.feed(text)
    _, carried = parser.texts
    read: dict[str, Any] = json.loads(carried)
    return read


def mapped(*paths: str) -> Map:
    return Map(paths, layout(np.eye(len(paths), 8, dtype=np.float32)), len(paths))


ENGINE = EngineStatus(pid=8, model="small", models=(ModelReport("small", loaded=True, running=2),))


def drawn(map: Map = EMPTY, *jobs: JobMark, spent: Sequence[Spent] = ()) -> str:
    text = "2 running, 0 waiting\nmodel\tsmall: 2 running\n"
    return page(Facts(100.0, STATUS, text, ENGINE, jobs, spent, map))


def test_the_page_begins_the_same_for_longer_than_a_file_manager_reads_to_see_what_it_is() -> None:
    assert len(beginning().encode()) > 4096
    assert drawn(mapped("/home/me/a/x.txt")).startswith(beginning())


def test_status_engine_jobs_and_files_are_carried() -> None:
    job = JobMark(JobId(4), JobStatus.DONE, "sum\n", 10.0, 12.5)
    read = facts(drawn(mapped("/home/me/a/x.txt", "/home/me/b/y.txt"), job, spent=[Spent(12.4, 900, 30)]))
    assert read["status"]["coverage"]["files"] == 3
    assert read["now"] == STATUS.now()
    assert read["engine"] == [["now", "2 running, 0 waiting"], ["model", "small: 2 running"]]
    assert read["report"]["models"][0]["running"] == 2
    assert read["spent"] == [[12, 900, 30]]
    assert read["jobs"] == [{"id": 4, "status": "done", "request": "sum", "created": 10.0, "ended": 12.5}]
    assert read["map"]["base"] == "/home/me"
    assert [file["path"] for file in read["map"]["files"]] == ["a/x.txt", "b/y.txt"]
    assert read["map"]["groups"] == ["a", "b"]
    assert read["map"]["near"] == [[1], [0]]
    assert read["map"]["sampled"] == 0


def test_no_name_ends_the_script() -> None:
    hostile = "<\u2215script><script>alert(1)<!--__FACTS__ __HASH__"
    job = JobMark(JobId(1), JobStatus.FAILED, "</script>" + hostile, 1.0, 2.0)
    read = facts(drawn(mapped(f"/home/{hostile}"), job))
    assert read["jobs"][0]["request"] == "</script>" + hostile
    assert read["map"]["files"][0]["path"] == hostile


def test_a_browser_is_told_to_run_the_script_of_the_page_and_no_other() -> None:
    text = drawn()
    script = text.partition('<script type="module">')[2].partition("</script>")[0]
    told = re.search(r"script-src 'sha256-([^']+)'", text)
    assert told is not None
    assert b64decode(told[1]) == hashlib.sha256(script.encode()).digest()
    assert "unsafe-inline'; script-src" in text  # for styles alone
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", text)


def test_only_a_path_that_is_shown_whole_is_a_link() -> None:
    files = facts(drawn(mapped("/home/a.txt", f"/home/{'b' * 100}.txt")))["map"]["files"]
    assert [file["whole"] for file in files] == [True, False]


def test_the_page_is_as_long_whatever_it_shows() -> None:
    longest = Map(
        [f"/{number}/" + "文" * 200 for number in range(FILES)],
        layout(np.random.default_rng(1).normal(size=(FILES, 16)).astype(np.float32)),
        10 * FILES,
    )
    jobs = [JobMark(JobId(n), JobStatus.DONE, "\udcff文" * 500, 1e9 + n, 2e9) for n in range(2 * JOBS)]
    spent = [Spent(1e9 + number, 10**8, 10**8) for number in range(2 * STEPS)]
    texts = (drawn(), drawn(longest, *jobs, spent=spent))
    assert [len(text.encode()) for text in texts] == [BYTES, BYTES]
    assert facts(drawn(longest, *jobs))["map"]["sampled"] == 10 * FILES


def test_folders_beyond_those_with_a_colour_are_others() -> None:
    read = facts(drawn(mapped(*(f"/top/{number}/x" for number in range(20)))))
    assert read["map"]["groups"][-1] == "others"
    assert max(file["group"] for file in read["map"]["files"]) == len(read["map"]["groups"]) - 1
