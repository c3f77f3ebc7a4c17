"""`run`: what is one request, where the number stands, and when a refusal comes."""

from __future__ import annotations

import threading
import time

import pytest

from semfs.errors import BadRequest, DiskFull, QueueFull, RequestTooLong, StoreBusy, StoreError
from semfs.mount.node import Access, Handle
from semfs.mount.run import PAUSE_S
from semfs.mount.tree import Tree
from tests.mount.fake_service import FakeService


def never() -> bool:
    return False


@pytest.fixture
def run(tree: Tree) -> Handle:
    return tree.open("/run", Access(write=True))


def test_the_number_stands_where_the_writing_ended(run: Handle) -> None:
    run.write(b"do it\n", 0)

    assert run.read(128, 6, never) == b"1\n"
    assert run.read(128, 8, never) == b""


def test_a_reader_that_seeks_back_finds_the_number_too(run: Handle) -> None:
    run.write(b"x\n", 0)
    run.flush()

    assert run.read(128, 0, never) == b"1\n"
    assert run.read(128, 2, never) == b""


def test_a_shell_that_reads_too_much_and_seeks_back_gets_each_number(run: Handle) -> None:
    run.write(b"one\n", 0)
    run.flush()
    run.write(b"two\n", 4)
    run.flush()

    assert run.read(128, 8, never) == b"1\n2\n"
    assert run.read(128, 10, never) == b"2\n"


def test_numbers_that_were_read_do_not_come_again(run: Handle) -> None:
    run.write(b"one\n", 0)
    assert run.read(128, 4, never) == b"1\n"
    run.write(b"two\n", 6)

    assert run.read(128, 10, never) == b"2\n"


def test_lines_that_are_written_one_by_one_are_one_request(run: Handle, service: FakeService) -> None:
    for offset, line in ((0, b"#!semfs hold\n"), (13, b"sum up\n"), (20, b"the notes\n")):
        run.write(line, offset)
    run.flush()

    assert service.submitted == [(b"#!semfs hold\nsum up\nthe notes\n", ())]


def test_a_directive_waits_for_its_request_however_long_that_takes(run: Handle, service: FakeService) -> None:
    run.write(b"#!semfs hold\n", 0)
    time.sleep(3 * PAUSE_S)
    run.write(b"list all files\n", 13)
    run.flush()

    assert service.submitted == [(b"#!semfs hold\nlist all files\n", ())]


def test_text_without_a_newline_is_dispatched_on_close(run: Handle, service: FakeService) -> None:
    run.write(b"sum up", 0)
    assert service.submitted == []

    run.flush()
    assert service.submitted == [(b"sum up", ())]


def test_a_writer_that_keeps_the_file_open_is_served_when_it_pauses(
    run: Handle, service: FakeService
) -> None:
    run.write(b"sum up\n", 0)

    until = time.monotonic() + 5
    while not service.submitted and time.monotonic() < until:
        time.sleep(0.01)
    assert service.submitted == [(b"sum up\n", ())]


def test_closing_a_copy_of_the_descriptor_dispatches_nothing_twice(run: Handle, service: FakeService) -> None:
    run.flush()
    run.write(b"sum up\n", 0)
    run.flush()
    run.flush()
    run.close()

    assert len(service.submitted) == 1


def test_a_large_request_is_refused_as_soon_as_it_is_too_large(run: Handle, service: FakeService) -> None:
    with pytest.raises(RequestTooLong):
        run.write(b"a" * 131072, 0)
    with pytest.raises(RequestTooLong):
        run.write(b"the rest\n", 0)
    run.flush()

    assert service.submitted == []


@pytest.mark.parametrize("data", [b"\n", b"  \n", b"a\0b", b"\xff\xfe\n", b"#!semfs hld\nx\n"])
def test_what_is_no_request_is_refused_at_the_write(run: Handle, service: FakeService, data: bytes) -> None:
    with pytest.raises(BadRequest):
        run.write(data, 0)
    run.flush()

    assert service.submitted == []


def test_a_refused_request_does_not_spoil_the_next(run: Handle, service: FakeService) -> None:
    with pytest.raises(BadRequest):
        run.write(b"\n", 0)
    run.flush()
    run.write(b"sum up\n", 1)
    run.flush()

    assert service.submitted == [(b"sum up\n", ())]


def test_a_full_queue_is_told_at_the_close_and_at_the_read(run: Handle, service: FakeService) -> None:
    service.full = True
    run.write(b"sum up\n", 0)

    with pytest.raises(QueueFull):
        run.flush()
    with pytest.raises(QueueFull):
        run.read(128, 7, never)


@pytest.mark.parametrize("trouble", [DiskFull, StoreBusy])
def test_what_was_refused_because_of_the_disk_is_not_taken_at_the_close(
    run: Handle, service: FakeService, trouble: type[StoreError]
) -> None:
    service.jobs.trouble = trouble("state.db", "not now")
    with pytest.raises(trouble):
        run.write(b"sum up\n", 0)
    run.flush()
    assert service.submitted == []


def test_while_the_queue_is_full_a_write_is_refused(run: Handle, service: FakeService) -> None:
    service.jobs.full = True
    with pytest.raises(QueueFull):
        run.write(b"sum up\n", 0)


def test_without_a_write_it_shows_usage_and_the_newest_jobs(tree: Tree, service: FakeService) -> None:
    for number in range(15):
        service.jobs.add(f"request {number}", "done")

    text = tree.open("/run", Access()).read(1 << 16, 0, never).decode()

    assert text.startswith("Write what is to be done")
    assert "request 14" in text and "request 4" not in text


def test_many_writers_at_once_each_get_their_own_number(tree: Tree) -> None:
    numbers = []

    def one() -> None:
        handle = tree.open("/run", Access(write=True))
        handle.write(b"do it\n", 0)
        numbers.append(handle.read(128, 6, never))

    threads = [threading.Thread(target=one) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(numbers) == 8 and all(number.strip().isdigit() for number in numbers)
