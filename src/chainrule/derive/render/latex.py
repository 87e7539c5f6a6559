"""Expressions in LaTeX."""

import re
from collections.abc import Mapping, Sequence
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
from chainrule.derive.language.functions import FUNCTIONS
from chainrule.derive.language.matrices.functions import MATRIX_FUNCTIONS
from chainrule.derive.language.printer import ADDED, CLOSED, MULTIPLIED, NEGATED, RAISED, binding, show_number
from chainrule.derive.language.subscripts import Affine, Lookup
from chainrule.derive.language.words.ranges import range_of, show_range
from chainrule.derive.language.words.unknown_functions import CUSTOMARY
from chainrule.derive.reading.matrices import Entry, Hadamard, Inner, Listing, Norm, Transposed
from chainrule.derive.render.line_breaks import FACTOR, PAGE, SUMMAND, rows, unmarked, width
from chainrule.derive.render.pages import Derived, Section, results, sections

GREEK = frozenset(
    {"alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "kappa", "lambda", "mu", "nu", "xi", "pi"}
    | {"rho", "sigma", "tau", "phi", "chi", "psi", "omega", "Sigma", "Phi", "Psi", "Omega", "Theta", "Gamma", "Delta"}
    | {"Lambda", "Xi", "Pi"}
)
RELATIONS = {"<=": r"\le", ">=": r"\ge", "==": "=", "!=": r"\ne", "<": "<", ">": ">"}
UNICODE = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "varepsilon", "ϵ": "epsilon", "ζ": "zeta", "η": "eta",
    "θ": "theta", "κ": "kappa", "λ": "lambda", "μ": "mu", "ν": "nu", "ξ": "xi", "ρ": "rho", "σ": "sigma", "τ": "tau",
    "φ": "varphi", "χ": "chi", "ψ": "psi", "ω": "omega", "Γ": "Gamma", "Δ": "Delta", "Θ": "Theta", "Λ": "Lambda",
    "Ξ": "Xi", "Π": "Pi", "Φ": "Phi", "Ψ": "Psi", "Ω": "Omega",
}  # fmt: skip
SHORT = {"eps": r"\varepsilon", "var": r"\mathrm{var}", "varpi": r"\pi"}
WIDE = PAGE / 2  # a sum wider than that does not stand over a fraction line


def latex_of(left: Ref, right: Expr) -> str:
    """An equation, with an ampersand before its sign, in as many rows as a page needs; a display must align them."""
    return latex(left) + " " + _aligned(right, width(latex(left)))


def latex_page(gradients: Mapping[str, Derived], steps: bool = True) -> str:
    """The gradients, or every step that leads to them with its law at the margin; it needs amsmath."""
    if steps:  # a derivation may go on to the next page
        return "\n".join(["\\allowdisplaybreaks", *map(_chain, sections(gradients))])
    return _display([latex_of(found.gradient, found.node) for found in results(gradients)])


def _chain(section: Section) -> str:
    left = latex(section.found.gradient)
    laws = [step.law.split(": ")[-1].replace("_", r"\_") for step in section.steps]
    lines = [_aligned(step.node, width(left)) for step in section.steps]
    tagged = [rf"{line} \tag*{{\footnotesize {law}}}" for line, law in zip(lines, laws, strict=True)]
    return _display(tagged, f"{left} ")


def _display(equations: Sequence[str], left: str = "") -> str:
    return f"\\begin{{align*}}\n{left}" + " \\\\\n".join(equations) + "\n\\end{align*}\n"


def _aligned(expr: Expr, left: float) -> str:
    """The right side of an equation in rows, given the width of its left side."""
    return "&= " + " \\\\\n&\\quad ".join(rows(_marked(expr), left + width("=")))


def latex(expr: Expr, place: int = 0) -> str:
    """An expression, in brackets where its place asks for a tighter binding."""
    return unmarked(_marked(expr, place))


def _marked(expr: Expr, place: int = 0) -> str:
    """The same with a mark wherever a row may end."""
    text = _plain(expr)
    loose = binding(expr) < place and not (isinstance(expr, Div) and place <= RAISED)
    return _bracketed(text) if loose or (place == CLOSED and runs_on(expr)) else text


def _bracketed(text: str) -> str:
    """Brackets that grow only where something tall stands in them: those that can grow are set wide apart."""
    signs = (r"\frac", r"\sum", r"\prod", r"\sqrt", r"\begin", r"\max", r"\min", r"\operatorname*")
    tall = any(sign in text for sign in signs)
    return rf"\left({text}\right)" if tall else f"({text})"


