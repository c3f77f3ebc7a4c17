"""The page of `sys/dashboard.html` carries the facts, whatever their names are, at one length."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from typing import Any

import numpy as np

from semfs.dashboard import BYTES, FILES, JOBS, JobMark, beginning, page
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


def drawn(map: Map = EMPTY, *jobs: JobMark) -> str:
    return page(at=100.0, status=STATUS, engine="loaded  no\nmodel   small\n", jobs=jobs, map=map)


def test_the_page_begins_the_same_for_longer_than_a_file_manager_reads_to_see_what_it_is() -> None:
    assert len(beginning().encode()) > 4096
    assert drawn(mapped("/home/me/a/x.txt")).startswith(beginning())


def test_status_engine_jobs_and_files_are_carried() -> None:
    job = JobMark(JobId(4), JobStatus.DONE, "sum\n", 10.0, 12.5)
    read = facts(drawn(mapped("/home/me/a/x.txt", "/home/me/b/y.txt"), job))
    assert read["status"]["coverage"]["files"] == 3
    assert read["engine"] == [["loaded", "no"], ["model", "small"]]
    assert read["jobs"] == [{"id": 4, "status": "done", "request": "sum", "created": 10.0, "ended": 12.5}]
    assert [file["path"] for file in read["map"]["files"]] == ["/home/me/a/x.txt", "/home/me/b/y.txt"]
    assert read["map"]["groups"] == ["a", "b"]
    assert read["map"]["near"] == [[1], [0]]
    assert read["map"]["sampled"] == 0


def test_no_name_ends_the_script() -> None:
    hostile = "</script><script>alert(1)</script><!--"
    job = JobMark(JobId(1), JobStatus.FAILED, hostile, 1.0, 2.0)
    read = facts(drawn(mapped(f"/home/{hostile}"), job))
    assert read["jobs"][0]["request"] == hostile
    assert read["map"]["files"][0]["path"] == f"/home/{hostile}"


def test_the_page_is_as_long_whatever_it_shows() -> None:
    longest = Map(
        [f"/{number}/" + "文" * 200 for number in range(FILES)],
        layout(np.random.default_rng(1).normal(size=(FILES, 16)).astype(np.float32)),
        10 * FILES,
    )
    jobs = [JobMark(JobId(n), JobStatus.DONE, "\udcff文" * 500, 1e9 + n, 2e9) for n in range(2 * JOBS)]
    assert [len(text.encode()) for text in (drawn(), drawn(longest, *jobs))] == [BYTES, BYTES]
    assert facts(drawn(longest, *jobs))["map"]["sampled"] == 10 * FILES


def test_folders_beyond_those_with_a_colour_are_others() -> None:
    read = facts(drawn(mapped(*(f"/top/{number}/x" for number in range(20)))))
    assert read["map"]["groups"][-1] == "others"
    assert max(file["group"] for file in read["map"]["files"]) == len(read["map"]["groups"]) - 1
