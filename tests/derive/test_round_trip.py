"""What `derive` prints, `prove` reads and finds right: layers, the gallery, and random programs.

`python -m tests.derive.random_programs --catalogue` tries all layers and the whole gallery.
"""

import pytest
from tests.derive.random_programs import Writer, catalogue_entries, judge

from chainrule import catalogue
from chainrule.derive import EquationError, derive, prove

SOME = ("MaxPool2d", "LayerNorm", "CrossEntropyLoss", "BatchNorm1d", "GELU", "attention", "focal_loss")
ENTRIES = [entry for entry in catalogue_entries() if entry.name in SOME]


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.heading)
def test_what_derive_writes_of_the_catalogue_follows(entry: catalogue.Entry) -> None:
    verdict = prove(derive(entry.forward, entry.wanted).text(), repairs=False)
    assert verdict.ok, verdict.summary


@pytest.mark.parametrize("seed", range(8))
def test_a_random_program_ends_in_a_proven_answer_or_in_one_sentence(seed: int) -> None:
    text = Writer(seed).program()
    kind, said = judge(text)
    assert kind in ("proven", "told", "undecided"), f"{said}\n{text}"


@pytest.mark.parametrize(
    "program",
    [
        "Y[s,c,i] = max[a](X[s,c,2*i+a])\nassume size[a] = 2",
        "Y[i] = max[a](X[i+a]) + Z[i]",
        "Y[i] = min[p](X[i] * p) + X[i]\nassume size[p] = 4",
        "Y[i] = mean[p](max[q](X[i] * p - q^2))\nassume size[p] = 4\nassume size[q] = 3",
        "v[c] = mean[s,w]((X[s,c,nw] - m[c])^2)\nY[s,c,w] = X[s,c,w] / sqrt(v[c] + eps)",
        "Y[q] = min(sqrt(A[q]), B[q]) / min(sqrt(A[q]), B[q]) * X[q]",
        "Y[i,j] = where(X[i,j] > X[j,i], X[i,j]^2, 0)",
        "L = sum[i](T[i] * log(P[i]) + (1 - T[i]) * log(1 - P[i]))",
        "Y[i] = log(X[i] - 2)",
        "Y[i] = sqrt(-X[i])",
        "Y = log(a) * log(b - a) * log(c - b)",
        "Y = max[i,q](tanh(A) * U[i] * W[q]) + sqrt(max[i](U[i] * A))",
        "Y[s,v] = sqrt(where(delta[s,v] <= m[v], a, delta[s,v])) * Z[v]",
        "V[u,s] = (0.25 - 0.25) * Z[u] * W[s]\nY[s,u] = (a - mean[i,j](V[i,j])) * W[s] * Z[u] * X[s]",
        "Y[p,q] = log(max(W[q,p], Q[p,p])) * Z[p] * U[q]",
        "Y[l] = min(where(X[l] != l, 0.1, X[l]), T[l,l] / T[l,l]) * Z[l]",
        "Y[q,p,m] = max(where(z[p,m] != t, delta[p,m], z[p,m]), t * delta[m,q]) * Z[q]",
        "V[i,j] = X[i,j]^(-1) * p[i]\nY = max[i,j](V[i,j])",
        "V[k] = sqrt(size[k] / where(z[k] < k, a[k], z[k]) / z[k]) * Z[k]\nY = c + min[t](V[t])",
        "V[k] = (X[k,k]^0 - X[k,k]^0) * Z[k]\nY[q] = Q[q] / Q[q] * max[n](V[n]) * Z[q]",
        "Y = (a - a)^0 + b",
        "V[v,u] = (delta[v,u] - t) * A[v] * B[u]\n"  # sums of 0 but for rounding
        "Y[m] = (where(0 != sum[u,p](sigmoid(W[u]) * U[u] * P[p]), t, 2) - mean[j,p](V[j,p])) * Z[m]",
        "V[k] = log(W[k]) * G[k]\nY[m,k] = where(0 != sum[u,p](sigmoid(W[u]) * U[u] * P[p]), t, 1) * Z[m] * G[k]",
        "V[t,m] = A[t] / max(where(delta[m,t] < 0.1, a, delta[m,t]), t) * B[m]\nY[s] = c[s] - min[q,p](V[q,p])",
    ],
)
def test_what_derive_writes_follows(program: str) -> None:
    verdict = prove(derive(program).text(), repairs=False)
    assert verdict.ok, verdict.text


@pytest.mark.parametrize(
    "program",
    ["Y[q] = max(X[q], q / q)", "Y = relu((a - a)^(-1))", "Y = where(log(-1 - a^2) > 0, a, b)", "Y = log(-1 - a^2)"],
)
def test_what_is_undefined_is_hidden_by_no_case(program: str) -> None:
    with pytest.raises(EquationError, match="line 1: `Y` divides by 0"):
        derive(program)


@pytest.mark.parametrize("number", [70012404, 70013055])  # a tie and a whole exponent by chance
def test_no_point_is_special_by_chance(number: int) -> None:
    kind, said = judge(Writer(number).program())
    assert kind == "proven", said
