"""`verify` turns red for wrong docstrings, wrong code and wrong laws, each in its own column."""

from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np
import pytest

from chainrule import layers
from chainrule.catalogue import docstring_of
from chainrule.derive.engine import laws
from chainrule.derive.language.expressions import Div, Partial, Pow, mul, num
from chainrule.verify import WAYS, verify_layers
from chainrule.verify.specimens import LAYERS
from chainrule.verify.verdict import specimens_of, verify_variant


class SoftmaxWithoutItsMean(layers.Softmax):
    def backward(self, dY, cache):
        return cache * dY, {}


class SoftmaxOfTheWrongShape(layers.Softmax):
    def backward(self, dY, cache):
        return super().backward(dY, cache)[0][:1], {}


class SoftmaxThatRaises(layers.Softmax):
    def backward(self, dY, cache):
        raise IndexError("out of bounds")


class DoubledSoftmax(layers.Softmax):
    """Consistent with itself, but no softmax."""

    def forward(self, X):
        Y, cache = super().forward(X)
        return 2 * Y, cache

    def backward(self, dY, cache):
        return super().backward(2 * dY, cache)


class ShiftedSoftmax(layers.Softmax):
    """All gradients are right, and the output is not."""

    def forward(self, X):
        Y, cache = super().forward(X)
        return Y + 1, cache


def verify_code(layer):
    specimen = replace(LAYERS["softmax"], make=lambda rng, dtype: layer())
    return verify_variant("Softmax", docstring_of(layers.Softmax), "", [specimen])


def verify_docstring(old, new, layer=layers.LayerNorm):
    docstring = docstring_of(layer)
    assert old in docstring
    return verify_variant(layer.__name__, docstring.replace(old, new), "", specimens_of(layer, ""))


def red(verdict):
    """The columns that are red."""
    assert verdict.ok == all(finding.ok for finding in verdict.ways.values())
    return [way for way, finding in verdict.ways.items() if not finding.ok]


@pytest.mark.parametrize("layer", [SoftmaxWithoutItsMean, SoftmaxOfTheWrongShape, SoftmaxThatRaises])
def test_a_wrong_backward_is_red_in_its_own_column(layer):
    assert red(verify_code(layer)) == ["coded"]


def test_a_wrong_backward_is_told_by_its_size_its_shape_or_its_error():
    assert verify_code(SoftmaxWithoutItsMean).ways["coded"].note.startswith("dX is off by ")
    assert verify_code(SoftmaxOfTheWrongShape).ways["coded"].note == "dX has shape (1, 5), but must have (7, 5)"
    assert verify_code(SoftmaxThatRaises).ways["coded"].note == "IndexError: out of bounds"


def test_code_that_computes_something_else_is_red_by_differences_too():
    assert red(verify_code(DoubledSoftmax)) == ["coded", "differenced"]
    assert red(verify_code(ShiftedSoftmax)) == ["coded"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (" - mean[m](dXhat[s,m]) - ", " - "),  # mu taken for a constant
        ("Xhat[s,n] * mean[m](dXhat[s,m] * Xhat[s,m])", "mean[m](dXhat[s,m] * Xhat[s,m])"),
        ("dbias[n]   = sum[s](dY[s,n])", "dbias[n]   = mean[s](dY[s,n])"),
        ("    dbias[n]   = sum[s](dY[s,n])\n", ""),
    ],
)
def test_a_wrong_term_in_a_docstring_is_red_in_its_own_column(old, new):
    assert red(verify_docstring(old, new)) == ["written"]


def test_a_wrong_forward_in_a_docstring_is_red_in_every_other_column():
    verdict = verify_docstring("mean[n]((X[s,n] - mu[s])^2)", "sum[n]((X[s,n] - mu[s])^2)")
    assert red(verdict) == ["written", "coded", "differenced", *(["PyTorch"] if torch_is_there() else [])]


@pytest.mark.parametrize(
    ("old", "new", "wrong"),
    [
        ("dY[s,t,n] + dP[s,t+1,n]", "dY[s,t,n] + dP[s,t,n]", ["derived", "written"]),
        ("dY[s,t,n] + dP[s,t+1,n]", "dP[s,t+1,n]", ["derived", "written"]),
        ("= H[s,t-1,n]", "= H[s,t-2,n]", list(WAYS)),
    ],
)
def test_a_wrong_recurrence_is_red(old, new, wrong):
    found = red(verify_docstring(old, new, layers.RNN))
    assert found == [way for way in wrong if way != "PyTorch" or torch_is_there()]


def test_equations_that_cannot_be_read_leave_nothing_to_compare_with():
    verdict = verify_docstring("dbias[n]   =", "dbias[n    =")
    assert red(verdict) == list(WAYS)
    assert "line 14, column 16" in verdict.ways["written"].note


def test_a_wrong_law_of_the_engine_is_red_in_its_own_column(monkeypatch):
    def by_quotient(of, by):  # ∂(a / b) = ∂a / b + a ∂b / b², with the wrong sign
        a, b = of.numerator, of.denominator
        return Div(Partial(a, by), b) if by.name not in b.names else mul(a, Partial(b, by), Pow(b, num(-2)))

    table = tuple((name, node, by_quotient if node is Div else law) for name, node, law in laws.LAWS)
    monkeypatch.setattr("chainrule.derive.engine.engine.LAWS", table)
    (verdict,) = verify_layers([layers.Softmax])
    assert red(verdict) == ["derived"]
    assert verdict.ways["derived"].note.startswith("WrongStepError: quotient rule: dX[s,k] = ")


def test_without_pytorch_its_column_says_so(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    (verdict,) = verify_layers([layers.ReLU])
    assert verdict.ok
    assert (verdict.ways["PyTorch"].error, verdict.ways["PyTorch"].note) == (None, "not installed")


def test_the_largest_error_of_all_specimens_counts():
    right, wrong = LAYERS["softmax"], replace(LAYERS["softmax"], make=lambda rng, dtype: SoftmaxWithoutItsMean())
    for specimens in ([right, wrong], [wrong, right]):
        verdict = verify_variant("Softmax", docstring_of(layers.Softmax), "", specimens)
        assert verdict.ways["coded"].error > 0.01
        assert np.isfinite(verdict.ways["coded"].error)


def torch_is_there():
    return sys.modules.get("torch") is not None
