"""Claims with ranges, products, shorthands, unknown functions and gradients that arrive from elsewhere."""

import pytest

from chainrule.derive import EquationError, prove

RIGHT = [
    ("Y[s] = prod[i](X[s,i])", "dX[s,i]", "dY[s] * Y[s] / X[s,i]"),
    ("Y[s] = prod[i](X[s,i])", "dX[s,i]", "dY[s] * prod[j!=i](X[s,j])"),
    ("Y[s] = prod[i](X[s,i])", "dX[s,i]", "dY[s] * prod[j<i](X[s,j]) * prod[j>i](X[s,j])"),
    ("Y[i] = cumsum[i](X[i])", "dX[i]", "sum[j>=i](dY[j])"),
    ("Y[i] = cumsum[i](X[i])", "dX[i]", "sum[j](dY[j]) - cumsum[i](dY[i]) + dY[i]"),
    ("Y[i] = cumprod[i](X[i])", "dX[i]", "sum[j>=i](dY[j] * Y[j]) / X[i]"),
    ("L = sum[i<j](x[i] * x[j])", "dx[i]", "sum[j](x[j]) - x[i]"),
    ("L = sum[i<j](x[i] * x[j])", "dx[i]", "sum[j!=i](x[j])"),
    ("Y[s,k] = softmax[k](X[s,k])", "dX[s,k]", "Y[s,k] * (dY[s,k] - sum[j](dY[s,j] * Y[s,j]))"),
    ("Y[s,k] = softmax[k](X[s,k])", "dX[s,k]", "softmax[k](X[s,k]) * (dY[s,k] - sum[j](dY[s,j] * softmax[j](X[s,j])))"),
    ("L = -sum[s,k](T[s,k] * logsoftmax[k](X[s,k]))", "dX[s,k]", "softmax[k](X[s,k]) * sum[j](T[s,j]) - T[s,k]"),
    ("Y[s] = std[i](X[s,i])", "dX[s,i]", "dY[s] * (X[s,i] - mean[j](X[s,j])) / (size[i] * std[j](X[s,j]))"),
    ("Y[s] = norm[i](X[s,i])", "dX[s,i]", "dY[s] * X[s,i] / norm[j](X[s,j])"),
    ("Y[i] = arccos(X[i])", "dX[i]", "-dY[i] / sqrt(1 - X[i]^2)"),
    ("Y[i] = lgamma(X[i])", "dX[i]", "dY[i] * digamma(X[i])"),
    ("c[h] = f[h] * p[h]\ny[h] = tanh(c[h])", "dp[h]", "(dy[h] * (1 - y[h]^2) + dc_next[h]) * f[h]"),
    ("Y[i] = f(g(X[i]))", "dX[i]", "dY[i] * f'(g(X[i])) * g'(X[i])"),
    ("Y[i] = f(X[i])*X[i]", "dX[i]", "dY[i] * (f'(X[i])*X[i] + f(X[i]))"),
    ("L = sum[i](f'(X[i]))", "dX[i]", "f''(X[i])"),
    ("Y[i] = max[j<=i](X[j])", "dX[j]", "sum[i>=j](dY[i] * where(X[j] == Y[i], 1, 0))"),
    (
        "L = sum[i,j](relu(1 - (2*delta[i,j]-1)*S[i,j]))",
        "dS[i,j]",
        "-(2*delta[i,j]-1)*where(1 - (2*delta[i,j]-1)*S[i,j] > 0,1,0)",
    ),
]

