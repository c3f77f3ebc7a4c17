"""Whatever happens to the folder and to the process that indexes it, everything ends up as the folder is."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path

import pytest
from churn.history import WORDS, Step, history, shrink
from churn.life import live
from churn.nursery import Nursery

HISTORIES = 200
AT_ONCE = 16  # they wait most of the time
# Ten times what any takes on a machine that does nothing else: a file that keeps changing rests for ten times
# as long as it was being read, which is long where others use the processors.
PATIENCE_S = 120.0
SEED = int(os.environ.get("SEMFS_CHURN_SEED", "0"))  # of the first history


class Lives:
    """Live through histories, each in a folder of its own."""

    def __init__(self, base: Path, nursery: Nursery) -> None:
        self._base, self._nursery = base, nursery
        self._numbers = count()
        self.kept = base / "kept"  # what there is of histories that end badly

    def wrong(self, steps: Sequence[Step]) -> tuple[str, ...]:
        return self._live(steps)[0]

    def embedded(self, steps: Sequence[Step]) -> list[str]:
        """Return what the embedder was asked for, in order; everything must end up as the folder."""
        wrong, base = self._live(steps)
        assert wrong == ()
        return (base / "embedded").read_text("ascii").split()

    def _live(self, steps: Sequence[Step]) -> tuple[tuple[str, ...], Path]:
        name = f"churn-{os.getpid()}-{next(self._numbers)}"
        base = self._base / name
        base.mkdir()
        elsewhere = Path("/dev/shm" if os.access("/dev/shm", os.W_OK) else self._base) / f"{name}-elsewhere"
        lived = live(
            name, steps, base, self._nursery, elsewhere=elsewhere, patience=PATIENCE_S, keep=self.kept
        )
        return lived.wrong, base


@pytest.fixture(scope="module")
def lives(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lives]:
    nursery = Nursery()
    yield Lives(tmp_path_factory.mktemp("churn"), nursery)
    nursery.close()


def test_catalogue_words_and_vectors_end_up_as_the_folder(lives: Lives) -> None:
    """Files are made, written, renamed, linked, hidden, deleted, while processes are killed."""
    seeds = range(SEED, SEED + HISTORIES)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        results = zip(seeds, pool.map(lambda seed: lives.wrong(history(seed)), seeds), strict=True)
        failed = {seed: wrong for seed, wrong in results if wrong}
    assert failed == {}, f"folders, logs and catalogues are in {lives.kept}; see benchmarks/churn --help"


def test_a_folder_that_may_be_listed_again_is_looked_at(lives: Lives) -> None:
    steps = [
        Step("write", ("a/1.txt", "an owl")),
        Step("nap", (1000,)),
        Step("chmod", ("a", 0)),
        Step("write", ("2.txt", "a fox")),
        Step("nap", (1000,)),
        Step("chmod", ("a", 0o600)),
        Step("delete", ("a/1.txt",)),
    ]
    assert lives.wrong(steps) == ()


def test_nothing_is_left_of_a_text_that_was_read_while_it_changed(lives: Lives) -> None:
    """A file that was slow to read is read again only after a while, when nothing else is to be done."""
    steps = [
        Step("write", ("1.txt", "an owl")),
        Step("nap", (1000,)),
        *(Step("save_twice", (name, "slowly", ms, "a bear")) for name, ms in (("2.txt", 0), ("3.txt", 300))),
    ]
    assert lives.wrong(steps) == ()


def test_nothing_is_left_of_a_folder_that_was_empty_at_a_start(lives: Lives) -> None:
    """What words beside the catalogue must forget is not kept where there are none."""
    steps = [
        Step("write", ("1.txt", "an owl")),
        Step("nap", (2500,)),
        Step("stop"),
        Step("delete", ("1.txt",)),
        Step("kill"),
    ]
    assert lives.wrong(steps) == ()


PAUSE = Step("nap", (2500,))  # so that what was before is indexed to the end


@pytest.mark.parametrize(
    "moves",
    [
        (Step("rename", ("a", "b/moved")),),
        (Step("rename", ("a/many/1.txt", "1.txt")), PAUSE, Step("rename", ("1.txt", "b/2.md"))),
        (Step("swap", ("a/many/1.txt", "a/many/2.txt")),),
        (Step("copy", ("a", "c")),),
        # As `mv` does it from one file system to another: other inodes, the same content.
        (Step("copy", ("a", "c")), Step("delete", ("a",))),
        (Step("hard_link", ("a/many/1.txt", "3.txt")), PAUSE, Step("delete", ("a/many/1.txt",))),
    ],
    ids=["folder", "file", "swap", "copy", "file-system", "hard-link"],
)
def test_what_is_moved_or_copied_is_not_embedded_again(lives: Lives, moves: tuple[Step, ...]) -> None:
    steps = [Step("many", ("a", 25, "owls and foxes")), PAUSE, Step("nap", (1,)), PAUSE, *moves]
    asked = lives.embedded(steps)
    assert len(asked) == len(set(asked)) == 25


def test_of_a_changed_file_only_the_passages_that_changed_are_embedded(lives: Lives) -> None:
    paragraphs = [f"{' '.join(WORDS)} in paragraph {number}. " * 3 for number in range(20)]
    changed = ["A new beginning.", *paragraphs[:10], "One more in the middle.", *paragraphs[10:]]
    steps = [
        Step("write", ("1.txt", "\n\n".join(paragraphs))),
        PAUSE,
        Step("nap", (1,)),
        PAUSE,
        Step("replace", ("1.txt", "\n\n".join(changed))),
    ]
    asked = lives.embedded(steps)
    assert len(asked) == len(set(asked)) <= 24


def test_a_history_is_shrunk_to_what_it_takes() -> None:
    steps = history(3)
    needed = {steps[1], steps[-1]}
    assert set(shrink(steps, lambda fewer: needed <= set(fewer))) == needed
