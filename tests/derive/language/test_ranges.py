"""Ranges, products and reductions that stand for longer expressions: how they are read and printed."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chainrule import derive
from chainrule.derive import EquationError, parse
from chainrule.derive.language.expressions import Compare, Position, Reduce, Ref, Where, add, num, ref
from chainrule.derive.language.printer import show
from chainrule.derive.language.subscripts import Affine
from chainrule.derive.language.words.ranges import NEUTRAL, position

READ = {
    "Y[i] = sum[j<=i](X[j])": "Y[i] = sum[j<=i](X[j])",
    "Y[i] = sum[i>=j](X[j])": "Y[i] = sum[i>=j](X[j])",
    "Y[i] = sum[j](where(j <= i - 1, X[j], 0))": "Y[i] = sum[j<=i-1](X[j])",
    "Y[i] = prod[j != i, 0 < j < 3](X[j])": "Y[i] = prod[j!=i,0<j,j<3](X[j])",
    "L = sum[i<j](A[i,j])": "L = sum[i<j](A[i,j])",
    "L = sum[j,i,i<j](A[i,j])": "L = sum[j,i<j](A[i,j])",
    "L = sum[i<j<k](A[i,j,k])": "L = sum[i<j,j<k](A[i,j,k])",
    "Y[s] = sum[i, 2*j<i](A[s,i] * X[j])": "Y[s] = sum[i,2*j<i](A[s,i] * X[j])",
    "Y[s] = sum[j<depth](A[s,j])": "Y[s] = sum[j<depth](A[s,j])",
    "Y[i] = mean[j<=i](X[j])": "Y[i] = sum[j<=i](X[j]) / sum[j<=i](1)",
    "Y[s] = prod[i,j](A[s,i,j])": "Y[s] = prod[i](prod[j](A[s,i,j]))",
    "Y[i] = cumsum[i](X[i])": "Y[i] = sum[i'<=i](X[i'])",
    "Y[s,k] = softmax[k](X[s,k])": "Y[s,k] = exp(X[s,k]) / sum[k'](exp(X[s,k']))",
    "Y[i,j] = softmax[j<=i](S[i,j])": "Y[i,j] = where(j <= i, exp(S[i,j]) / sum[j'<=i](exp(S[i,j'])), 0)",
    "Y[s] = logsumexp[k](X[s,k])": "Y[s] = log(sum[k](exp(X[s,k])))",
    "Y[s] = var[i](X[s,i])": "mu[s] = mean[i](X[s,i])\nY[s] = mean[i]((X[s,i] - mu[s])^2)",
    "Y[s,i] = X[s,i] / norm[j](X[s,j])": "norm[s] = sqrt(sum[j](X[s,j]^2))\nY[s,i] = X[s,i] / norm[s]",
    "m[s] = mean[i](X[s,i])\nY[s] = std[j](X[s,j])": (
        "m[s] = mean[i](X[s,i])\nY[s] = sqrt(mean[j]((X[s,j] - m[s])^2))"
    ),
    "Y[s] = norm[i](X[s,i]) + norm[i](X[s,i] + 1)": (
        "norm[s] = sqrt(sum[i](X[s,i]^2))\nnorm2[s] = sqrt(sum[i]((X[s,i] + 1)^2))\nY[s] = norm[s] + norm2[s]"
    ),
    "Y[s,i] = X[s,i] / sqrt(var[s] + eps)": "Y[s,i] = X[s,i] / sqrt(var[s] + eps)",  # an array of that name
    "Y[s] = prod[s] * std": "Y[s] = prod[s] * std",
}


@pytest.mark.parametrize("text", READ)
def test_a_range_is_read_and_its_print_is_read_as_the_same(text):
    program = parse(text)
    assert str(program) == READ[text]
    assert [s.value for s in parse(str(program)).statements] == [s.value for s in program.statements]


REFUSED = {
    "Y[i] = prod[i](X[i])": "the index `i` is used already on the left side",
    "Y[i] = sum[i<3](X[i])": "`sum` has no index of its own here",
    "Y[i] = sum[j=0](X[j])": "expected a range such as j<=i",
    "Y[i] = sum[j<=](X[j])": "expected an index",
    "Y[i] = sum[2](X[i])": "expected an index",
    "Y[i] = softmax[k](X[i,k])": "`softmax[k](…)` is an element at `k`, not a sum over it",
    "Y[i] = cumsum[i](X[j])": "the index `j` is free on the right side only",
    "L = -log(p[y]) * sum[y](p[y])": "a class number is an element of an array, as in sum[s](-log(p[s,y[s]]))",
    "Y[i] = std[j](X[i])": "`j` does not stand in what `std` runs over",
    "Y[i] = argmax[j](X[i,j])": "`argmax` is a place, not a value",
    "Y[i] = median[j](X[i,j])": "the order of the elements",
    "Y[i] = prod(X[i])": "expected the index that `prod` runs over",
    "Y[i] = f(X[i], 2)": "takes one argument, found 2",
    "L = sum[i](conj(z[i]) * z[i])": "`conj` is of complex arrays",
    "Y[i] = act(X[i])": "line `function act` before it",
    "Y[i] = f(X[i]) * f": "`f` is a function",
    "Y[h] = h(X[h])": "`h` is no function but an index here",
    "Y[i] = a * a(X[i])": "`a` is no function but a number here",
    "function X\nY[i] = X[i]": "`X` is a function",
    "Y[i] = X[i]\noutputs Z": "expected an output that a line defines, found `Z`",
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_no_range_or_function_is_told_in_a_sentence(text):
    with pytest.raises(EquationError) as told:
        parse(text)
    assert REFUSED[text] in str(told.value)


positions = st.builds(
    lambda terms, constant: position(Affine.collect({**{(n,): c for n, c in terms.items()}, (): constant})),
    st.dictionaries(st.sampled_from(["i", "j", "k'", "depth"]), st.integers(-3, 3), max_size=3),
    st.integers(-5, 5),
)
conditions = st.builds(Compare, st.sampled_from(["<", "<=", "==", "!=", ">", ">="]), positions, positions)


@settings(max_examples=40)
@given(
    st.sampled_from(sorted(NEUTRAL)),
    st.lists(conditions, max_size=3),
    st.sampled_from([ref("X", ("i", "j", "k'")), num(1), Where(ref("X", ("i", "j", "k'")), num(2), num(3))]),
)
def test_any_reduction_over_any_conditions_is_printed_and_read_as_the_same(operation, conditions, body):
    for condition in reversed(conditions):
        body = Where(condition, body, NEUTRAL[operation])
    indices = ("i",) if operation == "prod" else ("i", "k'")
    rest = [letter for letter in ("j", "i", "k'") if letter not in indices]
    seen = add(ref("Z", ("j", "k'")), Ref("depth")) if operation == "prod" else add(ref("z", ("j",)), Ref("depth"))
    value = add(Reduce(operation, indices, body), seen)
    text = f"Y[{','.join(rest)}] = {show(value)}"
    assert parse(text).statements[0].value == value


def test_an_index_that_nothing_else_gives_a_size_runs_as_far_as_what_it_is_compared_with():
    assert parse("Y[i] = sum[j<=i](X[j])").dimensions.of["i"] == parse("Y[i] = sum[j<=i](X[j])").dimensions.of["j"]
    oblong = parse("Y[i] = sum[j<=i](A[i,j])").dimensions
    assert oblong.of["i"] != oblong.of["j"]
    twice = parse("Y[i] = A[i] * cumsum[i](X[i])").dimensions
    assert twice.axes["A"] == twice.axes["X"]


TIDY = {
    ("Y[s] = prod[i](X[s,i])", "X"): "dX[s,i] = dY[s] * prod[k!=i](X[s,k])",
    ("Y[i] = sum[j<=i](X[j])", "X"): "dX[j] = sum[i>=j](dY[i])",
    ("Y[i] = cumsum[i](x[i]) * a[i]", "x"): "dx[i] = sum[j>=i](dY[j] * a[j])",
    ("Y[s] = std[i](X[s,i])", "X"): "dX[s,i] = dY[s] * (X[s,i] - mu[s]) / (Y[s] * size[i])",
    ("L = -sum[i,j](log(sigmoid((2 * delta[i,j] - 1) * S[i,j])))", "S"): (
        "dS[i,j] = -sigmoid(-S[i,j] * (2 * delta[i,j] - 1)) * (2 * delta[i,j] - 1)"
    ),
    ("L = -sum[k](log(sigmoid(-sum[c](U[k,c] * v[c]))))", "U"): "dU[k,c] = v[c] * sigmoid(sum[j](U[k,j] * v[j]))",
    ("L = sum[i,j]((S[i,j] - delta[i,j])^2)", "S"): "dS[i,j] = 2 * (S[i,j] - delta[i,j])",
    ("Y[i,j] = A[i,j] - lam * delta[i,j]", "lam"): "dlam = -sum[i](dY[i,i])",
    ("L = sum[i](relu(x[i] - b)^2)", "x"): "dx[i] = 2 * relu(x[i] - b)",
    ("L = sum[i](abs(x[i])^3)", "x"): "dx[i] = 3 * x[i] * abs(x[i])",
    ("L = sum[s,n](A[s,n] * sum[m](X[s,m] * W[n,m])) - sum[s,n](B[s,n] * sum[m](X[s,m] * W[n,m]))", "W"): (
        "dW[n,m] = sum[s](X[s,m] * (A[s,n] - B[s,n]))"
    ),
    ("Y[i] = where(x[i] > 0, where(x[i] > 0, x[i]^2, 1), 0)", "x"): "dx[i] = 2 * dY[i] * x[i] * where(x[i] > 0, 1, 0)",
    ("Y[i] = max[j<=i](X[j])", "X"): "dX[j] = sum[i>=j](dY[i] * where(X[j] == Y[i], 1, 0))",
    ("Y[i] = f(g(x[i]))", "x"): "dx[i] = dY[i] * f'(g(x[i])) * g'(x[i])",
}


@pytest.mark.parametrize(("program", "name"), TIDY)
def test_a_gradient_has_the_form_of_a_textbook(program, name):
    assert derive.derive(program)[name].index == TIDY[program, name]


def test_ranges_are_set_below_the_sign():
    gradient = derive.derive("Y[i] = sum[j<=i](x[j]) + prod[j!=i](f'(x[j]))")["x"]
    assert r"\sum_{i \ge j}" in gradient.latex
    assert r"\prod_{k \ne j}" in gradient.latex.replace("l", "k").replace(r"\k", r"\l") or r"\prod_{" in gradient.latex
    assert "f''(x" in gradient.latex
    page = derive.derive("Y[i] = sum[j<=i](x[j])").html()
    assert "≥" in page
    assert "np.cumsum" in derive.derive("Y[i] = sum[j<=i](x[j])").numpy


def test_several_outputs_are_printed_with_the_copy_that_goes_on():
    text = derive.derive("c[h] = a[h] * x[h]\ny[h] = tanh(c[h])\noutputs c, y").text()
    assert "    c_next[h] = c[h]\n" in text
    assert "    outputs c_next, y\n" in text
    assert derive.prove(text).ok


def test_positions_compare_as_numbers():
    assert isinstance(position(Affine.of("i")), Position)