WRONG = [
    ("Y[s] = prod[i](X[s,i])", "dX[s,i]", "dY[s] * Y[s]"),
    ("Y[s] = prod[i](X[s,i])", "dX[s,i]", "dY[s] * prod[j<i](X[s,j]) * prod[j>=i](X[s,j])"),
    ("Y[s] = prod[i](X[s,i])", "dX[s,i]", "dY[s] * prod[j<i](X[s,j])"),
    ("Y[i] = cumsum[i](X[i])", "dX[i]", "sum[j>i](dY[j])"),
    ("Y[i] = cumsum[i](X[i])", "dX[i]", "sum[j<=i](dY[j])"),
    ("Y[i] = cumsum[i](X[i])", "dX[i]", "cumsum[i](dY[i])"),
    ("Y[i] = cumprod[i](X[i])", "dX[i]", "sum[j>=i](dY[j] * Y[j] / X[j])"),
    ("L = sum[i<j](x[i] * x[j])", "dx[i]", "sum[j>i](x[j])"),
    ("L = sum[i<j](x[i] * x[j])", "dx[i]", "sum[j](x[j])"),
    ("Y[s,k] = softmax[k](X[s,k])", "dX[s,k]", "dY[s,k] * Y[s,k] * (1 - Y[s,k])"),
    ("L = -sum[s,k](T[s,k] * logsoftmax[k](X[s,k]))", "dX[s,k]", "softmax[k](X[s,k]) - T[s,k]"),
    ("Y[s] = std[i](X[s,i])", "dX[s,i]", "dY[s] * (X[s,i] - mean[j](X[s,j])) / (2 * size[i] * Y[s])"),
    ("Y[s] = std[i](X[s,i])", "dX[s,i]", "dY[s] * (X[s,i] - mean[j](X[s,j])) / ((size[i] - 1) * Y[s])"),
    ("Y[s] = norm[i](X[s,i])", "dX[s,i]", "2 * dY[s] * X[s,i] / norm[j](X[s,j])"),
    ("Y[i] = arccos(X[i])", "dX[i]", "dY[i] / sqrt(1 - X[i]^2)"),
    ("Y[i] = arcsin(X[i])", "dX[i]", "dY[i] / sqrt(1 - X[i] * abs(X[i]))"),
    ("Y[i] = lgamma(X[i])", "dX[i]", "dY[i] * (log(X[i]) - 1 / (2 * X[i]))"),
    ("Y[i] = log2(X[i])", "dX[i]", "dY[i] / X[i]"),
    ("Y[i] = erfc(X[i])", "dX[i]", "2 * dY[i] * exp(-X[i]^2) / sqrt(pi)"),
    ("c[h] = f[h] * p[h]\ny[h] = tanh(c[h])", "dp[h]", "dy[h] * (1 - y[h]^2) * f[h] + dc_next[h]"),
    ("c[h] = f[h] * p[h]\ny[h] = tanh(c[h])", "dp[h]", "(dy[h] + dc_next[h]) * (1 - y[h]^2) * f[h]"),
    ("Y[i] = f(g(X[i]))", "dX[i]", "dY[i] * f'(X[i]) * g'(X[i])"),
    ("Y[i] = f(g(X[i]))", "dX[i]", "dY[i] * f'(g(X[i]))"),
    ("Y[i] = f(X[i]) + g(X[i])", "dX[i]", "dY[i] * (f'(X[i]) + f'(X[i]))"),
    ("L = sum[i](f'(X[i]))", "dX[i]", "f'(X[i])"),
    ("Y[i] = max[j<=i](X[j])", "dX[j]", "sum[i](dY[i] * where(X[j] == Y[i], 1, 0))"),
]


def _judge(forward: str, target: str, line: str) -> bool:
    return prove(f"forward\n{forward}\ngradient {target}\n    = {line}\n", repairs=False).ok


@pytest.mark.parametrize(("forward", "target", "line"), RIGHT)
def test_a_right_gradient_follows(forward: str, target: str, line: str) -> None:
    assert _judge(forward, target, line)


@pytest.mark.parametrize(("forward", "target", "line"), WRONG)
def test_a_wrong_gradient_is_refused(forward: str, target: str, line: str) -> None:
    assert not _judge(forward, target, line)


def test_a_gradient_that_arrives_from_elsewhere_follows_as_people_write_it() -> None:
    forward = "c[h] = f[h] * p[h] + i[h] * g[h]\ny[h] = o[h] * tanh(c[h])"
    assert _judge(forward, "dp[h]", "(dy[h] * o[h] * (1 - tanh(c[h])^2) + dc_next[h]) * f[h]")
    with pytest.raises(EquationError, match="`dq_next` is unknown"):
        _judge(forward, "dp[h]", "dq_next[h] * f[h]")


def test_the_derivative_that_was_forgotten_is_named() -> None:
    verdict = prove("forward\n    Y[i] = f(g(X[i]))\ngradient dX[i]\n    = dY[i] * f(g(X[i])) * g'(X[i])\n")
    assert "`f(g(X[i]))` should be `f'(g(X[i]))`" in verdict.text


def test_lines_that_are_zero_but_for_rounding_agree() -> None:
    # with two features and no eps a layer norm's gradient is 0: whatever is left is rounding
    norm = "sqrt(mean[j]((X[s,j] - mean[l](X[s,l]))^2))"
    forward = f"Y[s,i] = (X[s,i] - mean[j](X[s,j])) / {norm}\nassume size[i] = 2"
    line = f"(dY[s,i] - mean[j](dY[s,j]) - Y[s,i] * mean[j](dY[s,j] * Y[s,j])) / {norm}"
    assert _judge(forward, "dX[s,i]", line)
    assert not _judge(forward, "dX[s,i]", line + " + 1e-40 * dY[s,i]")
