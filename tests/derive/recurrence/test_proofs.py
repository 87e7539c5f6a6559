"""A person's backward recurrence: right ones follow, wrong ones are refused at their line, with the repair."""

import pytest

from chainrule.derive import EquationError, derive, parse_derivation, prove

SCAN = "forward\n  h[-1] = h0\n  h[t] = a[t] * h[t-1] + x[t]\n"
SPACE = "forward\n  h[t,n] = A[n] * h[t-1,n] + B[t,n] * x[t]\n  y[t] = sum[n](C[t,n] * h[t,n])\n"
RNN = "forward\n  h[-1,n] = h0[n]\n  h[t,n] = tanh(sum[m](W[n,m] * x[t,m]) + sum[k](U[n,k] * h[t-1,k]))\n"
TWO = "forward\n  u[t] = tanh(w * x[t] + r * h[t-1])\n  h[t] = f[t] * h[t-1] + u[t]\n  L = sum[t](v[t] * h[t]^2)\n"
DELTA = "where e[t,n] = (dh[t,n] + sum[k](e[t+1,k] * U[k,n])) * (1 - h[t,n]^2)"

RIGHT = [
    SCAN + "gradient dx[t]\n where g[t] = dh[t] + a[t+1] * g[t+1]\n = g[t]\ngradient da[t]\n = g[t] * h[t-1]\n"
    "gradient dh0\n = a[0] * g[0]",
    SCAN + "gradient da[t]\n where q[j] = q[j+1] * a[j+1] + dh[j]\n = q[t] * h[t-1]",
    SCAN + "gradient dx[t]\n = sum[r](dh[r] * d(h[r])/d(x[t]))",
    SPACE + "gradient dh[t,n]\n = dy[t] * C[t,n] + A[n] * dh[t+1,n]\ngradient dA[n]\n = sum[t](dh[t,n] * h[t-1,n])",
    RNN + f"gradient dW[n,m]\n {DELTA}\n = sum[t](e[t,n] * x[t,m])\ngradient dU[n,k]\n = sum[t](e[t,n] * h[t-1,k])\n"
    "gradient dh0[n]\n = sum[k](e[0,k] * U[k,n])",
    TWO + "gradient dh[t]\n = 2 * v[t] * h[t] + dh[t+1] * f[t+1] + du[t+1] * (1 - u[t+1]^2) * r\n"
    "gradient du[t]\n = dh[t]\ngradient dr\n = sum[t](du[t] * (1 - u[t]^2) * h[t-1])",
]
WRONG = [  # the derivation, the line that does not follow, and what the repair says
    (SCAN + "gradient dx[t]\n where g[t] = dh[t] + a[t] * g[t+1]\n = g[t]", 6, "g[t] = dh[t] + a[t+1] * g[t+1]"),
    (SCAN + "gradient dx[t]\n where g[t] = a[t+1] * g[t+1]\n = g[t]", 6, "g[t] = dh[t] + a[t+1] * g[t+1]"),
    (SCAN + "gradient dx[t]\n where g[t] = dh[t] + a[t+1] * g[t+1]\n = g[t+1]", 6, "g[t]"),
    (SCAN + "gradient da[t]\n where g[t] = dh[t] + a[t+1] * g[t+1]\n = g[t] * h[t]", 6, "g[t] * h[t-1]"),
    (SCAN + "gradient dh0\n where g[t] = dh[t] + a[t+1] * g[t+1]\n = g[0]", 6, ""),
    (SCAN + "gradient dh0\n = 0", 5, ""),
    (SCAN + "gradient dx[t]\n = dh[t]", 5, ""),
    (SCAN + "gradient dx[t]\n = dh[t] + a[t+1] * dh[t+1]", 5, ""),
    (SPACE + "gradient dh[t,n]\n = dy[t] * C[t,n] + A[n] * dh[t,n]", 5, "dy[t] * C[t,n] + A[n] * dh[t+1,n]"),
    (SPACE + "gradient dh[t,n]\n = dy[t] * C[t,n] + A[n] * dh[t-1,n]", 5, "dy[t] * C[t,n] + A[n] * dh[t+1,n]"),
    (SPACE + "gradient dh[t,n]\n = dy[t] * C[t,n]", 5, ""),
    (SPACE + "gradient dA[n]\n = sum[t](dh[t,n] * h[t,n])", 5, "sum[t](dh[t+1,n] * h[t,n])"),
]


@pytest.mark.parametrize("text", RIGHT)
def test_a_right_backward_recurrence_follows(text):
    assert prove(text).ok
    assert parse_derivation(text).claims


@pytest.mark.parametrize(("text", "line", "repair"), WRONG)
def test_a_wrong_backward_recurrence_is_refused_at_its_line(text, line, repair):
    verdict = prove(text)
    assert not verdict.ok
    assert verdict.line == line
    assert repair in (verdict.repair or "")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (SPACE + "gradient dh[t,n]\n = dh[t,n]", "does not go step by step"),
        (SPACE + "gradient dh[t,n]\n where q[t,n] = dh[t,n]\n = q[t,n]", "does not go step by step"),
        (SCAN + "gradient dh[t]\n = dh[t] + a[t+1] * dh[t+1]", "`dh` arrives from outside at `h`"),
        (SCAN + "gradient dx[t]\n where g[t] = dh[t] + g[t+1] + g[t-1]\n = g[t]", "does not go step by step"),
        (SCAN + "gradient dx[t]\n where g[t] = dh[t] + a[t+1] * g[t]\n = g[t]", "is defined by itself (cyclic)"),
        (SCAN + "gradient dx[t]\n = dx[t+1]", "stands in its own derivation (cyclic)"),
    ],
)
def test_a_circle_is_refused_in_a_sentence(text, sentence):
    with pytest.raises(EquationError) as caught:
        prove(text)
    assert sentence in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "h[-1] = h0\nh[t] = a[t] * h[t-1] + x[t]",
        "h[0] = h0\nh[t] = a[t] * h[t-1] + x[t]",
        "h[-1] = p\nh[-2] = q\nh[t] = a * h[t-1] + b * h[t-2] + x[t]\nL = sum[t](w[t] * h[t]^2)",
        "v[t,i] = mu * v[t-1,i] + sum[j](A[i,j] * w[t-1,j]) - b[t,i]\nw[t,i] = w[t-1,i] - lr * v[t,i]",
        "a[t] = tanh(w * x[t] + u * a[t-1])\nb[t] = tanh(v * x[t] + q * b[t+1])\ny[t] = a[t] * b[t]",
    ],
)
def test_what_derive_prints_is_what_prove_reads(text):
    printed = derive(text).text()
    assert prove(printed, repairs=False).ok
    assert derive("\n".join(printed.split("\n")[1 : text.count("\n") + 2])).text() == printed


def test_all_forms_of_a_derivation_are_written():
    d = derive("h[-1] = h0\nh[t] = a[t] * h[t-1] + x[t]")
    assert r"g_{t} &= \mathrm{d}h_{t} + g_{t+1}\,a_{t+1}" in d["x"].latex
    assert "g_{t+1}" in d.markdown()
    html = d.html()
    assert "<mi>g</mi>" in html
    assert "h[-1]" not in html  # typeset, start and all
