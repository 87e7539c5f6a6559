"""Repairs that put back what was left out: a factor of two parts, a moment, a root of 2π, a term by its path."""

import pytest

from chainrule.derive import prove

NORM = """forward
    mu[s]     = mean[i](X[s,i])
    var[s]    = mean[i]((X[s,i] - mu[s])^2)
    Xhat[s,i] = (X[s,i] - mu[s]) / sqrt(var[s] + eps)
    Y[s,i]    = gamma[i] * Xhat[s,i]
gradient dX[m,n]
    where G[s,i] = dY[s,i] * gamma[i]
"""
RMS = """forward
    q[s]   = mean[i](X[s,i]^2) + eps
    Y[s,i] = gain[i] * X[s,i] / sqrt(q[s])
gradient dX[s,n]
"""
GELU = """forward
    P[m,n] = (1 + erf(X[m,n] / sqrt(2))) / 2
    Y[m,n] = X[m,n] * P[m,n]
gradient dX[m,n]
"""


@pytest.mark.parametrize(
    ("text", "repair"),
    [
        (
            f"{NORM}    = (G[m,n] - mean[i](G[m,i]) - Xhat[m,n]) / sqrt(var[m] + eps)",
            "(G[m,n] - mean[i](G[m,i]) - Xhat[m,n] * mean[i](G[m,i] * Xhat[m,i])) / sqrt(var[m] + eps)",
        ),
        (
            f"{GELU}    = dY[m,n] * (P[m,n] + X[m,n] * exp(-X[m,n]^2 / 2))",
            "dY[m,n] * (P[m,n] + X[m,n] * exp(-X[m,n]^2 / 2) / sqrt(2 * pi))",
        ),
        (
            f"{GELU}    = dY[m,n] * (P[m,n] + X[m,n] * exp(-X[m,n]^2 / 2) / sqrt(2))",
            "dY[m,n] * (P[m,n] + X[m,n] * exp(-X[m,n]^2 / 2) / sqrt(2 * pi))",
        ),
        (
            f"{RMS}    = sum[i](dY[s,i] * d(Y[s,i])/d(X[s,n]))\n"
            "    = -X[s,n] / q[s]^1.5 * mean[i](dY[s,i] * gain[i] * X[s,i])",
            "dY[s,n] * (gain[n] / sqrt(q[s])) - X[s,n] / q[s]^1.5 * mean[i](dY[s,i] * gain[i] * X[s,i])",
        ),
    ],
)
def test_what_was_left_out_is_put_back(text, repair):
    finding = prove(text).first_wrong.finding
    assert finding.repair == repair


def test_a_factor_that_should_divide_stays_in_its_place():
    text = "forward\n Y[i] = X[i] - log(sum[k](exp(X[k])))\ngradient dX[n]\n"
    text += " = dY[n] - exp(X[n]) * sum[k](exp(X[k])) * sum[j](dY[j])"
    assert prove(text).first_wrong.finding.repair == "dY[n] - exp(X[n]) / sum[k](exp(X[k])) * sum[j](dY[j])"
