"""Sizes by name, words as indices, sums that are implied where a line says so, and `d` as a name."""

import pytest

from chainrule.derive import EquationError, derive
from chainrule.derive.language.programs.reader import parse

VARIANCE = "m = 1/N * sum[i](x[i])\nL = sum[i]((x[i] - m)^2)\n"


@pytest.mark.parametrize("said", ["size[i] = N", "N = size[i]", "size[i] == N"])
def test_a_name_of_a_size_is_that_size(said):
    d = derive(f"{VARIANCE}assume {said}")
    assert d["x"].index == "dx[i] = 2 * (x[i] - m)"
    assert d.program.inputs == ("x",)
    assert str(parse(str(d.program))) == str(d.program)


@pytest.mark.parametrize(
    ("text", "gradient"),
    [
        ("L = sum[s,k](X[s,k]) / (N * K)\nassume size[s] = N\nassume size[k] = K", "dX[s,k] = 1 / (size[s] * size[k])"),
        ("S[i] = sum[c](Q[i,c]) / sqrt(d)\nassume d = size[c]", "dQ[i,c] = dS[i] / sqrt(size[c])"),
        (
            "Y[i] = sum[j](where(j <= i, X[j], 0))\nassume size[i] = size[j]",
            "dX[j] = sum[i>=j](dY[i])",
        ),
        ("Y[i] = Z[i] + sum[k](X[k]) / n\nassume size[k] = n", "dX[k] = sum[i](dY[i]) / size[k]"),
    ],
)
def test_sizes_have_names_and_are_equal(text, gradient):
    d = derive(text)
    assert gradient in [g.index for g in d.values()]
    assert not {"N", "K", "d", "n"} & {*d.program.inputs}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("N = 3\nL = sum[i](x[i]) / N\nassume size[i] = N", "is the name of a size by an assumption"),
        ("Y[i] = X[N+i]\nassume size[i] = N", "`N` is a size by an assumption, which cannot stand in a subscript"),
    ],
)
def test_a_name_of_a_size_means_nothing_else(text, problem):
    with pytest.raises(EquationError, match=problem):
        parse(text)


def test_d_is_a_name_beside_derivatives():
    d = derive("S[i,j] = sum[c](Q[i,c] * K[j,c]) / sqrt(d)")
    assert d["d"].index == "dd = -sum[i,j](dS[i,j] * S[i,j]) / (2 * d)"
    assert derive("d[i] = x[i] - y[i]\nL = sum[i](d[i]^2) / 2")["y"].index == "dy[i] = -d[i]"


@pytest.mark.parametrize(
    ("text", "printed", "words"),
    [
        ("Y[I,J] = sum[K](A[I,K] * B[K,J])", "Y[i,j] = sum[k](A[i,k] * B[k,j])", {"I": "i", "J": "j", "K": "k"}),
        ("m[batch] = mean[feature](X[batch,feature])", "m[b] = mean[f](X[b,f])", {"batch": "b", "feature": "f"}),
        ("Y[i_1] = sum[α](W[i_1,α] * i)", "Y[i2] = sum[i3](W[i2,i3] * i)", {"i_1": "i2", "α": "i3"}),
        ("L[n] = log(sum[Class](exp(X[n,Class])))", "L[n] = log(sum[c](exp(X[n,c])))", {"Class": "c"}),
        ("Y[I] = sum[J,J<=I](X[J])", "Y[i] = sum[j<=i](X[j])", {"I": "i", "J": "j"}),
        ("Y[i] = sum[a](x[a+stride*i])", "Y[i] = sum[a](x[i*stride+a])", {}),
    ],
)
def test_words_are_indices_where_they_are_bound(text, printed, words):
    program = parse(text)
    assert str(program) == printed
    assert program.index_words == words


@pytest.mark.parametrize(
    "text",
    ["Y[N] = X[N] / N", "Y[K] = K[i]", "Y[batch] = X[batch] * batch", "Y[J] = J(X[J])", "L = sum[N](x[N]) / N"],
)
def test_a_word_that_is_an_index_and_something_else_is_told(text):
    with pytest.raises(EquationError, match=r"is an index .* and something else here"):
        parse(text)


@pytest.mark.parametrize("said", ["assume repeated indices are summed", "einsum"])
@pytest.mark.parametrize(
    ("line", "printed"),
    [
        ("Y[i,j] = A[i,k] * B[k,j]", "Y[i,j] = sum[k](A[i,k] * B[k,j])"),
        ("L = x[i] * A[i,j] * x[j] - x[i] * x[i]", "L = sum[i,j](x[i] * A[i,j] * x[j]) - sum[i](x[i] * x[i])"),
        ("Y[i] = exp(A[i,k] * x[k]) * z[i]", "Y[i] = exp(sum[k](A[i,k] * x[k])) * z[i]"),
        ("t = A[i,i]", "t = sum[i](A[i,i])"),
        ("Y[i] = A[i,i] * x[i]", "Y[i] = A[i,i] * x[i]"),
        ("Y[j] = (A[i] + B[i]) * C[i,j] / 2", "Y[j] = sum[i]((A[i] + B[i]) * C[i,j] / 2)"),
        ("Y[I,J] = -A[I,K] * B[K,J]", "Y[i,j] = -sum[k](A[i,k] * B[k,j])"),
        ("Y[i] = max[k](A[i,k] * B[k,j] * c[j])", "Y[i] = max[k](sum[j](A[i,k] * B[k,j] * c[j]))"),
    ],
)
def test_repeated_indices_are_summed_where_that_is_declared(said, line, printed):
    assert str(parse(f"{said}\n{line}")) == printed


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("Y[i] = A[i,k] * B[k] * C[k]", "the index `k` stands 3 times in one term; write its sum"),
        ("L = (x[i] - m[i])^2", "the index `i` is free on the right side only"),
        ("Y[i] = A[i,k] * x[k] * k", "`k` is an index and a number here"),
        ("Y[i] = exp(A[i,k] * x[k]) * y[k] * z[k]", "summed over inside of a sum over it"),
        ("Y[i] = A[i,k]", "the index `k` is free on the right side only"),
    ],
)
def test_an_implied_sum_that_is_not_clear_is_told(line, problem):
    with pytest.raises(EquationError, match=problem.replace("(", r"\(")):
        parse(f"einsum\n{line}")


def test_a_repeated_index_that_nothing_declares_is_told_with_the_mend():
    with pytest.raises(EquationError, match="or add a line `assume repeated indices are summed`"):
        parse("Y[i,j] = A[i,k] * B[k,j]")
    with pytest.raises(EquationError) as caught:
        parse("Y[i,j] = A[i,k]")
    assert "repeated" not in caught.value.problem
