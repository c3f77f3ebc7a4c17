"""The matrix functions that programs are given."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from semfs.jobs.exact import determinant, inverse, matmul, transpose

SQUARES = st.integers(1, 4).flatmap(
    lambda n: st.lists(st.lists(st.integers(-9, 9), min_size=n, max_size=n), min_size=n, max_size=n)
)


@given(SQUARES)
def test_determinants_agree_with_numpy(a: list[list[int]]) -> None:
    assert determinant(a) == pytest.approx(round(float(np.linalg.det(np.array(a)))), abs=1e-6)


@given(SQUARES)
def test_the_inverse_undoes_the_matrix(a: list[list[int]]) -> None:
    if determinant(a) == 0:
        with pytest.raises(ValueError, match="no inverse"):
            inverse(a)
    else:
        assert np.allclose(np.array(matmul(a, inverse(a))), np.eye(len(a)), atol=1e-6)


def test_a_product_of_a_column_and_a_row_is_a_matrix() -> None:
    assert matmul([[1], [2]], [[3, 4]]) == [[3, 4], [6, 8]]
    assert transpose([[1, 2, 3]]) == [[1], [2], [3]]


@pytest.mark.parametrize(
    ("a", "b", "reason"),
    [
        ([[1, 2, 3], [4, 5, 6]], [[5, 6], [7, 8]], "the first matrix is 2x3, the second is 2x2"),
        ([[1, 2], [3]], [[1], [2]], "the rows of a matrix differ in length: 1 and 2"),
        ([1, 2], [[1], [2]], "a matrix is a list of rows"),
        ([], [[1]], "a matrix is a list of rows"),
    ],
)
def test_what_does_not_fit_is_refused_with_the_sizes(a: list, b: list, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        matmul(a, b)
