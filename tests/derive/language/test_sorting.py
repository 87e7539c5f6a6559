"""`sort[i](X[i])`: the elements from the smallest on, equal ones in the order in which they stand."""

import numpy as np
import pytest

from chainrule.derive import EquationError, derive, evaluate, parse, prove

FORWARD = "Y[s,j] = sort[j](X[s,j]) * w[j]"


@pytest.mark.torch
def test_the_gradient_of_sorting_is_that_of_torch_at_ties_too():
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    X, w, dY = rng.standard_normal((4, 6)), rng.standard_normal(6), rng.standard_normal((4, 6))
    X[0, 2] = X[0, 4]
    found = derive(FORWARD).evaluate({"X": X, "w": w}, dY)
    x, weight = torch.tensor(X, requires_grad=True), torch.tensor(w, requires_grad=True)
    (torch.sort(x, dim=1, stable=True).values * weight * torch.tensor(dY)).sum().backward()
    assert np.allclose(found["X"], x.grad, rtol=1e-12)
    assert np.allclose(found["w"], weight.grad, rtol=1e-12)
    assert np.array_equal(evaluate(parse(FORWARD), {"X": X, "w": np.ones(6)})["Y"], np.sort(X))


def test_the_largest_two_are_the_first_of_what_is_sorted_downwards():
    x = np.array([3.0, -1.0, 4.0, 1.0, 5.0])
    found = derive("L = sum[i](-sort[i](-x[i]) * (i < 2))").evaluate({"x": x})
    assert np.array_equal(found["x"], [0, 0, 1, 0, 1])


@pytest.mark.parametrize(
    ("line", "right"),
    [
        ("sum[k](dY[k] * (sum[l]((x[l] < x[j]) + (x[l] == x[j]) * (l < j)) == k))", True),
        ("sum[k](dY[k] * (sum[l](x[l] > x[j]) == k))", False),
        ("dY[j]", False),
    ],
)
def test_gradients_of_sorting_are_judged(line, right):
    text = f"forward\n    Y[k] = sort[k](x[k])\ngradient dx[j]\n    = {line}\n"
    assert prove(text, repairs=False).ok == right


@pytest.mark.parametrize("text", ["L = sum[i,j](sort[i,j](X[i,j]))", "L = sum[i](sort[i<3](x[i]))"])
def test_sorting_takes_one_index(text):
    with pytest.raises(EquationError, match="takes one index"):
        parse(text)
