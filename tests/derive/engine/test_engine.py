from dataclasses import replace

import numpy as np
import pytest

from chainrule import derive
from chainrule.derive import WrongStepError
from chainrule.derive.engine import contraction, laws, proof
from chainrule.derive.language.expressions import Call, Num, num
from chainrule.derive.language.functions import FUNCTIONS

SOFTMAX = "Y[m,n] = exp(X[m,n]) / sum[k](exp(X[m,k]))"
NORM = """mu[s] = mean[i](X[s,i])
var[s] = mean[i]((X[s,i] - mu[s])^2)
Xhat[s,i] = (X[s,i] - mu[s]) / sqrt(var[s] + eps)
Y[s,i] = gamma[i] * Xhat[s,i] + beta[i]"""
ATTENTION = """E[i,j] = sum[c](Q[i,c] * K[j,c]) / sqrt(size[c])
A[i,j] = exp(E[i,j]) / sum[k](exp(E[i,k]))
Y[i,f] = sum[j](A[i,j] * V[j,f])"""

TEXTBOOK = [
    ("Y[s,n] = sum[m](X[s,m] * W[n,m]) + b[n]", "W", "dW[n,m] = sum[s](dY[s,n] * X[s,m])"),
    ("Y[s,n] = sum[m](X[s,m] * W[n,m]) + b[n]", "X", "dX[s,m] = sum[n](dY[s,n] * W[n,m])"),
    ("Y[s,n] = sum[m](X[s,m] * W[n,m]) + b[n]", "b", "db[n] = sum[s](dY[s,n])"),
    (SOFTMAX, "X", "dX[m,n] = Y[m,n] * (dY[m,n] - sum[k](dY[m,k] * Y[m,k]))"),
    ("Y[m,n] = X[m,n] - log(sum[k](exp(X[m,k])))", "X", "dX[m,n] = dY[m,n] - exp(Y[m,n]) * sum[k](dY[m,k])"),
    (
        "P[s,k] = exp(X[s,k]) / sum[j](exp(X[s,j]))\nL = -sum[s,k](T[s,k] * log(P[s,k])) / size[s]\n"
        "assume sum[k](T[s,k]) = 1",
        "X",
        "dX[s,k] = (P[s,k] - T[s,k]) / size[s]",
    ),
    ("L = mean[s,n]((Y[s,n] - T[s,n])^2)", "Y", "dY[s,n] = 2 * (Y[s,n] - T[s,n]) / (size[s] * size[n])"),
    (
        "Y[s,i] = where(X[s,i] > 0, X[s,i], alpha * (exp(X[s,i]) - 1))",
        "X",
        "dX[s,i] = dY[s,i] * where(X[s,i] > 0, 1, alpha * exp(X[s,i]))",
    ),
    ("Y[s,i] = max(0, X[s,i])", "X", "dX[s,i] = dY[s,i] * where(X[s,i] > 0, 1, 0)"),
    ("Y[s,i] = tanh(X[s,i])", "X", "dX[s,i] = dY[s,i] * (1 - Y[s,i]^2)"),
    ("Y[s,i] = 1 / (1 + exp(-X[s,i]))", "X", "dX[s,i] = dY[s,i] * Y[s,i] * (1 - Y[s,i])"),
    (
        NORM,
        "X",
        "dXhat[s,i] = dY[s,i] * gamma[i]\ndX[s,i] = (dXhat[s,i] - mean[k](dXhat[s,k]) - "
        "Xhat[s,i] * mean[k](dXhat[s,k] * Xhat[s,k])) / sqrt(var[s] + eps)",
    ),
    (NORM, "gamma", "dgamma[i] = sum[s](dY[s,i] * Xhat[s,i])"),
    (ATTENTION, "V", "dV[j,f] = sum[i](dY[i,f] * A[i,j])"),
    (
        ATTENTION,
        "K",
        "dE[i,j] = A[i,j] * (sum[f](dY[i,f] * V[j,f]) - sum[f](dY[i,f] * Y[i,f]))\n"
        "dK[j,c] = sum[i](dE[i,j] * Q[i,c]) / sqrt(size[c])",
    ),
    (
        "Y[s,f,i,j] = sum[c,a,e](X[s,c,i+a,j+e] * K[f,c,a,e])",
        "X",
        "dX[s,c,h,w] = sum[f,a,e](dY[s,f,h-a,w-e] * K[f,c,a,e])",
    ),
    (
        "Y[s,f,i,j] = sum[c,a,e](X[s,c,i+a,j+e] * K[f,c,a,e])",
        "K",
        "dK[f,c,a,e] = sum[s,i,j](dY[s,f,i,j] * X[s,c,a+i,e+j])",
    ),
    ("Y[s,i] = sum[a](X[s,2*i+a-1] * K[a])", "X", "dX[s,h] = sum[i](dY[s,i] * K[h-2*i+1])"),
    (
        "p[i] = 1 / (1 + exp(-x[i]))\nL = -sum[i](t[i] * log(p[i]) + (1 - t[i]) * log(1 - p[i]))",
        "x",
        "dx[i] = p[i] - t[i]",
    ),
    ("q = sum[i,j](x[i] * A[i,j] * x[j])", "A", "dA[i,j] = x[i] * x[j]"),
    ("Y[i] = X[i,i]", "X", "dX[i,j] = dY[i] * delta[i,j]"),
    ("Y[i] = X[i] * where(M[i] > 0, 2, 3)", "M", "dM[i] = 0"),
]


