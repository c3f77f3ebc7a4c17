"""A map puts beside each other what is alike."""

from __future__ import annotations

import numpy as np

from semfs.search.atlas import NEIGHBOURS, Layout, layout


def test_files_about_the_same_are_near_and_apart_from_others() -> None:
    rng = np.random.default_rng(7)
    centres = np.repeat(np.eye(2, 16, dtype=np.float32), 20, axis=0)
    noisy = centres + rng.normal(scale=0.05, size=centres.shape).astype(np.float32)
    found = layout(noisy / np.linalg.norm(noisy, axis=1, keepdims=True))
    assert all(other // 20 == file // 20 for file, near in enumerate(found.near) for other in near)
    x = np.array(found.places)[:, 0]
    assert np.abs(x[:20].mean() - x[20:].mean()) > 5 * max(x[:20].std(), x[20:].std())


def test_no_file_is_its_own_neighbour() -> None:
    found = layout(np.ones((30, 4), np.float32) / 2)
    assert all(file not in near and len(near) == NEIGHBOURS for file, near in enumerate(found.near))


def test_few_files_or_none_have_a_map_too() -> None:
    assert layout(np.array([], np.float32)) == Layout((), ())
    assert layout(np.array([[1.0]], np.float32)) == Layout(((0.0, 0.0),), ((),))
    assert layout(np.eye(2, dtype=np.float32)).near == ((1,), (0,))
