"""Prints an expression in the grammar, so that parsing the text gives the same expression back."""

from fractions import Fraction

from chainrule.derive.language.expressions import (
    Add,
    Call,
    Compare,
    Const,
    Delta,
    Div,
    Expr,
    MatrixFunction,
    Mul,
    Neg,
    Num,
    Partial,
    Position,
    Pow,
    Reduce,
    Ref,
    Size,
    Started,
    Where,
)
from chainrule.derive.language.words.ranges import range_of, show_range

MOST_ZEROS = 7  # at the end of a number; with more, it is written as 1e8 is

# How tightly a node binds; a child that binds less than its place asks for gets brackets.
COMPARED, ADDED, NEGATED, MULTIPLIED, RAISED, CLOSED = range(6)


def show(expr: Expr) -> str:
    """The expression as a text of the grammar."""
    return _show(expr, COMPARED)


def binding(expr: Expr) -> int:
    """How tightly the outermost operation of an expression binds, from COMPARED to CLOSED."""
    match expr:
        case Compare():
            return COMPARED
        case Add():
            return ADDED
        case Neg():
            return NEGATED
        case Num(value):
            return NEGATED if value < 0 else CLOSED
        case Mul() | Div():
            return MULTIPLIED
        case Pow():
            return RAISED
        case _:
            return CLOSED


def _show(expr: Expr, place: int) -> str:
    text = _plain(expr)
    return f"({text})" if binding(expr) < place else text


def _plain(expr: Expr) -> str:
    match expr:
        case Num(value):
            return show_number(value)
        case Const(name):
            return name
        case Position(index):
            return index
        case Ref(name, indices):
            return f"{name}[{','.join(map(str, indices))}]" if indices else name
        case Size(index):
            return f"size[{index}]"
        case Delta(left, right):
            return f"delta[{left},{right}]"
        case Neg(argument):
            return "-" + _show(argument, MULTIPLIED)
        case Add(terms):
            return _sum(terms)
        case Mul(factors):
            first = _show(factors[0], MULTIPLIED)
            return " * ".join([first, *(_show(factor, RAISED) for factor in factors[1:])])
        case Div(numerator, denominator):
            return f"{_show(numerator, MULTIPLIED)} / {_show(denominator, RAISED)}"
        case Pow(base, exponent):
            return f"{_show(base, CLOSED)}^{_show(exponent, CLOSED)}"
        case Call(function, arguments):
            return f"{function}({', '.join(map(show, arguments))})"
        case Compare(relation, left, right):
            return f"{_show(left, ADDED)} {relation} {_show(right, ADDED)}"
        case Started(_, _, element):
            return _plain(element)
        case Where(condition, then, other):
            return f"where({show(condition)}, {show(then)}, {show(other)})"
        case MatrixFunction():
            return _matrix_function(expr)
        case Reduce(operation):
            over, body = range_of(expr)
            return f"{operation}[{show_range(over)}]({show(body)})"
        case Partial(Partial(of, first), second):
            return f"d2({show(of)})/d({show(first)})d({show(second)})"
        case Partial(of, by):
            return f"d({show(of)})/d({show(by)})"
    raise TypeError(f"no way to print {type(expr).__name__}")


def _matrix_function(expr: MatrixFunction) -> str:
    """`inv(X)[i,j]` of an array, `inv[p,q](X[p,q] + Y[p,q])[i,j]` of an expression."""
    places = f"[{','.join(map(str, expr.places))}]" if expr.places else ""
    if name := whole_matrix(expr):
        return f"{expr.function}({name}){places}"
    return f"{expr.function}[{','.join(expr.indices)}]({show(expr.body)}){places}"


def whole_matrix(function: MatrixFunction) -> str:
    """The matrix that a function is taken of, where it has a name: `X`, `chol(X)`; else nothing."""
    match function.body:
        case Ref(name) as element if element.axes == function.indices:
            return name
        case MatrixFunction(_, _, _, places) as inner if tuple(place.letter for place in places) == function.indices:
            name = whole_matrix(inner)
            return f"{inner.function}({name})" if name else ""
    return ""


def _sum(terms: tuple[Expr, ...]) -> str:
    text = _show(terms[0], NEGATED)
    for term in terms[1:]:
        match term:
            case Neg(argument):
                text += " - " + _show(argument, MULTIPLIED)
            case Num(value) if value < 0:
                text += " - " + show_number(-value)
            case _:
                text += " + " + _show(term, NEGATED)
    return text


def show_number(value: Fraction) -> str:
    """A number whose decimal expansion ends, without loss: `3`, `-0.25`, `1e-10`, `5e19`."""
    if value.denominator == 1:
        text = str(value.numerator)
        digits = text.rstrip("0")
        return f"{digits}e{len(text) - len(digits)}" if len(text) - len(digits) > MOST_ZEROS else text
    places = 0
    while (value * 10**places).denominator != 1:
        places += 1
    digits = (value * 10**places).numerator
    if places > max(6, len(str(abs(digits))) + 3):
        return f"{digits}e-{places}"
    sign, text = "-" if digits < 0 else "", str(abs(digits)).rjust(places + 1, "0")
    return f"{sign}{text[:-places]}.{text[-places:]}"
