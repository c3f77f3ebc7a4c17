"""Readers that wait for the model: they can be stopped at once, and a crowd of them stops nobody else."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import time

import pytest

from .conftest import House, patience, running

CROWD, CAP = 200, 48

# Opens and reads a question of its own a thread, prints the errno of each that ends.
READERS = """
import os, sys, threading
def read(number):
    file = os.open(f"{sys.argv[1]}/ask/when are the tomatoes watered ({number})?", os.O_RDONLY)
    try:
        os.read(file, 100)
    except OSError as error:
        os.write(1, b"%d\\n" % error.errno)
for number in range(int(sys.argv[2])):
    threading.Thread(target=read, args=(number,)).start()
"""


def ends(reader: subprocess.Popen[bytes]) -> float:
    """Return how long a reader takes to end."""
    began = time.monotonic()
    reader.wait(20)
    return time.monotonic() - began


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_reader_that_waits_for_the_model_is_stopped_at_once(house: House, number: signal.Signals) -> None:
    with house.reader() as reader:
        house.until_told("requests", 1)
        reader.send_signal(number)
        assert ends(reader) < patience(0.2)
        assert reader.returncode == -number
    house('ls "$MNT/search/boat"')


def test_of_200_blocked_readers_those_above_the_cap_are_told_to_come_again(house: House) -> None:
    house.embedded()
    with running([sys.executable, "-c", READERS, str(house.mnt), str(CROWD)]) as crowd:
        assert crowd.stdout is not None
        refused = [int(crowd.stdout.readline()) for _ in range(CROWD - CAP)]
        assert set(refused) == {errno.EAGAIN}
        assert house('ls "$MNT/search/boat"; cat "$MNT/sys/status" > /dev/null') == "01_boat.txt\n"
        house('mkdir "$MNT/saved/boat"')
        house.until_told("requests", 1)
        assert house.told("requests") <= CAP  # the model is not asked for who was sent away
        crowd.kill()
        assert ends(crowd) < patience()
    with house.reader() as again:
        time.sleep(0.2)
        assert again.poll() is None  # the places are free again


def test_unmounting_says_who_waits_and_lazily_sends_them_away(house: House) -> None:
    with house.reader() as reader:
        house.until_told("requests", 1)
        refused = house.run(f'{sys.executable} -m semfs.cli.main umount "$MNT"', within=3)
        assert (refused.returncode, f"cat (process {reader.pid}) holds" in refused.stderr) == (73, True)
        assert "--lazy" in refused.stderr
        house(f'{sys.executable} -m semfs.cli.main umount --lazy "$MNT"', within=3)
        assert not os.path.ismount(house.mnt)
        reader.send_signal(signal.SIGINT)
        assert ends(reader) < patience()
    assert house.process.wait(patience()) == 0
