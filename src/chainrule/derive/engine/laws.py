"""The laws of differentiation: one function per law, its law in its first line, the table below.

Each takes the expression `of` whose derivative by an array element is wanted, and returns the derivative with smaller
derivatives inside; parts in which the array does not occur have derivative 0 and are left out at once.
"""

from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import Any

from chainrule.derive.evaluation.cancelling import cancelled_extremum
from chainrule.derive.language.expressions import (
    ONE,
    ZERO,
    Add,
    Call,
    Compare,
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
    Started,
    Where,
    add,
    delta,
    mul,
    neg,
    num,
)
from chainrule.derive.language.functions import EXTREMA, find_function
from chainrule.derive.language.matrices.functions import differentiate
from chainrule.derive.language.subscripts import Affine
from chainrule.derive.language.words.ranges import Range, first_new, reduce_over


def by_sum(of: Add, by: Ref) -> Expr:
    """∂(a + b) = ∂a + ∂b."""
    return add(*(Partial(term, by) for term in of.terms if by.name in term.names))


def by_sign(of: Neg, by: Ref) -> Expr:
    """∂(-a) = -∂a."""
    return neg(Partial(of.argument, by))


def by_linearity(of: Reduce, by: Ref) -> Expr:
    """∂ Σ a = Σ ∂a, and the same for a mean."""
    linear = of.operation in ("sum", "mean")
    return Reduce(of.operation, of.indices, Partial(of.body, by)) if linear else Partial(of, by)


def by_product_over_index(of: Reduce, by: Ref) -> Expr:
    """∂ Π_i a_i = Σ_i ∂a_i Π_j≠i a_j."""
    if of.operation != "prod":
        return Partial(of, by)
    (letter,) = of.indices
    other = first_new(letter, of.letters | by.letters)
    different = Compare("!=", Position(other), Position(letter))
    rest = reduce_over("prod", Range((other,), (different,)), of.body.rename({letter: Affine.of(other)}))
    return Reduce("sum", of.indices, mul(rest, Partial(of.body, by)))


def by_extremum(of: Reduce, by: Ref) -> Expr:
    """∂ max a = Σ ∂a where a is the maximum."""
    if of.operation not in EXTREMA:
        return Partial(of, by)
    plain = cancelled_extremum(of)
    picked = mul(Where(Compare("==", plain.body, plain), ONE, ZERO), Partial(plain.body, by))
    return Reduce("sum", plain.indices, picked) if plain.indices else Partial(plain.body, by)


def by_product(of: Mul, by: Ref) -> Expr:
    """∂(a b) = ∂a b + a ∂b."""
    terms = []
    for k, factor in enumerate(of.factors):
        if by.name in factor.names:
            terms.append(mul(*of.factors[:k], Partial(factor, by), *of.factors[k + 1 :]))
    return add(*terms)


def by_quotient(of: Div, by: Ref) -> Expr:
    """∂(a / b) = ∂a / b - a ∂b / b²."""
    a, b = of.numerator, of.denominator
    terms: list[Expr] = [Div(Partial(a, by), b)] if by.name in a.names else []
    if by.name in b.names:
        terms.append(neg(Div(mul(a, Partial(b, by)), Pow(b, num(2)))))
    return add(*terms)


def by_power(of: Pow, by: Ref) -> Expr:
    """∂(a^n) = n a^(n-1) ∂a, and ∂(a^b) = a^b log(a) ∂b for an exponent that varies; a^0 is 1, at a = 0 too."""
    a, n = of.base, of.exponent
    if n == ZERO:
        return ZERO
    less = num(n.value - 1) if isinstance(n, Num) else add(n, num(-1))
    lower = ONE if less == ZERO else a if less == ONE else Pow(a, less)
    terms = [mul(n, lower, Partial(a, by))] if by.name in a.names else []
    if by.name in n.names:
        terms.append(mul(of, Call("log", (a,)), Partial(n, by)))
    return add(*terms)


def by_function(of: Call, by: Ref) -> Expr:
    """∂ f(a) = f'(a) ∂a; of max(a, b), the derivative of whichever is the larger."""
    if of.function in EXTREMA:
        return _of_larger(of, by)
    (a,) = of.arguments
    return mul(find_function(of.function).slope(a), Partial(a, by))


def _of_larger(of: Call, by: Ref) -> Expr:
    first, *rest = sorted(of.arguments, key=lambda argument: by.name not in argument.names)
    other = rest[0] if len(rest) == 1 else Call(of.function, tuple(rest))
    relation = ">" if of.function == "max" else "<"
    return by_cases(Where(Compare(relation, first, other), first, other), by)


