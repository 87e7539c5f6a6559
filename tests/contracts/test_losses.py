"""What every loss promises, held for each specimen."""

from __future__ import annotations

import numpy as np
import pytest
from tests.contracts.tolerance import assert_close, central_slope

from chainrule import layers
from chainrule.check.model.tolerance import tolerance
from chainrule.check.trial.differences import CENTRAL_STEP, complex_step_gradient
from chainrule.verify.specimens import LOSSES

every_loss = pytest.mark.parametrize("entry", LOSSES.values(), ids=LOSSES)


def test_every_exported_loss_has_an_entry():
    exported = {name for name in layers.__all__ if issubclass(getattr(layers, name), layers.Loss)} - {"Loss"}
    assert exported <= {type(entry.make()).__name__ for entry in LOSSES.values()}


@every_loss
def test_the_gradient_agrees_with_differences(entry):
    loss = entry.make()
    X, targets = entry.arguments()
    dX = loss.backward(loss.forward(X, targets)[1])

    def function(moved):
        return loss.forward(moved, targets)[0]

    assert_close(dX, complex_step_gradient(function, X), tolerance(np.float64, X.size), "dX")
    direction = np.random.default_rng(9).normal(size=X.shape) * X.min(initial=1, where=X > 0)
    expected = central_slope(function, X, direction)
    assert_close((dX * direction).sum(), expected, tolerance(np.float64, X.size, CENTRAL_STEP), "dX")


@every_loss
def test_inputs_targets_and_caches_stay_unchanged(entry):
    loss = entry.make()
    X, targets = entry.arguments()
    X_before, targets_before = X.copy(), targets.copy()
    _, cache = loss.forward(X, targets)
    first = loss.backward(cache)
    np.testing.assert_array_equal(loss.backward(cache), first)
    np.testing.assert_array_equal(X, X_before)
    np.testing.assert_array_equal(targets, targets_before)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@every_loss
def test_the_dtype_is_kept(entry, dtype):
    loss = entry.make()
    value, cache = loss.forward(*entry.arguments(dtype))
    assert value.dtype == dtype
    assert np.ndim(value) == 0
    assert loss.backward(cache).dtype == dtype


@every_loss
def test_memory_layout_does_not_matter(entry):
    loss = entry.make()
    X, targets = entry.arguments()
    value, cache = loss.forward(X, targets)
    strided = np.repeat(np.repeat(X, 2, axis=0), 2, axis=1)[::2, ::2]
    for other in (strided, np.asfortranarray(X)):
        value_other, cache_other = loss.forward(other, targets)
        assert_close(value_other, value, tolerance(np.float64, X.size), "loss")
        assert_close(loss.backward(cache_other), loss.backward(cache), tolerance(np.float64, 1), "dX")


@pytest.mark.parametrize("name", [name for name, entry in LOSSES.items() if not entry.mixes_samples])
def test_the_loss_is_the_mean_over_the_batch(name):
    entry = LOSSES[name]
    loss = entry.make()
    X, targets = entry.arguments()
    alone = [loss.forward(X[s : s + 1], targets[s : s + 1])[0] for s in range(len(X))]
    assert_close(loss.forward(X, targets)[0], np.mean(alone), tolerance(np.float64, X.size), "loss")


@every_loss
def test_an_empty_batch_is_refused(entry):
    X, targets = entry.arguments()
    with pytest.raises(ValueError, match=r"Loss\(.*X has shape \(0, 5\)"):
        entry.make().forward(X[:0], targets[:0])
