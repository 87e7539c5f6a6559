"""What a document says of functions that have a name in the language, held to what they are there."""

import functools
from collections.abc import Sequence

import numpy as np

from chainrule.derive.evaluation.evaluator import evaluate_expr
from chainrule.derive.language.errors import EquationError
from chainrule.derive.language.expressions import (
    ONE,
    ZERO,
    Add,
    Call,
    Div,
    Expr,
    Mul,
    Neg,
    Num,
    Pow,
    Ref,
    add,
    neg,
    num,
)
from chainrule.derive.language.functions import FUNCTIONS
from chainrule.derive.language.subscripts import Affine
from chainrule.derive.language.words.composed_functions import COMPOSED
from chainrule.derive.reading.grammar.functions import FUNCTION_NAMES
from chainrule.derive.reading.matrices import Entry, Hadamard, Matrices
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


def slope_of(value: Expr, parameter: str) -> Expr | None:
    """The derivative of a function of one number, by entries where it is taken of an array; None where it has none.

    One that the language knows is told by its name there, as sigmoid' of 1 / (1 + exp(-t)).
    """
    known = next((name for name in ("sigmoid", "tanh", "relu", "softplus") if is_known(name, parameter, value)), "")
    if known:
        return Call(f"{known}'", (Ref(parameter),))
    return _slope(value, parameter)


def _slope(value: Expr, by: str) -> Expr | None:
    if by not in value.names:
        return ZERO
    inner = [_slope(child, by) for child in value.children]
    if None in inner:
        return None
    match value, [each for each in inner if each is not None]:
        case Ref(name, ()), _ if name == by:
            return ONE
        case Neg(), [slope]:
            return neg(slope)
        case Add(), slopes:
            return add(*(slope for slope in slopes if slope != ZERO))
        case Mul(factors), slopes:
            parts = ([*factors[:k], slope, *factors[k + 1 :]] for k, slope in enumerate(slopes) if slope != ZERO)
            return add(*map(_by_entries, parts))
        case Div(above, below), [first, second]:
            quotient = [[first, Div(ONE, below)], [neg(second), above, Div(ONE, Hadamard(below, below))]]
            return add(*(_by_entries(part) for part in quotient if ZERO not in part and neg(ZERO) not in part))
        case Pow(base, Num(power)), [slope, _]:
            return _by_entries([num(power), base if power == 2 else Pow(base, num(power - 1)), slope])
        case Call(function, (argument,)), [slope] if function in FUNCTIONS:
            return _by_entries([Call(f"{function}'", (argument,)), slope])
    return None


def _by_entries(factors: Sequence[Expr]) -> Expr:
    """The product, entry by entry."""
    return functools.reduce(Hadamard, [factor for factor in factors if factor != ONE] or [ONE])


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