def runs_on(expr: Expr) -> bool:
    """Whether what follows an expression would read as a part of it, as after a sum sign."""
    return isinstance(expr, Reduce) and expr.operation == "sum"


def name(text: str) -> str:
    """A name: Greek letters by name, a leading d as the sign of a gradient, hats."""
    if text in GREEK or text in UNICODE:
        return rf"\{UNICODE.get(text, text)}"
    if text in SHORT:
        return SHORT[text]
    if text.startswith("d") and len(text) > 1 and is_array(text[1:]):
        return rf"\mathrm{{d}}{name(text[1:])}"
    if text.endswith("hat") and len(text) > 3:
        return rf"\hat{{{name(text[:-3])}}}"
    return text if len(text.rstrip("'")) == 1 and text.isascii() else rf"\mathit{{{''.join(map(_sign, text))}}}"


def is_array(text: str) -> bool:
    """Whether a name after a d is that of an array, so that the d is the sign of a gradient."""
    return text[0].isupper() or len(text.rstrip("'")) == 1 or text in GREEK or text in SHORT


def _sign(character: str) -> str:
    """A character of a name; what no font of mathematics has is set as text."""
    if character in UNICODE:
        return rf"\{UNICODE[character]} "
    plain = r"\_" if character == "_" else character
    return plain if plain.isascii() else rf"\text{{{plain}}}"


def places_in_product(factors: tuple[Expr, ...]) -> list[tuple[Expr, int]]:
    """Each factor with the binding that its place asks for."""
    *before, last = factors
    places = [(factor, CLOSED if runs_on(factor) else RAISED if k else MULTIPLIED) for k, factor in enumerate(before)]
    return [*places, (last, RAISED)]


def _number(value: Fraction) -> str:
    digits, _, power = show_number(value).partition("e")
    factor = LEADING.get(digits, rf"{digits} \cdot ")
    return f"{factor}10^{{{power}}}" if power else digits


def _indices(indices: tuple[Affine, ...]) -> str:
    return ",".join(map(_index, indices))


def _index(index: Affine) -> str:
    """Index arithmetic; an element of an index array has a subscript of its own, as in X_{s,y_{s}}."""
    text, inside = cut_lookups(index)
    text = re.sub("[A-Za-z_]{2,}", _word, text).replace("*", r"\,")
    for lookup in inside:
        text = text.replace(LOOKUP, f"{name(lookup.name)}_{{{_indices(lookup.indices)}}}", 1)
    return text


LOOKUP = "\u25a1"
LEADING = {"1": "", "-1": "-"}  # digits that a power of ten is written without


def cut_lookups(index: Affine) -> tuple[str, list[Lookup]]:
    """Index arithmetic with a square for each element of an index array, and those elements in their order."""
    text = str(index)
    own = {str(f): f for monomial, _ in index.terms for f in monomial if isinstance(f, Lookup)}
    places = sorted((match.start(), shown) for shown in own for match in re.finditer(re.escape(shown), text))
    outermost = [(at, shown) for at, shown in places if not any(a < at < a + len(other) for a, other in places)]
    for at, shown in reversed(outermost):
        text = text[:at] + LOOKUP + text[at + len(shown) :]
    return text, [own[shown] for _, shown in outermost]


def _word(match: re.Match[str]) -> str:
    """A whole-number scalar in an index, in one piece."""
    return rf"\mathit{{{''.join(map(_sign, match.group()))}}}"


