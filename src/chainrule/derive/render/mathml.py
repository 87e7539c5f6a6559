"""Expressions in MathML, which browsers draw without any library."""

import re
from collections.abc import Callable
from contextvars import ContextVar
from fractions import Fraction
from html import escape

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
from chainrule.derive.language.printer import ADDED, CLOSED, MULTIPLIED, NEGATED, RAISED, binding, show_number
from chainrule.derive.language.subscripts import Affine
from chainrule.derive.language.words.ranges import range_of, show_range
from chainrule.derive.reading.matrices import Entry, Hadamard, Inner, Listing, Norm, Transposed
from chainrule.derive.render.latex import LOOKUP, cut_lookups, is_array, places_in_product, runs_on

LETTERS = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "eps": "ε", "zeta": "ζ", "eta": "η",
    "theta": "θ", "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν", "xi": "ξ", "rho": "ρ", "sigma": "σ", "tau": "τ",
    "phi": "φ", "chi": "χ", "psi": "ψ", "omega": "ω", "pi": "π", "varpi": "π",
    "Gamma": "Γ", "Delta": "Δ", "Theta": "Θ", "Lambda": "Λ", "Xi": "Ξ", "Pi": "Π", "Sigma": "Σ", "Phi": "Φ", "Psi": "Ψ",
    "Omega": "Ω",
}  # fmt: skip
RELATIONS = {"<=": "≤", ">=": "≥", "==": "=", "!=": "≠", "<": "&lt;", ">": "&gt;"}


def mathml(expr: Expr, place: int = 0) -> str:
    """An expression, in brackets where its place asks for a tighter binding."""
    text = _plain(expr)
    loose = binding(expr) < place and not (isinstance(expr, Div) and place <= RAISED)
    bracketed = loose or (place == CLOSED and runs_on(expr))
    return _mark(expr, _bracketed(text) if bracketed else text)


MARKED: ContextVar[Callable[[Expr], str]] = ContextVar("marked", default=lambda expr: "")


def _mark(expr: Expr, text: str) -> str:
    """A part of a formula with the attributes that whoever typesets wants it to have."""
    attributes = MARKED.get()(expr)
    return f"<mrow {attributes}>{text}</mrow>" if attributes else text


def _bracketed(inside: str) -> str:
    return _row(bracket("(", inside), inside, bracket(")", inside))


def bracket(sign: str, inside: str) -> str:
    """A bracket that grows only where something tall stands in it: those that can grow are set wide apart."""
    grows = "" if any(tag in inside for tag in ("<mfrac", "<munder", "<msqrt", "<mtable")) else ' stretchy="false"'
    form = "prefix" if sign == "(" else "postfix"
    return f'<mo form="{form}"{grows}>{sign}</mo>'


def _row(*parts: str) -> str:
    return f"<mrow>{''.join(parts)}</mrow>"


def name(text: str) -> str:
    """A name: Greek letters, hats, and an upright d for a gradient."""
    if text in LETTERS:
        return f"<mi>{LETTERS[text]}</mi>"
    if text.startswith("d") and len(text) > 1 and is_array(text[1:]):
        return _row('<mi mathvariant="normal">d</mi>', name(text[1:]))
    if text.endswith("hat") and len(text) > 3:
        return f'<mover accent="true">{name(text[:-3])}<mo>^</mo></mover>'
    return f"<mi>{escape(text)}</mi>"


def _subscript(base: str, indices: tuple[Affine, ...]) -> str:
    return f"<msub>{base}{_indices(indices)}</msub>"


def _indices(indices: tuple[Affine, ...]) -> str:
    cut = [cut_lookups(index) for index in indices]
    inside = ",".join(text for text, _ in cut).replace("*", "·").replace("-", "−")
    lookups = [lookup for _, found in cut for lookup in found]
    if not lookups:
        return _letters(inside)
    first, *rest = inside.split(LOOKUP)
    parts = [_letters(first) if first else ""]
    for lookup, text in zip(lookups, rest, strict=True):
        parts += [_subscript(name(lookup.name), lookup.indices), _letters(text) if text else ""]
    return _row(*parts)


