"""What a document says of functions that have a name in the language, held to what they are there."""

import numpy as np

from chainrule.derive.evaluation.evaluator import evaluate_expr
from chainrule.derive.language.errors import EquationError
from chainrule.derive.language.expressions import Call, Expr, Ref
from chainrule.derive.language.subscripts import Affine
from chainrule.derive.language.words.composed_functions import COMPOSED
from chainrule.derive.reading.grammar.functions import FUNCTION_NAMES
from chainrule.derive.reading.matrices import Entry, Matrices
from chainrule.derive.reading.tokens import UnreadableError

POINTS = np.array([-2.3, -0.7, 0.4, 1.9])


def known_function(name: str) -> str:
    """The function of the language that a name is of; empty where it is of none."""
    return FUNCTION_NAMES.get(name, "")


def is_known(function: str, parameter: str, value: Expr) -> bool:
    """Whether a value of one number is what the language has for a function, as far as values tell."""
    argument = Ref(parameter)
    known = COMPOSED[function](argument) if function in COMPOSED else Call(function, (argument,))
    at = {parameter: POINTS if function != "logit" and "log" not in function[:3] else abs(POINTS) / 3}
    return _are_equal(known, value, {parameter: at[parameter]})


def is_softmax(left: Expr, right: Expr) -> bool:
    """Whether an equation says what softmax is, by the entries of a vector."""
    match left:
        case Entry(Call("softmax" | "log_softmax" as name, (Ref(vector, ()),)), (index,)) if index.letter:
            pass
        case Call("softmax" | "log_softmax" as name, (Ref(vector, (index,)),)) if index.letter:
            pass
        case _:
            return False
    try:
        known = Matrices({vector: 1}).entry(Call(name, (Ref(vector),)), (Affine.of(index.letter),))
        return _are_equal(known, Matrices({vector: 1}).scalar(right), {vector: POINTS}, index.letter)
    except UnreadableError:
        return False


def _are_equal(known: Expr, value: Expr, arrays: dict[str, np.ndarray], letter: str = "") -> bool:
    if value.names - known.names or value.free - {letter}:
        return False
    try:
        one, other = (_values(expr, arrays, letter) for expr in (known, value))
    except (EquationError, UnreadableError, TypeError, ValueError):
        return False
    return bool(np.allclose(one, other, rtol=1e-9, atol=1e-12))


def _values(expr: Expr, arrays: dict[str, np.ndarray], letter: str) -> np.ndarray:
    if letter:
        letters = {*expr.letters, letter}
        size = len(next(iter(arrays.values())))
        return np.asarray(evaluate_expr(expr, arrays, dict.fromkeys(letters, size), (letter,)))
    name, points = next(iter(arrays.items()))
    return np.array([evaluate_expr(expr, {name: point}, {}) for point in points])
