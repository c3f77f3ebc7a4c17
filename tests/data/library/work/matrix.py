"""Small dense matrices in plain Python, for the cutting plans of the configurator."""

from __future__ import annotations

Matrix = list[list[float]]


def shape(matrix: Matrix) -> tuple[int, int]:
    """Return rows and columns."""
    return len(matrix), len(matrix[0]) if matrix else 0


def multiply_matrices(left: Matrix, right: Matrix) -> Matrix:
    """Return the product of two matrices whose inner dimensions match."""
    if shape(left)[1] != shape(right)[0]:
        raise ValueError(f"cannot multiply {shape(left)} by {shape(right)}")
    columns = list(zip(*right))
    return [[sum(a * b for a, b in zip(row, column)) for column in columns] for row in left]


def transpose(matrix: Matrix) -> Matrix:
    """Return the matrix with rows and columns exchanged."""
    return [list(column) for column in zip(*matrix)]


class CuttingPlan:
    """Boards and the pieces that are cut out of them."""

    kerf_mm = 3.2  # what the saw blade eats with every cut

    def __init__(self, board_length_mm: float) -> None:
        self.board_length_mm = board_length_mm
        self.pieces: list[float] = []

    def add_piece(self, length_mm: float) -> None:
        """Put one more piece on the plan."""
        if length_mm > self.board_length_mm:
            raise ValueError("the piece is longer than the board")
        self.pieces.append(length_mm)

    def waste_mm(self) -> float:
        """Return what is left of the boards that are needed, cut greedily."""
        left = 0.0
        waste = 0.0
        for piece in sorted(self.pieces, reverse=True):
            if piece + self.kerf_mm > left:
                waste += left
                left = self.board_length_mm
            left -= piece + self.kerf_mm
        return waste + left
