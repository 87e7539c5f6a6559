"""Proofs about class numbers: right lines follow, and each kind of mistake is refused."""

import pytest

from chainrule.derive import derive, prove

LABELS = "forward\n    L = -mean[s](X[s,y[s]] - log(sum[k](exp(X[s,k]))))\ngradient dX[s,k]\n    = "
COMPARED = LABELS.replace("X[s,y[s]]", "sum[k](where(k == y[s], X[s,k], 0))")
EMBEDDING = "forward\n    Y[t,m] = E[idx[t],m]\ngradient dE[v,m]\n    = "
PAIRS = "forward\n    Y[s] = A[p[s],q[s]]^2\ngradient dA[i,j]\n    = "
PATH = "forward\n    S = sum[t](T[y[t],y[t+1]]^2)\ngradient dT[i,j]\n    = "
PERMUTED = "forward\n    Y[i] = x[i] * x[p[i]]\ngradient dx[i]\n    = "

ONE = "forward\n    p[k] = softmax[k](z[k])\n    L = -log(p[y])\ngradient dz[k]\n    = "

RIGHT = [
    ONE + "p[k] - delta[k,y]\n    = p[k] - where(k == y, 1, 0)",
    LABELS + "(exp(X[s,k]) / sum[j](exp(X[s,j])) - delta[k,y[s]]) / size[s]",
    LABELS + "(exp(X[s,k]) / sum[j](exp(X[s,j])) - delta[y[s],k]) / size[s]",
    LABELS + "(exp(X[s,k]) / sum[j](exp(X[s,j])) - where(k == y[s], 1, 0)) / size[s]",
    LABELS + "sum[i](d(-X[i,y[i]] + log(sum[j](exp(X[i,j]))))/d(X[s,k])) / size[s]",
    COMPARED + "(exp(X[s,k]) / sum[j](exp(X[s,j])) - delta[k,y[s]]) / size[s]",
    EMBEDDING + "sum[t](dY[t,m] * delta[v,idx[t]])",
    EMBEDDING + "sum[t,i](dY[t,i] * d(Y[t,i])/d(E[v,m]))\n    = sum[t](where(v == idx[t], dY[t,m], 0))",
    PAIRS + "2 * sum[s](dY[s] * A[i,j] * delta[i,p[s]] * delta[j,q[s]])",
    PATH + "2 * T[i,j] * sum[t](delta[i,y[t]] * delta[j,y[t+1]])",
    PERMUTED + "dY[i] * x[p[i]] + sum[j](dY[j] * x[j] * delta[i,p[j]])",
    LABELS.replace("))))\n", "))))\n    assume y[s] in k\n") + "(exp(X[s,k]) / sum[j](exp(X[s,j])) - delta[k,y[s]])"
    " / size[s] * sum[j](delta[j,y[s]])",
]
WRONG = [
    ONE + "p[k]",
    ONE + "p[k] + delta[k,y]",
    ONE + "p[k] - delta[k,1]",
    ONE + "p[k] - delta[k,0]",
    LABELS + "exp(X[s,k]) / sum[j](exp(X[s,j])) / size[s]",
    LABELS + "(exp(X[s,k]) / sum[j](exp(X[s,j])) + delta[k,y[s]]) / size[s]",
    LABELS + "(exp(X[s,k]) / sum[j](exp(X[s,j])) - delta[k,y[s]+1]) / size[s]",
    LABELS + "(exp(X[s,k]) / sum[j](exp(X[s,j])) - delta[k,y[s]]) / size[k]",
    LABELS + "(exp(X[s,k]) / sum[j](exp(X[s,j])) - delta[s,y[s]]) / size[s]",
    LABELS + "exp(X[s,k]) / sum[j](exp(X[s,j])) / size[s] - delta[k,y[s]]",
    LABELS + "(exp(X[s,y[s]]) / sum[j](exp(X[s,j])) - delta[k,y[s]]) / size[s]",
    COMPARED + "exp(X[s,k]) / sum[j](exp(X[s,j])) / size[s]",
    EMBEDDING + "dY[v,m]",
    EMBEDDING + "mean[t](dY[t,m] * delta[v,idx[t]])",
    EMBEDDING + "max[t](dY[t,m] * delta[v,idx[t]])",
    EMBEDDING + "sum[t](dY[t,m] * delta[v,t])",
    EMBEDDING + "sum[t](dY[t,m] * delta[v,idx[t]]) / sum[t](delta[v,idx[t]])",  # the mean over repeats
    # the last write wins: only the last of several equal places counts
    EMBEDDING + "sum[t](dY[t,m] * delta[v,idx[t]] * where(sum[i](where(i > t, delta[idx[i],idx[t]], 0)) > 0, 0, 1))",
    PAIRS + "2 * sum[s](dY[s] * A[i,j] * delta[i,q[s]] * delta[j,p[s]])",
    PAIRS + "2 * sum[s](dY[s] * A[i,j] * delta[i,p[s]])",
    PAIRS + "2 * sum[s](dY[s] * delta[i,p[s]] * delta[j,q[s]])",
    PATH + "2 * T[i,j] * sum[t](delta[i,y[t]] * delta[j,y[t]])",
    PATH + "2 * T[i,j] * sum[t](delta[i,y[t+1]] * delta[j,y[t]])",
    PERMUTED + "dY[i] * x[p[i]] + dY[p[i]] * x[p[i]]",
    PERMUTED + "dY[i] * x[p[i]]",
]


