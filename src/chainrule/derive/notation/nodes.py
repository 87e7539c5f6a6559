"""Matrix expressions, and how they are written. Sums, quotients and functions are the nodes of the language."""

from chainrule.derive.language.expressions import (
    Add,
    Call,
    Compare,
    Const,
    Delta,
    Div,
    Expr,
    Neg,
    Num,
    Partial,
    Position,
    Reduce,
    Ref,
    Size,
    Where,
    neg,
)
from chainrule.derive.language.printer import show, show_number
from chainrule.derive.reading.matrices import Hadamard, Inner, Norm, Transposed


class Product(Expr):
    """A product of matrices, vectors and numbers side by side."""

    factors: tuple[Expr, ...]


class Starred(Expr):
    """Two factors with `*` between them, or a `dot`, which shapes have to explain."""

    left: Expr
    right: Expr
    dot: bool = False


class Quotient(Expr):
    """Entry by entry, where both sides have entries; `elementwise` where `./` says so."""

    above: Expr
    below: Expr
    elementwise: bool = False


class Raised(Expr):
    """A power; `elementwise` where `.^` says so."""

    base: Expr
    exponent: Expr
    elementwise: bool = False


class Ones(Expr):
    """The vector of ones."""


class Identity(Expr):
    """The identity matrix."""


SUM, PRODUCT, WHOLE = range(3)


def style_of(*texts: str) -> str:
    """How a person writes transposes, by the first text that has one."""
    styles = ("ᵀ", "^T", ".T", "'", "^⊤")
    return next((style for text in texts for style in styles if style in text), "ᵀ")


def transpose(expr: Expr) -> Expr:
    """The transpose; two of them cancel."""
    return expr.argument if isinstance(expr, Transposed) else Transposed(expr)


def show_matrices(expr: Expr, style: str = "ᵀ", place: int = SUM) -> str:
    """A matrix expression as text; `style` is how a transpose is written."""
    text, kind = _text(expr, style)
    return f"({text})" if kind < place else text


def _text(expr: Expr, style: str) -> tuple[str, int]:  # long because there is one case for each kind of node
    def inner(part: Expr, place: int = SUM) -> str:
        return show_matrices(part, style, place)

    match expr:
        case Num(value):
            return show_number(value), SUM if value < 0 else WHOLE
        case Const() | Delta() | Size() | Position():
            return show(expr), WHOLE
        case Ref(name, indices):
            return name + (f"[{','.join(map(str, indices))}]" if indices else ""), WHOLE
        case Reduce(operation, letters, body):
            return f"{operation}[{','.join(letters)}]({inner(body)})", WHOLE
        case Where(condition, then, other):
            return f"where({', '.join(map(inner, (condition, then, other)))})", WHOLE
        case Ones():
            return "1", WHOLE
        case Identity():
            return "I", WHOLE
        case Transposed(Call("inv", (argument,))):
            return f"{inner(argument, WHOLE)}⁻ᵀ", WHOLE
        case Transposed(argument):
            return inner(argument, WHOLE) + style, WHOLE
        case Neg(argument):
            return "-" + inner(argument, PRODUCT), SUM
        case Add(terms):
            signed = [neg(t) if isinstance(t, Neg) or (isinstance(t, Num) and t.value < 0) else t for t in terms]
            parts = [(t != u, inner(u, PRODUCT)) for t, u in zip(terms, signed, strict=True)]
            first, *rest = parts
            text = "-" * first[0] + first[1]
            return text + "".join(f" {'-' if minus else '+'} {part}" for minus, part in rest), SUM
        case Product(factors):
            return " ".join(inner(factor, WHOLE) for factor in factors), PRODUCT
        case Starred(left, right, dot):
            return f"{inner(left, PRODUCT)} {'·' if dot else '*'} {inner(right, WHOLE)}", PRODUCT
        case Hadamard(left, right):
            return f"{inner(left, WHOLE)} ∘ {inner(right, WHOLE)}", PRODUCT
        case Inner(left, right, True):
            return f"⟨{inner(left)}, {inner(right)}⟩", WHOLE
        case Inner(left, right):
            return f"{inner(left, PRODUCT)} · {inner(right, PRODUCT)}", PRODUCT
        case Quotient(above, below, elementwise):
            return f"{inner(above, PRODUCT)} {'⊘' if elementwise else '/'} {inner(below, WHOLE)}", PRODUCT
        case Div(above, below):
            return f"{inner(above, PRODUCT)} / {inner(below, WHOLE)}", PRODUCT
        case Raised(base, Num(value), elementwise):
            exponent = show_number(value)
            return f"{inner(base, WHOLE)}{'^∘' if elementwise else '^'}{exponent}", WHOLE
        case Raised(base, exponent, elementwise):
            return f"{inner(base, WHOLE)}{'^∘' if elementwise else '^'}({inner(exponent)})", WHOLE
        case Norm(argument, "|"):
            return f"|{inner(argument)}|", WHOLE
        case Norm(argument, kind):
            return f"‖{inner(argument)}‖" + (f"_{kind}" if kind else ""), WHOLE
        case Compare(relation, left, right):
            return f"[{inner(left)} {relation} {inner(right)}]", WHOLE
        case Partial(of, by):
            return f"d({inner(of)})/d({inner(by)})", WHOLE
        case Call("inv", (argument,)):
            return f"{inner(argument, WHOLE)}⁻¹", WHOLE
        case Call(function, arguments):
            return f"{function}({', '.join(map(inner, arguments))})", WHOLE
    raise TypeError(f"no matrix notation for {type(expr).__name__}")