def _plain(expr: Expr) -> str:  # long because there is one case for each kind of node
    match expr:
        case Num(value):
            return _number(value)
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
            return "-" + _marked(argument, MULTIPLIED)
        case Add(terms):
            return _sum(terms)
        case Mul(factors):
            return rf"{FACTOR}\,".join(_marked(factor, place) for factor, place in places_in_product(factors))
        case Div(numerator, denominator):
            above, below = _marked(numerator), _marked(denominator)
            if width(above) > WIDE and isinstance(numerator, Add | Reduce):
                return rf"\frac{{1}}{{{below}}}{FACTOR}\,{_bracketed(above)}"
            if width(above) > WIDE and isinstance(numerator, Mul) and isinstance(denominator, Num):
                return rf"\frac{{1}}{{{below}}}{FACTOR}\,{_marked(numerator, MULTIPLIED)}"
            return rf"\frac{{{above}}}{{{below}}}"
        case Pow(base, exponent):
            below = _marked(base, CLOSED)
            below = _bracketed(below) if isinstance(base, Num) and "^" in below else below
            return f"{below}^{{{_marked(exponent)}}}"
        case Call():
            return _call(expr)
        case Compare(relation, left, right):
            return f"{_marked(left, ADDED)} {RELATIONS[relation]} {_marked(right, ADDED)}"
        case Started(_, _, element):
            return _plain(element)
        case Where(condition, then, other):
            yes, no = _marked(then), _marked(other)
            return rf"\begin{{cases}}{yes} & \text{{if }} {_marked(condition)}\\{no} & \text{{else}}\end{{cases}}"
        case MatrixFunction():
            return _matrix_function(expr)
        case Reduce():
            return _reduction(expr)
        case Partial(Partial(Ref() as of, first), second):
            return rf"\frac{{\partial^2 {_marked(of)}}}{{\partial {_marked(first)}\,\partial {_marked(second)}}}"
        case Partial(of, by):
            if isinstance(of, Ref):
                return rf"\frac{{\partial {_marked(of)}}}{{\partial {_marked(by)}}}"
            return rf"\frac{{\partial}}{{\partial {_marked(by)}}}{_bracketed(_marked(of))}"
        case Transposed(argument):
            return rf"{_marked(argument, CLOSED)}^\top"
        case Entry(array, indices):
            return f"{_bracketed(_marked(array))}_{{{_indices(indices)}}}"
        case Hadamard(left, right):
            return rf"{_marked(left, RAISED)}{FACTOR}\odot {_marked(right, RAISED)}"
        case Inner(left, right, True):
            return rf"\langle {_marked(left)}, {_marked(right)}\rangle"
        case Inner(left, right):
            return rf"{_marked(left, RAISED)}{FACTOR}\cdot {_marked(right, RAISED)}"
        case Norm(argument, kind):
            return rf"\lVert {_marked(argument)}\rVert" + (f"_{kind}" if kind.isalnum() else "")
        case Listing(entries):
            return "[" + "".join(_marked(entry) + r"\; " for entry in entries) + r"\dots]"
    raise TypeError(f"no LaTeX for {type(expr).__name__}")


def _call(call: Call) -> str:
    arguments = ", ".join(_marked(argument) for argument in call.arguments)
    row = FUNCTIONS.get(call.function)
    text = row.latex if row and row.latex else _function_name(call.function)
    return text.replace("…", arguments) if "…" in text else text + _bracketed(arguments)


def _function_name(text: str) -> str:
    """The name of an operator; an unknown function has a letter, with primes."""
    base = text.rstrip("'")
    if base in CUSTOMARY or len(base) == 1:
        return name(base) + text[len(base) :]
    return rf"\operatorname{{{text}}}"


def _reduction(expr: Reduce) -> str:
    signs = {"sum": r"\sum", "prod": r"\prod", "max": r"\max", "min": r"\min"}
    sign = signs.get(expr.operation, rf"\operatorname*{{{expr.operation}}}")
    over, body = range_of(expr)
    inner = _marked(body, MULTIPLIED) if expr.operation == "sum" else _bracketed(_marked(body))
    below = re.sub("<=|>=|==|!=|<|>", lambda match: f" {RELATIONS[match.group()]} ", show_range(over))
    return rf"{sign}_{{{below.replace('*', '')}}} {inner}"


def _matrix_function(expr: MatrixFunction) -> str:
    """An inverse as the power -1, of an expression with its row and column below the bracket."""
    text = _whole_matrix(expr)
    return rf"({text})_{{{_indices(expr.places)}}}" if expr.places else text


def _whole_matrix(expr: MatrixFunction) -> str:
    """The value of a function of a matrix, without the place in it."""
    body = expr.body
    if isinstance(body, Ref) and body.axes == expr.indices:
        argument = name(body.name) if expr.function == "inv" else f"({name(body.name)})"
    elif isinstance(body, MatrixFunction) and tuple(place.letter for place in body.places) == expr.indices:
        argument = f"({_whole_matrix(body)})"
    else:
        argument = rf"[{_bracketed(_marked(body))}_{{{''.join(expr.indices)}}}]"
    return MATRIX_FUNCTIONS[expr.function].latex.replace("…", argument)


def _sum(terms: tuple[Expr, ...]) -> str:
    text = _marked(terms[0], NEGATED)
    for term in terms[1:]:
        if isinstance(term, Neg):
            text += f"{SUMMAND} - " + _marked(term.argument, MULTIPLIED)
        elif isinstance(term, Num) and term.value < 0:
            text += f"{SUMMAND} - " + _marked(Num(-term.value))
        else:
            text += f"{SUMMAND} + " + _marked(term, NEGATED)
    return text