def _letters(text: str) -> str:
    """Indices in one piece, without the space that formulas have around signs; single letters are slanted."""
    slanted = re.sub(r"\b[a-z](?=[0-9']*\b|$)", lambda match: _slanted(match.group()), text)
    return f"<mtext>{escape(slanted)}</mtext>"


def _slanted(letter: str) -> str:
    return "ℎ" if letter == "h" else chr(0x1D44E + ord(letter) - ord("a"))


def _plain(expr: Expr) -> str:  # long because there is one case for each kind of node
    match expr:
        case Num(value):
            return _number(value)
        case Const(constant):
            return f"<mi>{'π' if constant == 'pi' else '∞'}</mi>"
        case Ref(array, indices):
            return _subscript(name(array), indices) if indices else name(array)
        case Position(index):
            return f"<mi>{escape(index)}</mi>"
        case Size(index):
            return _row("<mo>|</mo>", f"<mi>{escape(index)}</mi>", "<mo>|</mo>")
        case Delta(left, right):
            return _subscript("<mi>δ</mi>", (left, right))
        case Neg(argument):
            return _row("<mo>−</mo>", mathml(argument, MULTIPLIED))
        case Add(terms):
            return _sum(terms)
        case Mul(factors):
            parts = [mathml(factor, place) for factor, place in places_in_product(factors)]
            return _row("<mspace width='0.17em'/>".join(parts))
        case Div(numerator, denominator):
            return f"<mfrac>{mathml(numerator)}{mathml(denominator)}</mfrac>"
        case Pow(base, exponent):
            below = mathml(base, CLOSED)
            below = _bracketed(below) if isinstance(base, Num) and "<msup>" in below else below
            return f"<msup>{below}{mathml(exponent)}</msup>"
        case Call():
            return _call(expr)
        case Compare(sign, left, right):
            return _row(mathml(left, ADDED), relation(sign), mathml(right, ADDED))
        case Started(_, _, element):
            return _plain(element)
        case Where(condition, then, other):
            rows = [
                (mathml(then), _row("<mtext>if\u00a0</mtext>", mathml(condition))),
                (mathml(other), "<mtext>else</mtext>"),
            ]
            cells = "".join(f"<mtr><mtd>{value}</mtd><mtd>{when}</mtd></mtr>" for value, when in rows)
            return _row("<mo>{</mo>", f"<mtable>{cells}</mtable>")
        case MatrixFunction():
            return _matrix_function(expr)
        case Reduce():
            return _reduction(expr)
        case Partial(Partial(Ref() as of, first), second):
            twice = _row("<msup><mo>∂</mo><mn>2</mn></msup>", mathml(of))
            return f"<mfrac>{twice}{_row('<mo>∂</mo>', mathml(first), '<mo>∂</mo>', mathml(second))}</mfrac>"
        case Partial(of, by):
            below = _row("<mo>∂</mo>", mathml(by))
            if isinstance(of, Ref):
                return f"<mfrac>{_row('<mo>∂</mo>', mathml(of))}{below}</mfrac>"
            return _row(f"<mfrac><mo>∂</mo>{below}</mfrac>", _bracketed(mathml(of)))
        case Transposed(argument):
            return f"<msup>{mathml(argument, CLOSED)}<mi>T</mi></msup>"
        case Entry(array, indices):
            return _subscript(_bracketed(mathml(array)), indices)
        case Hadamard(left, right):
            return _row(mathml(left, RAISED), "<mo>⊙</mo>", mathml(right, RAISED))
        case Inner(left, right, True):
            return _row("<mo>⟨</mo>", mathml(left), "<mo>,</mo>", mathml(right), "<mo>⟩</mo>")
        case Inner(left, right):
            return _row(mathml(left, RAISED), "<mo>·</mo>", mathml(right, RAISED))
        case Norm(argument, kind):
            bars = _row("<mo>‖</mo>", mathml(argument), "<mo>‖</mo>")
            return f"<msub>{bars}<mi>{kind}</mi></msub>" if kind.isalnum() else bars
        case Listing(entries):
            return _row("<mo>[</mo>", *(mathml(e) + "<mspace width='1em'/>" for e in entries), "<mo>…</mo><mo>]</mo>")
    raise TypeError(f"no MathML for {type(expr).__name__}")


