"""Jacobians, Hessians and differentials as claims: right ones pass, wrong ones are refused at their line."""

import pytest

from chainrule.derive import EquationError, prove

SOFTMAX = "forward\n  p[i] = exp(o[i]) / sum[j](exp(o[j]))\n"
LOGISTIC = "forward\n  L = sum[i](softplus(sum[m](x[i,m] * w[m]) + b))\n"
SQUARES = "forward\n  e[i] = y[i] - sum[m](X[i,m] * w[m])\n  L = sum[i](e[i]^2)\n"
LINEAR = "forward\n  Y[s,n] = sum[m](X[s,m] * W[n,m]) + b[n]\n"
CUBES = "forward\n  L = sum[i](x[i]^3)\n"
LAYER = "forward\n  z[i] = sum[j](W[i,j] * x[j])\n  h[i] = tanh(z[i])\n"
CURVED = "sigmoid(sum[j](x[i,j] * w[j]) + b) * (1 - sigmoid(sum[j](x[i,j] * w[j]) + b))"

RIGHT = [
    (SOFTMAX, "jacobian d(p[i])/d(o[k])\n = p[i] * (delta[i,k] - p[k])"),
    (SOFTMAX, "derivative ∂p[i]/∂o[k] = p[i] * delta[i,k] - p[i] * p[k]"),
    (LAYER, "jacobian ∂h[i]/∂x[k]\n = sum[j](∂h[i]/∂z[j] * ∂z[j]/∂x[k])\n = (1 - h[i]^2) * W[i,k]"),
    (LOGISTIC, f"gradient d(dw[m])/d(w[k])\n = sum[i]({CURVED} * x[i,m] * x[i,k])"),
    (LOGISTIC, f"hessian d2(L)/d(w[m])d(b)\n = sum[i]({CURVED} * x[i,m])"),
    (LOGISTIC, f"hessian ∂²L/∂b²\n = sum[i]({CURVED})"),
    (SQUARES, "hessian w[m], w[k]\n = 2 * sum[i](X[i,m] * X[i,k])"),
    (SQUARES, "hessian d^2(L)/(d(w[m]) * d(y[i])) = -2 * X[i,m]"),
    (CUBES, "jacobian d(d(dx[m])/d(x[k]))/d(x[l]) = 6 * delta[m,k] * delta[m,l]"),
    (SQUARES, "differential dL\n = 2 * sum[i](e[i] * de[i])\n = -2 * sum[i,m](e[i] * X[i,m] * dw[m])"),
    (SQUARES, "differential de[i] = dy[i] - sum[m](X[i,m] * dw[m])"),
    (LINEAR, "differential dY[s,n] = sum[m](dX[s,m] * W[n,m] + X[s,m] * dW[n,m]) + db[n]"),
]
WRONG = [
    (SOFTMAX, "jacobian d(p[i])/d(o[k])\n = p[i] * (delta[i,k] + p[k])", 4, "p[i] * (delta[i,k] - p[k])"),
    (SOFTMAX, "jacobian d(p[i])/d(o[k])\n = p[i] * (1 - p[i]) * delta[i,k]", 4, None),
    (LAYER, "jacobian ∂h[i]/∂x[k]\n = (1 - z[i]^2) * W[i,k]", 5, "(1 - h[i]^2) * W[i,k]"),
    (LAYER, "jacobian ∂h[i]/∂x[k]\n = (1 - h[i]^2) * W[i,k]\n = (1 + h[i]^2) * W[i,k]", 6, "(1 - h[i]^2) * W[i,k]"),
    (SQUARES, "hessian w[m], w[k]\n = sum[i](X[i,m] * X[i,k])", 5, "2 * sum[i](X[i,m] * X[i,k])"),
    (SQUARES, "gradient d(dw[m])/d(w[k])\n = 2 * sum[i](X[i,m]^2) * delta[m,k]", 5, None),
    (LOGISTIC, "hessian ∂²L/∂w[m]∂b\n = sum[i](sigmoid(sum[j](x[i,j] * w[j]) + b) * x[i,m])", 4, None),
    (SQUARES, "differential dL\n = 2 * sum[i,m](e[i] * X[i,m] * dw[m])", 5, "-2 * sum[i,m](e[i] * X[i,m] * dw[m])"),
    (LINEAR, "differential dY[s,n] = sum[m](dX[s,m] * W[n,m] + X[s,m] * dW[n,m])", 3,
     "sum[m](dX[s,m] * W[n,m] + X[s,m] * dW[n,m]) + db[n]"),
    (LAYER, "differential dz[i]\n = sum[j](W[i,j] * dx[j] + dW[i,j] * x[j])\n = sum[j](W[i,j] * dx[j])", 6, None),
]  # fmt: skip


@pytest.mark.parametrize(("forward", "claim"), RIGHT)
def test_a_right_derivative_follows(forward, claim):
    verdict = prove(forward + claim)
    assert verdict.ok, verdict.text


@pytest.mark.parametrize(("forward", "claim", "line", "repair"), WRONG[:-2])
def test_a_wrong_derivative_is_refused_with_a_counterexample(forward, claim, line, repair):
    verdict = prove(forward + claim)
    assert verdict.line == line
    assert not verdict.ok
    assert verdict.first_wrong.finding.counterexample
    if repair:
        assert verdict.repair == repair


def test_a_differential_that_is_dropped_on_the_way_is_refused():
    forward, claim, line, _ = WRONG[-1]
    assert prove(forward + claim, repairs=False).line == line


def test_what_a_differential_holds_constant_is_told():
    verdict = prove(SQUARES + "differential dL = -2 * sum[i,m](e[i] * X[i,m] * dw[m])")
    assert "y, X held constant: no line has dy, dX" in verdict.text


def test_a_differential_and_a_gradient_stand_in_one_text():
    text = "differential dL = -2 * sum[i,m](e[i] * X[i,m] * dw[m])\ngradient dw[m] = -2 * sum[i](e[i] * X[i,m])"
    verdict = prove(SQUARES + text)
    assert verdict.summary == "Every line follows; all 2 claims are right."


@pytest.mark.parametrize(
    ("claim", "problem"),
    [
        ("jacobian d(p[i])/d(o[i]) = p[i]", "the index `i` is used twice over in what is claimed"),
        ("jacobian dp[i] = p[i]", "expected a derivative such as d(Y[i])/d(X[k]) after `jacobian`, found `dp`"),
        ("jacobian d(p[i])/d(q[k]) = p[i]", "`q` is unknown"),
        ("jacobian d(p[i])/d(o[k,l]) = p[i]", "`o` has 2 indices here, but 1 index elsewhere"),
        ("jacobian d(exp(p[i]))/d(o[k]) = p[i]", "expected one element of an array on top"),
        ("hessian o[i], o[k] = p[i]", "`p` is no scalar; say whose Hessian it is"),
        ("hessian o[i] = p[i]", "expected two elements after `hessian`"),
        (
            "differential p[i] = do[i]",
            "expected the differential of a name in the forward program",
        ),
        ("jacobian d(p[i])/d(o[k])", "expected at least one line that begins with `=` after a jacobian"),
    ],
)
def test_a_claim_that_cannot_be_read_is_told(claim, problem):
    with pytest.raises(EquationError) as caught:
        prove(SOFTMAX + claim)
    assert problem in caught.value.problem