@pytest.mark.parametrize("text", RIGHT)
def test_right_line_follows(text):
    assert prove(text, repairs=False).ok


@pytest.mark.parametrize("text", WRONG)
def test_wrong_line_is_refused(text):
    assert not prove(text, repairs=False).ok


@pytest.mark.parametrize("text", [WRONG[0], WRONG[4], WRONG[9]])
def test_wrong_line_is_repaired(text):
    verdict = prove(text)
    head = text[: text.rindex("=") + 2]
    assert prove(head + verdict.repair.removeprefix("= "), repairs=False).ok


@pytest.mark.parametrize(
    "text",
    [
        "L = -mean[s](X[s,y[s]] - log(sum[k](exp(X[s,k]))))",
        "L = sum[s](where(y[s] == -100, 0, log(sum[k](exp(X[s,k]))) - X[s,y[s]]))",
        "Y[t] = E[y[t-1]] * exp(E[y[p[t]+1]])",
        "L = -mean[s](sum[k](where(k == y[s], X[s,k], 0)))\nassume y[s] in k",
        "m = 1/N * sum[i](x[i])\nL = sum[i]((x[i] - m)^2)\nassume size[i] = N",
        "einsum\nY[I,J] = A[I,K] * B[K,J]",
    ],
)
def test_what_derive_prints_is_read_and_follows(text):
    assert prove(derive(text).text(), repairs=False).ok


def test_a_size_has_its_name_in_claims_too():
    forward = "m = 1/N * sum[i](x[i])\nL = sum[i]((x[i] - m)^2)\nassume size[i] = N"
    text = f"forward\n{forward}\ngradient dx[i]\n    = "
    assert prove(text + "2 * (x[i] - m) - 2 / N * sum[j](x[j] - m)").ok
    assert not prove(text + "2 * (N - 1) * (x[i] - m)", repairs=False).ok  # right where the size is 2
    assert not prove(text + "2 / N * (x[i] - m)", repairs=False).ok


def test_implied_sums_and_words_hold_in_claims_too():
    text = "forward\n    einsum\n    Y[I,J] = A[I,K] * B[K,J]\ngradient dA[I,K]\n    = "
    assert prove(text + "dY[M,N] * d(Y[M,N])/d(A[I,K])\n    = dY[I,N] * B[K,N]").ok
    assert not prove(text + "dY[I,N] * B[N,K]", repairs=False).ok