def _call(call: Call) -> str:
    inside = "<mo>,</mo>".join(mathml(argument) for argument in call.arguments)
    row = FUNCTIONS.get(call.function)
    text = row.mathml if row and row.mathml else call.function
    return text.replace("…", inside) if "…" in text else _row(name_function(call.function), _bracketed(inside))


def relation(sign: str) -> str:
    """The sign of a comparison."""
    return f"<mo>{RELATIONS[sign]}</mo>"


def name_function(function: str) -> str:
    """The name of a function, as it stands before its brackets."""
    row = FUNCTIONS.get(function)
    text = row.mathml if row and row.mathml else function
    base = text.rstrip("'")
    if base in LETTERS or (not row and len(base) == 1):
        return f"<mi>{LETTERS.get(base, base)}{'′' * (len(text) - len(base))}</mi>"
    return f'<mi mathvariant="normal">{text}</mi>'


def reduction_sign(expr: Reduce) -> tuple[str, Expr]:
    """The sign of a sum, a product or a maximum over its indices, and what it is of."""
    signs = {"sum": "<mo>∑</mo>", "prod": "<mo>∏</mo>"}
    sign = signs.get(expr.operation, f'<mi mathvariant="normal">{expr.operation}</mi>')
    over, body = range_of(expr)
    text = re.sub("<=|>=|==|!=", lambda match: RELATIONS[match.group()], show_range(over)).replace("-", "−")
    return f"<munder>{sign}{_letters(text.replace('*', ''))}</munder>", body


def _reduction(expr: Reduce) -> str:
    below, body = reduction_sign(expr)
    if expr.operation == "sum":
        return _row(below, mathml(body, MULTIPLIED))
    return _row(below, _bracketed(mathml(body)))


def _matrix_function(expr: MatrixFunction) -> str:
    """An inverse as the power -1, of an expression with its row and column below the bracket."""
    if isinstance(expr.body, Ref) and expr.body.axes == expr.indices:
        matrix = name(expr.body.name)
    else:
        matrix = _row("<mo>[</mo>", f"<msub>{_bracketed(mathml(expr.body))}{_letters(''.join(expr.indices))}</msub>",
                      "<mo>]</mo>")  # fmt: skip
    if expr.function == "inv":
        text = f"<msup>{matrix}<mrow><mo>−</mo><mn>1</mn></mrow></msup>"
    else:
        text = _row(f'<mi mathvariant="normal">{expr.function}</mi>', _bracketed(matrix))
    return _subscript(_bracketed(text), expr.places) if expr.places else text


def _number(value: Fraction) -> str:
    digits, _, power = show_number(value).replace("-", "−").partition("e")
    if not power:
        return f"<mn>{digits}</mn>"
    return _row(f"<mn>{digits}</mn>", "<mo>⋅</mo>", f"<msup><mn>10</mn><mn>{power}</mn></msup>")


def _sum(terms: tuple[Expr, ...]) -> str:
    parts = [mathml(terms[0], NEGATED)]
    for term in terms[1:]:
        if isinstance(term, Neg):
            parts += ["<mo>−</mo>", mathml(term.argument, MULTIPLIED)]
        elif isinstance(term, Num) and term.value < 0:
            parts += ["<mo>−</mo>", _number(-term.value)]
        else:
            parts += ["<mo>+</mo>", mathml(term, NEGATED)]
    return _row(*parts)
