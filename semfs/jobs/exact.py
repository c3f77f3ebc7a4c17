"""Functions that every sandboxed program has: what small models get wrong when they write it themselves.

Stands alone, as launch.py does.  Matrices are lists of rows.  What makes no sense raises
ValueError with a sentence that is fit for a user.
"""

from fractions import Fraction

Number = int | float | Fraction
Matrix = list[list[Number]]


def matmul(a: Matrix, b: Matrix) -> Matrix:
    """Return the matrix product."""
    (rows, inner), (inner_b, columns) = size(a), size(b)
    if inner != inner_b:
        raise ValueError(
            f"dimensions do not match: the first matrix is {rows}x{inner}, the second is {inner_b}x{columns}"
        )
    return [[sum((x * y for x, y in zip(row, column)), 0) for column in zip(*b)] for row in a]  # noqa: B905


def transpose(a: Matrix) -> Matrix:
    """Return the matrix with rows and columns exchanged."""
    size(a)
    return [list(column) for column in zip(*a)]  # noqa: B905


def determinant(a: Matrix) -> Number:
    """Return the determinant, without rounding on the way."""
    left, _ = _eliminated(a, "has no determinant")
    result = Fraction(1)
    for place, row in enumerate(left):
        result *= row[place]
    return _plain(result)


def inverse(a: Matrix) -> Matrix:
    """Return the inverse matrix, without rounding on the way."""
    left, right = _eliminated(a, "has no inverse")
    if any(not row[place] for place, row in enumerate(left)):
        raise ValueError("the matrix has no inverse: its determinant is 0")
    for place in reversed(range(len(left))):
        pivot = left[place][place]
        right[place] = [value / pivot for value in right[place]]
        for above in range(place):
            factor = left[above][place]
            right[above] = [x - factor * y for x, y in zip(right[above], right[place])]  # noqa: B905
    return [[_plain(value) for value in row] for row in right]


def size(a: Matrix) -> tuple[int, int]:
    """Return (rows, columns); raise ValueError for what is no matrix."""
    if not a or not all(isinstance(row, list | tuple) for row in a):
        raise ValueError("a matrix is a list of rows")
    lengths = sorted({len(row) for row in a})
    if len(lengths) > 1:
        raise ValueError(f"the rows of a matrix differ in length: {lengths[0]} and {lengths[-1]}")
    return len(a), lengths[0]


def _eliminated(a: Matrix, cannot: str) -> tuple[list[list[Fraction]], list[list[Fraction]]]:
    """Return the matrix in triangular form, and the unit matrix after the same steps."""
    rows, columns = size(a)
    if rows != columns:
        raise ValueError(f"a matrix of {rows}x{columns} {cannot}: it is not square")
    left = [[Fraction(value) for value in row] for row in a]
    right = [[Fraction(int(i == j)) for j in range(rows)] for i in range(rows)]
    for place in range(rows):
        pivot = next((row for row in range(place, rows) if left[row][place]), place)
        if pivot != place:  # exchanged with the sign changed, which leaves the determinant
            for part in (left, right):
                part[place], part[pivot] = part[pivot], [-value for value in part[place]]
        if not left[place][place]:
            continue
        for below in range(place + 1, rows):
            factor = left[below][place] / left[place][place]
            for part in (left, right):
                part[below] = [x - factor * y for x, y in zip(part[below], part[place])]  # noqa: B905
    return left, right


def _plain(value: Fraction) -> Number:
    return int(value) if value.denominator == 1 else float(value)