@pytest.mark.parametrize(("text", "name", "expected"), TEXTBOOK)
def test_the_gradient_is_the_one_a_textbook_prints(text, name, expected):
    assert derive.derive(text)[name].index == expected


def test_the_mean_under_a_normalisation_has_no_gradient_left():
    """A softmax that subtracts its maximum has the gradient of one that does not."""
    d = derive.derive("M[m] = max[k](X[m,k])\nY[m,n] = exp(X[m,n] - M[m]) / sum[k](exp(X[m,k] - M[m]))")
    assert d["M"].index == "dM[m] = 0"
    assert d["X"].index == "dX[m,k] = Y[m,k] * (dY[m,k] - sum[n](dY[m,n] * Y[m,n]))"


def test_every_step_names_its_law():
    steps = derive.derive(SOFTMAX)["X"].steps
    assert [step.law for step in steps] == [
        "chain rule",
        "definition",
        "quotient rule",
        "derivative of a sum over an index",
        "derivative of a function",
        laws.LAWS[-1][0],
        "multiplying out",
        "contraction of a delta",
        "naming earlier quantities",
        "pulling factors out",
    ]
    assert steps[0].expression == "sum[i,k](dY[i,k] * d(Y[i,k])/d(X[m,n]))"
    assert str(steps[-1]) == "dX[m,n] = Y[m,n] * (dY[m,n] - sum[k](dY[m,k] * Y[m,k]))"


def test_every_step_can_be_read_again():
    d = derive.derive(NORM)
    claims = []
    for gradient in [d["X"], d["gamma"]]:
        for step in gradient.steps:
            claims.append(f"gradient {derive.show(step.target)}\n = {step.expression}")
    parsed = derive.parse_derivation(f"forward\n{NORM}\n{claims[-1]}")
    assert derive.show(parsed.claims[0].lines[0].value) == d["gamma"].steps[-1].expression


def test_the_inputs_are_the_keys():
    d = derive.derive("Y[s,i] = X[s,stride*i] * w[i] + exp(b)")
    assert list(d) == ["X", "w", "b"]
    with pytest.raises(KeyError, match="no gradient of `Q`; the inputs are X, w, b"):
        d["Q"]


def _wrong_slope(function, slope):
    return lambda monkeypatch: monkeypatch.setitem(FUNCTIONS, function, replace(FUNCTIONS[function], slope=slope))


def _wrong_law(number, law):
    def plant(monkeypatch):
        planted = list(laws.LAWS)
        planted[number] = (planted[number][0], planted[number][1], law)
        monkeypatch.setattr("chainrule.derive.engine.engine.LAWS", tuple(planted))

    return plant


def _wrong_contraction(monkeypatch):
    """A delta that drops out without fixing its index."""
    monkeypatch.setattr(contraction, "_substitute", lambda term, delta, *rest: term.times(delta, -1))


LAW = {law[2].__name__: number for number, law in enumerate(laws.LAWS)}
PLANTED = {
    "tanh' = 1 - tanh": ("Y[i] = tanh(X[i])", _wrong_slope("tanh", lambda a: num(1))),
    "exp' = 1": ("Y[i] = exp(X[i])", _wrong_slope("exp", lambda a: num(1))),
    "sqrt' without 1/2": ("Y[i] = sqrt(X[i])", _wrong_slope("sqrt", lambda a: laws.Div(num(1), Call("sqrt", (a,))))),
    "erf' without its constant": ("Y[i] = erf(X[i])", _wrong_slope("erf", lambda a: Call("exp", (a,)))),
    "quotient without its second term": (
        SOFTMAX,
        _wrong_law(LAW["by_quotient"], lambda of, by: laws.Div(laws.Partial(of.numerator, by), of.denominator)),
    ),
    "product of the first factor alone": (
        "Y[i] = X[i] * exp(X[i])",
        _wrong_law(LAW["by_product"], lambda of, by: laws.mul(laws.Partial(of.factors[0], by), *of.factors[1:])),
    ),
    "power that keeps its exponent": (
        "Y[i] = X[i]^3",
        _wrong_law(LAW["by_power"], lambda of, by: laws.mul(of.exponent, of, laws.Partial(of.base, by))),
    ),
    "quotient of polynomials without its second term": (
        "Y[i] = X[i] / sum[j](X[j] * A[j,i])",
        _wrong_law(LAW["by_quotient"], lambda of, by: laws.Div(laws.Partial(of.numerator, by), of.denominator)),
    ),
    "a delta that does not fix its index": ("Y[s,n] = sum[m](X[s,m] * W[n,m])", _wrong_contraction),
}


