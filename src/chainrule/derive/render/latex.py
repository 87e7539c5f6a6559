"""Expressions in LaTeX."""

from collections.abc import Sequence

from chainrule.derive.affine import Affine
from chainrule.derive.nodes import (
    Add,
    Call,
    Compare,
    Const,
    Delta,
    Div,
    Expr,
    Mul,
    Neg,
    Num,
    Partial,
    Position,
    Pow,
    Reduce,
    Ref,
    Size,
    Where,
)
from chainrule.derive.printer import ADDED, CLOSED, MULTIPLIED, NEGATED, RAISED, binding, show_number

GREEK = frozenset(
    {"alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "kappa", "lambda", "mu", "nu", "xi", "pi"}
    | {"rho", "sigma", "tau", "phi", "chi", "psi", "omega", "Sigma", "Phi", "Psi", "Omega", "Theta", "Gamma", "Delta"}
)
RELATIONS = {"<=": r"\le", ">=": r"\ge", "==": "=", "!=": r"\ne", "<": "<", ">": ">"}
SHORT = {"eps": r"\varepsilon", "var": r"\operatorname{var}"}
OPERATORS = frozenset({"exp", "log", "sin", "cos", "tan", "sinh", "cosh", "tanh", "arctan"})


def latex_of(left: Ref, right: Expr) -> str:
    """An equation, with an ampersand before its sign."""
    return f"{latex(left)} &= {latex(right)}"


def latex_chain(gradient: Ref, steps: Sequence[tuple[str, Expr]]) -> str:
    """A derivation as an `align*`, each expression with its law as words; it needs amsmath."""
    rows = [rf"&= {latex(expr)} && \text{{{law.replace('_', chr(92) + '_')}}}" for law, expr in steps]
    return f"\\begin{{align*}}\n{latex(gradient)} " + " \\\\\n".join(rows) + "\n\\end{align*}\n"


def latex(expr: Expr, place: int = 0) -> str:
    """An expression, in brackets where its place asks for a tighter binding."""
    text = _plain(expr)
    loose = binding(expr) < place and not (isinstance(expr, Div) and place <= RAISED)
    return rf"\left({text}\right)" if loose or (place == CLOSED and runs_on(expr)) else text


def runs_on(expr: Expr) -> bool:
    """Whether what follows an expression would read as a part of it, as after a sum sign."""
    return isinstance(expr, Reduce) and expr.operation == "sum"


def name(text: str) -> str:
    """A name: Greek letters by name, a leading d as the sign of a gradient, hats."""
    if text in GREEK:
        return rf"\{text}"
    if text in SHORT:
        return SHORT[text]
    if text.startswith("d") and len(text) > 1 and (text[1].isupper() or text[1:] in GREEK | set(SHORT)):
        return rf"\mathrm{{d}}{name(text[1:])}"
    if text.endswith("hat") and len(text) > 3:
        return rf"\hat{{{name(text[:-3])}}}"
    return text if len(text) == 1 or not text.isascii() else rf"\mathit{{{text.replace('_', chr(92) + '_')}}}"


def places_in_product(factors: tuple[Expr, ...]) -> list[tuple[Expr, int]]:
    """Each factor with the binding that its place asks for."""
    *before, last = factors
    places = [(factor, CLOSED if runs_on(factor) else RAISED if k else MULTIPLIED) for k, factor in enumerate(before)]
    return [*places, (last, RAISED)]


def _indices(indices: tuple[Affine, ...]) -> str:
    return ",".join(str(index).replace("*", r"\,") for index in indices)


def _plain(expr: Expr) -> str:
    match expr:
        case Num(value):
            return show_number(value)
        case Const(constant):
            return r"\pi" if constant == "pi" else r"\infty"
        case Ref(array, indices):
            return f"{name(array)}_{{{_indices(indices)}}}" if indices else name(array)
        case Position(index):
            return index
        case Size(index):
            return rf"\lvert {index}\rvert"
        case Delta(left, right):
            return rf"\delta_{{{_indices((left, right))}}}"
        case Neg(argument):
            return "-" + latex(argument, MULTIPLIED)
        case Add(terms):
            return _sum(terms)
        case Mul(factors):
            return r"\,".join(latex(factor, place) for factor, place in places_in_product(factors))
        case Div(numerator, denominator):
            return rf"\frac{{{latex(numerator)}}}{{{latex(denominator)}}}"
        case Pow(base, exponent):
            return f"{latex(base, CLOSED)}^{{{latex(exponent)}}}"
        case Call():
            return _call(expr)
        case Compare(relation, left, right):
            return f"{latex(left, ADDED)} {RELATIONS[relation]} {latex(right, ADDED)}"
        case Where(condition, then, other):
            yes, no = latex(then), latex(other)
            return rf"\begin{{cases}}{yes} & \text{{if }} {latex(condition)}\\{no} & \text{{else}}\end{{cases}}"
        case Reduce(operation, letters, body):
            return _reduction(operation, letters, body)
        case Partial(of, by):
            return rf"\frac{{\partial {latex(of, CLOSED)}}}{{\partial {latex(by)}}}"
    raise TypeError(f"no LaTeX for {type(expr).__name__}")


def _call(call: Call) -> str:
    arguments = ", ".join(latex(argument) for argument in call.arguments)
    match call.function:
        case "sqrt":
            return rf"\sqrt{{{arguments}}}"
        case "abs":
            return rf"\left|{arguments}\right|"
        case "sigmoid":
            return rf"\sigma\left({arguments}\right)"
    operator = rf"\{call.function}" if call.function in OPERATORS else rf"\operatorname{{{call.function}}}"
    return rf"{operator}\left({arguments}\right)"


def _reduction(operation: str, letters: tuple[str, ...], body: Expr) -> str:
    sign = {"sum": r"\sum", "max": r"\max", "min": r"\min"}.get(operation, rf"\operatorname*{{{operation}}}")
    inner = latex(body, MULTIPLIED) if operation == "sum" else rf"\left({latex(body)}\right)"
    return rf"{sign}_{{{','.join(letters)}}} {inner}"


def _sum(terms: tuple[Expr, ...]) -> str:
    text = latex(terms[0], NEGATED)
    for term in terms[1:]:
        if isinstance(term, Neg):
            text += " - " + latex(term.argument, MULTIPLIED)
        elif isinstance(term, Num) and term.value < 0:
            text += " - " + show_number(-term.value)
        else:
            text += " + " + latex(term, NEGATED)
    return text
