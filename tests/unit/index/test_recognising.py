"""Text in pictures is recognised when all else is done, and costs nothing else anything."""

from __future__ import annotations

import contextlib
import signal
import time

import psutil

from semfs.index.recognising import MEMORY_MB

from .test_ingest import PATIENCE_S, Running, ingest  # noqa: F401 - the fixture


def reason(running: Running, name: str) -> str:
    row = running.catalog.file_at(str(running.folder / name))
    return row.reason if row else ""


def recogniser(running: Running) -> psutil.Process:
    """Return the process that recognises; the readers have gone or wait."""
    running.eventually(lambda: running.catalog.coverage().activity == "recognising")
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        for process in running.children():
            with contextlib.suppress(psutil.Error):
                if process.rlimit(psutil.RLIMIT_AS)[0] == MEMORY_MB << 20:
                    return process
        time.sleep(0.02)
    raise AssertionError("nothing is recognised")


def test_what_stands_in_pictures_is_found_by_its_words_and_gets_vectors(ingest: Running) -> None:  # noqa: F811
    ingest.put("scan.pdf", "a quick fox")
    ingest.put("a.txt", "a slow bear")

    ingest.start().settled("a.txt", "scan.pdf")

    assert ingest.found("fox") == ["scan.pdf"]
    assert ingest.found("layer") == ["scan.pdf"]
    assert ingest.catalog.vector_count()[0] == 3
    assert ingest.catalog.coverage().scanned == 1


def test_what_is_turned_off_is_not_done(ingest: Running) -> None:  # noqa: F811
    ingest.put("scan.pdf", "a quick fox")

    ingest.start(ocr=False).settled("scan.pdf")

    assert ingest.found("fox") == []
    assert ingest.found("layer") == ["scan.pdf"]

    ingest.end()
    ingest.start(ocr=True)
    ingest.eventually(lambda: ingest.found("fox") == ["scan.pdf"])


def test_a_picture_that_ends_the_process_costs_only_itself(ingest: Running) -> None:  # noqa: F811
    for name in ("scan-crash.pdf", "scan-broken.pdf", "scan.pdf"):
        ingest.put(name, f"a fox in {name}")

    ingest.start().settled("scan-crash.pdf", "scan-broken.pdf", "scan.pdf")

    assert ingest.found("fox") == ["scan.pdf"]
    assert ingest.found("layer") == ["scan-broken.pdf", "scan-crash.pdf", "scan.pdf"]
    page = "page 2 is a picture that could not be read:"
    assert reason(ingest, "scan-broken.pdf") == f"{page} it is damaged"
    crash = f"{page} its recognition crashed (signal 11, Segmentation fault)"
    assert reason(ingest, "scan-crash.pdf") == crash


def test_a_new_file_is_read_before_recognition_goes_on(ingest: Running) -> None:  # noqa: F811
    for number in range(5):
        ingest.put(f"scan-slow{number}.pdf", f"fox {number}")
    ingest.start()
    ingest.eventually(lambda: ingest.catalog.coverage().activity == "recognising")

    ingest.put("a.txt", "a slow bear")
    ingest.eventually(lambda: ingest.found("bear") == ["a.txt"])
    left = ingest.catalog.coverage().scans
    ingest.settled("a.txt", *(f"scan-slow{number}.pdf" for number in range(5)))

    assert left > 0
    assert len(ingest.found("fox")) == 5


def test_whatever_is_killed_everything_is_recognised_in_the_end(ingest: Running) -> None:  # noqa: F811
    names = [f"scan-slow{number}.pdf" for number in range(3)]
    for name in names:
        ingest.put(name, f"fox in {name}")
    ingest.start()
    recogniser(ingest).kill()  # once, it may have been an accident
    ingest.eventually(lambda: ingest.catalog.coverage().scanned > 0)
    ingest.end(signal.SIGKILL)

    ingest.start().settled(*names)

    assert ingest.found("fox") == names
    assert [reason(ingest, name) for name in names] == ["", "", ""]