@pytest.mark.parametrize(("text", "plant"), PLANTED.values(), ids=PLANTED)
def test_a_planted_wrong_rule_is_refused(text, plant, monkeypatch):
    plant(monkeypatch)
    with pytest.raises(WrongStepError):
        derive.derive(text)["X"].steps  # noqa: B018


def test_rational_steps_are_compared_modulo_a_prime(monkeypatch):
    engine = derive.derive("Y[s,n] = sum[m](X[s,m] * W[n,m])")._engine
    kinds = [type(point.arithmetic).__name__ for point in engine.proof.points]
    assert kinds == ["HighPrecision", "Adic", "Modular"]
    compared = []
    monkeypatch.setattr(proof, "agree", lambda a, b, point: compared.append(type(point.arithmetic).__name__) or True)
    steps = engine.gradient("W").steps
    open_steps = [step for step in steps if "d(" in step.expression]
    assert compared.count("Adic") == len(steps) - 1
    assert compared.count("Modular") == len(steps) - len(open_steps) - 1
    assert "HighPrecision" not in compared


def test_a_program_that_divides_is_differentiated_exactly_too():
    steps = derive.derive("Y[i] = X[i]^2 / (1 + sum[j](X[j] * A[j,i])) - X[i]^(-3)")["X"].steps
    assert any("d(" in step.expression for step in steps)


def test_evaluation_is_linear_in_the_cotangent():
    d = derive.derive(SOFTMAX)
    rng = np.random.default_rng(3)
    X, G, H = rng.normal(size=(3, 2, 5))
    total = d.evaluate({"X": X}, G + 2 * H)["X"]
    np.testing.assert_allclose(total, d.evaluate({"X": X}, G)["X"] + 2 * d.evaluate({"X": X}, H)["X"], atol=1e-15)
    loss = derive.derive("L = sum[i](X[i]^2)")
    np.testing.assert_allclose(loss.evaluate({"X": X[0]}, 3.0)["X"], 6 * X[0])


def test_a_program_that_is_nowhere_defined_is_told():
    with pytest.raises(derive.EquationError, match="found no point where the program is defined"):
        derive.derive("Y[i] = log(-X[i]^2)")


def test_an_array_with_the_name_of_a_gradient_is_told():
    with pytest.raises(derive.EquationError, match="`dX` is the name of the gradient of `X`"):
        derive.derive("Y[i] = X[i] * dX[i]")


def test_a_program_without_inputs_is_told():
    with pytest.raises(derive.EquationError, match="has no input"):
        derive.derive("Y = exp(2)")


def test_a_maximum_over_an_index_that_it_lacks_is_what_stands_inside():
    assert derive.derive("Y[i] = max[j](X[i]) + sum[j](W[j])")["X"].index == "dX[i] = dY[i]"


def test_numbers_are_kept_exact():
    (node,) = [n for n in derive.derive("Y[i] = X[i]^3 / 7")["X"].found.node.walk() if n == Num(num(7).value)]
    assert node == num(7)


HOSTILE = {
    "many indices": "Y = sum[a,b,c,d,e,f,g,h,i,j,k,l](X[a,b,c,d,e,f,g,h,i,j,k,l])",
    "many sums": "Y = " + " * ".join(f"sum[{a}](X[{a}])" for a in "abcdefghijklmnopqrstuvwxyz"),
    "terms without end": "Y[i] = sum[j](X[j]" + "".join(f" * (delta[i,j] + {k} * X[j])" for k in range(2, 14)) + ")",
    "a window of a hundred million": "Y[i] = max[a](X[2*i+a])\nassume size[a] = 100000000",
    "a far offset": "Y[i] = X[i+100000000]",
    "a tower of powers": "Y = 9^9^9^9 * x",
    "exponentials of exponentials": "Y = x * exp(exp(exp(exp(exp(10)))))",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_program_too_large_to_be_proven_is_told(text):
    with pytest.raises(derive.EquationError):
        list(derive.derive(text).values())


@pytest.mark.parametrize("text", ["Y = x^x^x", "Y = " + "exp(-(" * 19 + "x" + "))" * 19, "Y = x^(10^9)"])
def test_odd_programs_are_derived(text):
    (gradient,) = derive.derive(text).values()
    assert gradient.index.startswith("dx = ")


@pytest.mark.parametrize(
    ("text", "law"),
    [
        ("Y[i] = X[i] * (X[i] > 0)", "derivative of a comparison: it is constant between its jumps"),
        ("y = max[i](X[i])", "derivative of an extremum: it moves with the place where it is attained"),
        ("y = mean[i](X[i])", "derivative of a sum over an index"),
        ("Y[i] = ln(X[i]) + σ(X[i]) + atan(X[i])", "derivative of a function"),
    ],
)
def test_step_is_named_after_its_law(text, law):
    laws = [step.law for step in derive.derive(text)["X"].steps]
    assert law in laws
    assert laws.count("derivative of a sum") <= text.count("+")
