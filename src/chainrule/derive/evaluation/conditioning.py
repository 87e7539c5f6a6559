"""Matrices whose inverse, determinant or factor exists and keeps its digits: the points of a proof have only such."""

from collections.abc import Callable, Iterable

import numpy as np

from chainrule.derive.evaluation.arithmetic import Array
from chainrule.derive.language.expressions import Expr, MatrixFunction, Ref
from chainrule.derive.language.programs.program import Program

MAX_CONDITION = 1e5

Look = Callable[[Expr, tuple[str, ...]], Array]  # the values of an expression over these letters


def matrix_functions(exprs: Iterable[Expr]) -> list[MatrixFunction]:
    """The functions of whole matrices in expressions."""
    return [node for expr in exprs for node in expr.walk() if isinstance(node, MatrixFunction)]


def well_conditioned(functions: Iterable[MatrixFunction], look: Look) -> bool:
    """Whether all matrices that a function is taken of are far from singular."""
    for function in functions:
        around = tuple(sorted(function.body.free - set(function.indices)))
        matrices = np.asarray(look(function.body, (*around, *function.indices)), dtype=float)
        if not np.all(np.isfinite(matrices)) or not np.all(np.linalg.cond(matrices) < MAX_CONDITION):
            return False
    return True


def square_inputs(program: Program) -> list[str]:
    """The inputs that a function of a matrix is taken of as they are."""
    found = [node.body for node in matrix_functions(program.expressions) if isinstance(node.body, Ref)]
    return [body.name for body in found if body.name in program.inputs and program.ranks[body.name] == 2]


def dominate_diagonal(matrix: Array) -> Array:
    """A matrix with a diagonal that outweighs its rows: its symmetric part is positive definite."""
    sums = abs(matrix).sum(axis=0) + abs(matrix).sum(axis=1)
    return matrix + np.diag(sums)
