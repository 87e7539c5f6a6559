import pytest

from chainrule.derive import EquationError, parse, parse_backward, parse_derivation, read_docstring, show

NORM = """
mu[s]     = mean[i](X[s,i])            # one mean a row
var[s]    = mean[i]((X[s,i] - mu[s])^2)
Xhat[s,i] = (X[s,i] - mu[s]) / sqrt(var[s] + eps)
Y[s,i]    = gamma[i] * Xhat[s,i] + beta[i]
assume var[s] > 0
"""


def test_inputs_are_the_names_that_no_line_defines():
    program = parse(NORM)
    assert program.inputs == ("X", "eps", "gamma", "beta")
    assert program.output == "Y"
    assert [str(a) for a in program.assumptions] == ["assume var[s] > 0"]
    assert program.axes("gamma") == ("i",)


def test_a_letter_that_stands_for_two_dimensions_is_renamed():
    program = parse("A[i,j] = sum[k](X[i,k] * W[k,j])\nB[i,j] = sum[k](A[i,k] * V[k,j])")
    dims = program.dimensions
    assert program.axes("A")[1] == program.axes("V")[0]
    assert len({dims.of[letter] for letter in (program.axes("W")[0], program.axes("V")[0], program.axes("V")[1])}) == 3


def test_size_means_the_index_of_that_name_wherever_it_is_bound():
    program = parse("L = -sum[s,k](T[s,k] * log(P[s,k])) / size[s]")
    assert show(program.statements[0].value).endswith("/ size[s]")
    assert program.dimensions.of["s"] == program.axes("T")[0]


def test_a_lower_case_scalar_is_no_index_outside_brackets():
    program = parse("Y[i] = p * X[i] / (1 - p)")
    assert program.inputs == ("p", "X")
    assert program.ranks["p"] == 0


def test_backward_equations_know_gradients_by_their_names():
    forward = parse("Y[s,n] = sum[m](X[s,m] * W[n,m]) + b[n]")
    backward = parse_backward("dW[n,m] = sum[s](dY[s,n] * X[s,m])\nalpha[n] = db[n]", forward)
    assert backward.inputs == ("dY", "X", "db")
    with pytest.raises(EquationError, match="`Z` is unknown"):
        parse_backward("dX[s,m] = Z[s,m]", forward)
    with pytest.raises(EquationError, match="`dX` has 1 index here, but 2 indices elsewhere"):
        parse_backward("dX[s] = sum[n](dY[s,n])", forward)
    with pytest.raises(EquationError, match="cannot be defined anew"):
        parse_backward("W[n,m] = dW[n,m]", forward)


def test_a_gradient_may_be_the_same_along_an_axis():
    forward = parse("L = sum[i](X[i])")
    assert str(parse_backward("dX[i] = dL", forward)) == "dX[i] = dL"


DERIVATION = """# softmax
forward
    Y[i,j] = exp(X[i,j]) / sum[k](exp(X[i,k]))
gradient dX[m,n]
    = sum[i,j](dY[i,j] * d(Y[i,j])/d(X[m,n]))   # chain rule
    = sum[j](dY[m,j] * Y[m,j] *
             (delta[j,n] - Y[m,n]))             # softmax

    = Y[m,n] * (dY[m,n] - sum[j](dY[m,j] * Y[m,j]))
"""


def test_a_derivation_keeps_lines_remarks_and_dimensions():
    derivation = parse_derivation(DERIVATION)
    (claim,) = derivation.claims
    assert (claim.wanted, claim.letters, claim.line) == ("X", ("m", "n"), 4)
    assert [line.line for line in claim.lines] == [5, 6, 9]
    assert [line.remark for line in claim.lines] == ["chain rule", "softmax", ""]
    assert claim.lines[1].text == "sum[j](dY[m,j] * Y[m,j] * (delta[j,n] - Y[m,n]))"
    assert show(claim.lines[1].value) == claim.lines[1].text
    assert derivation.dimensions.of["m"] == "i"


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ("", 1, "expected `forward`"),
        ("Y = x\nforward", 1, "expected `forward`"),
        ("forward\n  Y[i] = X[i]", 2, "expected a line such as `gradient"),
        ("forward\n  Y[i] = X[i]\ngradient X[i]\n = dY[i]", 3, "expected the gradient of a name"),
        ("forward\n  Y[i] = X[i]\ngradient dX[i]\n", 3, "at least one line that begins with `=`"),
        ("forward\n  Y[i] = X[i]\ngradient dX[i]\n = dY[j]", 4, "`j` is free on the right"),
        ("forward\n  Y[i] = X[i]\ngradient dX[i]\n = dZ[i]", 4, "`dZ` is unknown"),
        ("forward\n  Y[i] = X[i,\ngradient dX[i]\n = dZ[i]", 2, "expected an index"),
        ("forward\n  Y[i] = X[i]\ngradient dX[i]\n where dX[i] = dY[i]", 4, "begin the line with `=` alone"),
    ],
)
def test_a_wrong_derivation_is_told_with_its_line(text, line, problem):
    with pytest.raises(EquationError, match=problem.replace("[", r"\[")) as caught:
        parse_derivation(text)
    assert caught.value.line == line


def test_a_docstring_yields_its_equations():
    equations = read_docstring(
        """Affine map.

        Indices
            s  sample      m  input feature
            n  output feature

        Forward
            Y[s,n] = sum[m](X[s,m] * W[n,m]) + b[n]

        Backward
            dX[s,m] = sum[n](dY[s,n] * W[n,m])
            db[n]   = sum[s](dY[s,n])

        Why: it is linear.
        """
    )
    assert equations.indices == {"s": "sample", "m": "input feature", "n": "output feature"}
    assert equations.forward.inputs == ("X", "W", "b")
    assert list(equations.backward.defined) == ["dX", "db"]
    with pytest.raises(EquationError, match="no section `Backward`"):
        read_docstring("Forward\n    Y[i] = X[i]\n")
