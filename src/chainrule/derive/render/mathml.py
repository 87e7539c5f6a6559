"""Expressions in MathML, which browsers draw without any library."""

from html import escape

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
from chainrule.derive.render.latex import places_in_product, runs_on

LETTERS = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "eps": "ε", "zeta": "ζ", "eta": "η",
    "theta": "θ", "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν", "xi": "ξ", "rho": "ρ", "sigma": "σ", "tau": "τ",
    "phi": "φ", "chi": "χ", "psi": "ψ", "omega": "ω", "pi": "π",
}  # fmt: skip
RELATIONS = {"<=": "≤", ">=": "≥", "==": "=", "!=": "≠", "<": "&lt;", ">": "&gt;"}


def mathml(expr: Expr, place: int = 0) -> str:
    """An expression, in brackets where its place asks for a tighter binding."""
    text = _plain(expr)
    loose = binding(expr) < place and not (isinstance(expr, Div) and place <= RAISED)
    bracketed = loose or (place == CLOSED and runs_on(expr))
    return _row("<mo>(</mo>", text, "<mo>)</mo>") if bracketed else text


def equation(left: Expr, right: Expr) -> str:
    """An equation as a display of its own."""
    return f'<math display="block">{_row(mathml(left), "<mo>=</mo>", mathml(right))}</math>'


def line(right: Expr) -> str:
    """The right side of an equation whose left side stands above, as a display of its own."""
    return f'<math display="block">{_row("<mo>=</mo>", mathml(right))}</math>'


def _row(*parts: str) -> str:
    return f"<mrow>{''.join(parts)}</mrow>"


def name(text: str) -> str:
    """A name: Greek letters, hats, and an upright d for a gradient."""
    if text in LETTERS:
        return f"<mi>{LETTERS[text]}</mi>"
    if text.startswith("d") and len(text) > 1 and (text[1].isupper() or text[1:] in LETTERS):
        return _row('<mi mathvariant="normal">d</mi>', name(text[1:]))
    if text.endswith("hat") and len(text) > 3:
        return f'<mover accent="true">{name(text[:-3])}<mo>^</mo></mover>'
    return f"<mi>{escape(text)}</mi>"


def _subscript(base: str, indices: tuple[Affine, ...]) -> str:
    inside = escape(",".join(str(index).replace("*", "·").replace("-", "−") for index in indices))
    return f"<msub>{base}<mtext>{inside}</mtext></msub>"


def _plain(expr: Expr) -> str:
    match expr:
        case Num(value):
            return f"<mn>{show_number(value).replace('-', '−')}</mn>"
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
            return f"<msup>{mathml(base, CLOSED)}{mathml(exponent)}</msup>"
        case Call():
            return _call(expr)
        case Compare(relation, left, right):
            return _row(mathml(left, ADDED), f"<mo>{RELATIONS[relation]}</mo>", mathml(right, ADDED))
        case Where(condition, then, other):
            rows = [
                (mathml(then), _row("<mtext>if\u00a0</mtext>", mathml(condition))),
                (mathml(other), "<mtext>else</mtext>"),
            ]
            cells = "".join(f"<mtr><mtd>{value}</mtd><mtd>{when}</mtd></mtr>" for value, when in rows)
            return f'<mtable class="cases">{cells}</mtable>'
        case Reduce(operation, letters, body):
            return _reduction(operation, letters, body)
        case Partial(of, by):
            return f"<mfrac>{_row('<mo>∂</mo>', mathml(of, CLOSED))}{_row('<mo>∂</mo>', mathml(by))}</mfrac>"
    raise TypeError(f"no MathML for {type(expr).__name__}")


def _call(call: Call) -> str:
    inside = "<mo>,</mo>".join(mathml(argument) for argument in call.arguments)
    if call.function == "sqrt":
        return f"<msqrt>{inside}</msqrt>"
    if call.function == "abs":
        return _row("<mo>|</mo>", inside, "<mo>|</mo>")
    symbol = "σ" if call.function == "sigmoid" else call.function
    return _row(f'<mi mathvariant="normal">{symbol}</mi>', "<mo>(</mo>", inside, "<mo>)</mo>")


def _reduction(operation: str, letters: tuple[str, ...], body: Expr) -> str:
    sign = "<mo>∑</mo>" if operation == "sum" else f'<mi mathvariant="normal">{operation}</mi>'
    below = f"<munder>{sign}<mtext>{escape(','.join(letters))}</mtext></munder>"
    if operation == "sum":
        return _row(below, mathml(body, MULTIPLIED))
    return _row(below, "<mo>(</mo>", mathml(body), "<mo>)</mo>")


def _sum(terms: tuple[Expr, ...]) -> str:
    parts = [mathml(terms[0], NEGATED)]
    for term in terms[1:]:
        if isinstance(term, Neg):
            parts += ["<mo>−</mo>", mathml(term.argument, MULTIPLIED)]
        elif isinstance(term, Num) and term.value < 0:
            parts += ["<mo>−</mo>", f"<mn>{show_number(-term.value)}</mn>"]
        else:
            parts += ["<mo>+</mo>", mathml(term, NEGATED)]
    return _row(*parts)
