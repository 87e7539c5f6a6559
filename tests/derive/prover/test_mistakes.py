"""Mistakes that students make, each with the repair that it gets."""

import pytest

from chainrule.derive import prove

SOFTMAX = "forward\n  Y[i,j] = exp(X[i,j]) / sum[k](exp(X[i,k]))\n"
BATCH_NORM = """forward
    mu[n]     = mean[s](X[s,n])
    var[n]    = mean[s]((X[s,n] - mu[n])^2)
    Xhat[s,n] = (X[s,n] - mu[n]) / sqrt(var[n] + eps)
    Y[s,n]    = g[n] * Xhat[s,n] + b[n]
"""
ATTENTION = """forward
    E[i,j] = sum[k](Q[i,k] * K[j,k]) / sqrt(size[k])
    A[i,j] = exp(E[i,j]) / sum[l](exp(E[i,l]))
    Y[i,f] = sum[j](A[i,j] * V[j,f])
"""
RIDGE = """forward
    R[s] = sum[m](X[s,m] * W[m]) - T[s]
    L    = sum[s](R[s]^2) / 2 + lam * sum[m](W[m]^2) / 2
"""
RELU = "forward\n  H[s,n] = max(0, sum[m](X[s,m] * W[n,m]))\n  L = sum[s,n](V[n] * H[s,n])\n"
SQUARES = "forward\n  Y[s] = sum[m](X[s,m] * w[m])\n  L = mean[s]((Y[s] - T[s])^2)\n"
LIKELIHOOD = "forward\n  L = -sum[i,k](T[i,k] * log(X[i,k])) / size[i]\n"

MISTAKES = {
    "only the diagonal of the Jacobian": (
        f"{SOFTMAX}gradient dX[m,n]\n  = dY[m,n] * Y[m,n] * (1 - Y[m,n])\n",
        "sum[j](dY[m,j] * d(Y[m,j])/d(X[m,n]))",
        "Only Y[m,n] is counted, but X[m,n] reaches every Y[m,j].",
    ),
    "statistics over the features": (
        f"{BATCH_NORM}gradient dX[s,n]\n  = g[n] / sqrt(var[n] + eps)"
        " * (dY[s,n] - mean[k](dY[s,k]) - Xhat[s,n] * mean[k](dY[s,k] * Xhat[s,k]))\n",
        "g[n] / sqrt(var[n] + eps) * (dY[s,n] - mean[h](dY[h,n]) - Xhat[s,n] * mean[h](dY[h,n] * Xhat[h,n]))",
        "The sums run over the axis of n, but should over that of s.",
    ),
    "attention's scale": (
        f"{ATTENTION}gradient dQ[i,k]\n  = sum[j](dE[i,j] * K[j,k])\n",
        "sum[j](dE[i,j] * K[j,k]) / sqrt(size[k])",
        "The division by `sqrt(size[k])` is missing.",
    ),
    "the penalty": (
        f"{RIDGE}gradient dW[m]\n  = sum[s](R[s] * X[s,m])\n",
        "sum[s](R[s] * X[s,m]) + lam * W[m]",
        "The term `lam * W[m]` is missing",
    ),
    "the mask": (
        f"{RELU}gradient dW[n,m]\n  = sum[s](V[n] * X[s,m])\n",
        "sum[s](V[n] * X[s,m] * (H[s,n] > 0))",
        "The factor `H[s,n] > 0` is missing",
    ),
    "the 2 of a square": (
        f"{SQUARES}gradient dw[m]\n  = sum[s]((Y[s] - T[s]) * X[s,m]) / size[s]\n",
        "2 * sum[s]((Y[s] - T[s]) * X[s,m]) / size[s]",
        "The factor 2 is missing.",
    ),
    "the number of samples": (
        f"{LIKELIHOOD}gradient dX[i,k]\n  = -T[i,k] / X[i,k]\n",
        "-T[i,k] / (X[i,k] * size[i])",
        "The factor 1/size[i] is missing.",
    ),
    "too many indices": (
        "forward\n  Y[s,n] = sum[m](X[s,m] * W[n,m]) + b[n]\ngradient db[n]\n  = sum[s](dY[s,n] * b[s,n])\n",
        "sum[s](dY[s,n])",
        "`b` has 2 indices here, but 1 index elsewhere",
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistake_is_repaired_and_its_repair_accepted(name):
    text, repair, reason = MISTAKES[name]
    verdict = prove(text)
    rows = text.split("\n")
    assert (verdict.line, verdict.repair) == (len(rows) - 1, repair)
    assert reason in verdict.text
    rows[-2] = f"  = {repair}"
    assert prove("\n".join(rows)).ok


def test_heads_may_be_capitals_and_have_a_colon():
    assert prove("Forward:  # of the layer\n  Y[i] = X[i]^2\nGradient dX[i]:\n  = 2 * X[i] * dY[i]\n").ok
    assert prove("```\nFORWARD\nY[i] = X[i]\nGRADIENT dX[i]\n= dY[i]\n```\n").ok


def test_sum_over_an_index_that_stands_nowhere_is_a_wrong_shape():
    text = "forward\n  Y[s,n] = sum[m](X[s,m] * W[n,m]) + b[n]\ngradient db[n]\n  = sum[x](dY[s,n])\n"
    verdict = prove(text)
    assert (verdict.line, verdict.repair) == (4, "sum[s](dY[s,n])")
