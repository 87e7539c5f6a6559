"""Random expressions for the tests of the language."""

from fractions import Fraction

from hypothesis import strategies as st

from chainrule.derive.language.expressions import (
    Call,
    Compare,
    Const,
    Delta,
    Div,
    Partial,
    Pow,
    Reduce,
    Ref,
    Size,
    Where,
    add,
    mul,
    neg,
    num,
)
from chainrule.derive.language.subscripts import Affine

FREE = ["i", "j2", "k'"]

indices = st.builds(
    lambda terms, constant: Affine.collect({**{(n,): c for n, c in terms.items()}, (): constant}),
    st.dictionaries(st.sampled_from([*FREE, "stride"]), st.integers(-3, 3), max_size=2),
    st.integers(-5, 5),
)
elements = st.one_of(
    st.builds(lambda i: Ref("X", i), st.tuples(indices, indices)),
    st.builds(lambda i: Ref("σ_b", (i,)), indices),
    st.just(Ref("eps")),
)
leaves = st.one_of(
    elements,
    st.fractions(max_denominator=1).map(num),
    st.decimals(allow_nan=False, allow_infinity=False, places=9, min_value=-1000, max_value=1000).map(
        lambda d: num(Fraction(d))
    ),
    st.sampled_from([Const("pi"), Const("inf"), Size("i")]),
    st.builds(Delta, indices, indices),
)


def _branches(inner: st.SearchStrategy) -> st.SearchStrategy:
    return st.one_of(
        st.lists(inner, min_size=2, max_size=4).map(lambda terms: add(*terms)),
        st.lists(inner, min_size=2, max_size=4).map(lambda factors: mul(*factors)),
        inner.map(neg),
        st.builds(Div, inner, inner),
        st.builds(Pow, inner, inner),
        st.builds(lambda f, x: Call(f, (x,)), st.sampled_from(["exp", "sqrt", "erf"]), inner),
        st.builds(lambda f, x, y: Call(f, (x, y)), st.sampled_from(["max", "min"]), inner, inner),
        st.builds(Compare, st.sampled_from(["<", "<=", "==", "!=", ">", ">="]), inner, inner),
        st.builds(Where, inner, inner, inner),
        st.builds(Partial, inner, elements),
    )


programs_of_one_line = st.recursive(leaves, _branches, max_leaves=12).map(
    lambda body: Reduce("sum", ("i", "j2"), Reduce("max", ("k'",), body))
)