def by_start(of: Started, by: Ref) -> Expr:
    """∂ h[t-1] = δ[t,0] ∂(its start) + ∂ h[t-1]: an element before the first step is the start."""
    parts = []
    if by.name in of.then.names:
        parts.append(mul(_place(of.condition) or Where(of.condition, ONE, ZERO), Partial(of.then, by)))
    return add(*parts, *([Partial(of.other, by)] if by.name in of.other.names else []))


def _place(condition: Expr) -> Expr | None:
    """The delta that says that an index is at a place, as in `t == 0`."""
    match condition:
        case Compare("==", Position(index), Num(value)) if value.denominator == 1:
            return Delta(Affine.of(index), Affine.constant(int(value)))
    return None


def by_cases(of: Where, by: Ref) -> Expr:
    """∂ where(c, a, b) = where(c, ∂a, ∂b)."""
    a, b = (Partial(part, by) if by.name in part.names else ZERO for part in (of.then, of.other))
    if a != ZERO and (here := _place(of.condition)):
        return add(mul(here, a), *([] if b == ZERO else [Where(of.condition, ZERO, b)]))
    return ZERO if a == b == ZERO else Where(of.condition, a, b)


def by_jumps(of: Compare, by: Ref) -> Expr:
    """∂(a > b) = 0: a comparison is 0 or 1."""
    return ZERO


def by_element(of: Ref, by: Ref) -> Expr:
    """∂X[a,b] / ∂X[i,j] = δ[a,i] δ[b,j]; of a scalar by itself, 1, written as a delta that always holds."""
    return ALWAYS if not of.indices else mul(*(delta(a, i) for a, i in zip(of.indices, by.indices, strict=True)))


ALWAYS = Delta(Affine(()), Affine(()))

Law = tuple[str, type[Expr], Callable[[Any, Ref], Expr]]

LAWS: tuple[Law, ...] = (
    ("derivative of a sum", Add, by_sum),
    ("derivative of a sum", Neg, by_sign),
    ("derivative of a sum over an index", Reduce, by_linearity),
    ("product rule over an index", Reduce, by_product_over_index),
    ("derivative of an extremum: it moves with the place where it is attained", Reduce, by_extremum),
    ("derivative of a comparison: it is constant between its jumps", Compare, by_jumps),
    ("product rule", Mul, by_product),
    ("quotient rule", Div, by_quotient),
    ("power rule", Pow, by_power),
    ("derivative of a function", Call, by_function),
    ("derivative of an element that may be the start", Started, by_start),
    ("derivative by cases", Where, by_cases),
    ("∂X[a]/∂X[i] = δ[a,i]: an element depends on itself alone", Ref, by_element),
)


def law_of_matrices(fresh: Callable[[str], str]) -> Law:
    """∂f(M) = Σ ∂f/∂M[k,m] ∂M[k,m]; `fresh` makes a new letter that runs as far as another."""

    def by_matrix(of: MatrixFunction, by: Ref) -> Expr:
        k, m, spare = (fresh(of.indices[0]) for _ in range(3))
        return differentiate(of, k, m, spare, lambda entry: Partial(entry, by))

    return ("derivative of a function of a matrix", MatrixFunction, by_matrix)


def apply_law(expr: Expr, law: Law) -> Expr:
    """The expression with the law applied to every derivative that it fits; parts that become 0 vanish."""
    if isinstance(expr, Partial):
        if expr.by.name not in expr.of.names:
            return ZERO
        return law[2](expr.of, expr.by) if isinstance(expr.of, law[1]) else expr
    return without_zeros(expr.map(lambda child: apply_law(child, law)))


def fitting_laws(expr: Expr, laws: Iterable[Law]) -> list[Law]:
    """Those of the laws that are for a derivative in an expression; all where one is 0, which any law says."""
    partials = [node for node in expr.walk() if isinstance(node, Partial)]
    is_zero = any(partial.by.name not in partial.of.names for partial in partials)
    return [law for law in laws if is_zero or any(isinstance(partial.of, law[1]) for partial in partials)]


def without_zeros(expr: Expr) -> Expr:
    """The outermost operation without terms that are 0 and factors that are 1."""
    match expr:
        case Add(terms):
            return add(*(term for term in terms if term != ZERO))
        case Mul(factors):
            return ZERO if ZERO in factors else mul(*(factor for factor in factors if factor != ONE))
        case Div(numerator, _) if numerator == ZERO:
            return ZERO
        case Reduce("sum" | "mean", _, body) if body == ZERO:
            return ZERO
        case Where(_, then, other) if then == other == ZERO:
            return ZERO
        case Neg(Num(Fraction(numerator=0))):
            return ZERO
    return expr
