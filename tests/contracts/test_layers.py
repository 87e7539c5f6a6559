"""What every layer promises, held for each specimen."""

from __future__ import annotations

import copy

import numpy as np
import pytest
from tests.contracts.tolerance import assert_close, central_slope

from chainrule import layers
from chainrule.check.model.tolerance import tolerance
from chainrule.check.trial.differences import CENTRAL_STEP, complex_step_gradient
from chainrule.verify.specimens import LAYERS, cotangent

every_layer = pytest.mark.parametrize("entry", LAYERS.values(), ids=LAYERS)
both_modes = pytest.mark.parametrize("training", [True, False], ids=["training", "evaluation"])
EXACT = tolerance(np.float64, terms=20)


def arrays_in(cache):
    """All arrays in a cache, however nested."""
    if isinstance(cache, np.ndarray):
        return [cache]
    return [array for part in cache for array in arrays_in(part)] if isinstance(cache, (list, tuple)) else []


def contraction(entry, name, dY, training):
    """The scalar Σ dY Y as a function of one array: X, or the parameter of this name."""

    def function(array):
        layer = entry.layer(complex if np.iscomplexobj(array) else np.float64, training)
        if name != "X":
            layer.params[name][...] = array
        Y, _ = layer.forward(array if name == "X" else entry.input())
        return (dY * Y).sum()

    return function


def all_gradients(entry, training):
    """Pairs of an array and its gradient by backward, by name, and the cotangent used."""
    layer, X = entry.layer(training=training), entry.input()
    Y, cache = layer.forward(X)
    dY = cotangent(Y)
    dX, grads = layer.backward(dY, cache)
    assert list(grads) == list(layer.params)
    of_input = {} if entry.classes else {"X": (X, dX)}
    return {**of_input, **{name: (layer.params[name], grad) for name, grad in grads.items()}}, dY


def of_numbers(dX, grads):
    """All gradients that a backward returns; that of tokens, which have none, must be None."""
    return [*([] if dX is None else [dX]), *grads.values()]


def test_every_exported_layer_has_an_entry():
    exported = {name for name in layers.__all__ if issubclass(getattr(layers, name), layers.Layer)} - {"Layer"}
    assert exported <= {type(entry.layer()).__name__ for entry in LAYERS.values()}


@both_modes
@every_layer
def test_every_gradient_agrees_with_the_complex_step(entry, training):
    pairs, dY = all_gradients(entry, training)
    for name, (array, gradient) in pairs.items():
        expected = complex_step_gradient(contraction(entry, name, dY, training), array)
        assert_close(gradient, expected, tolerance(np.float64, dY.size), f"d{name}")


@both_modes
@every_layer
def test_every_gradient_agrees_with_central_differences_along_a_direction(entry, training):
    pairs, dY = all_gradients(entry, training)
    for name, (array, gradient) in pairs.items():
        direction = np.random.default_rng(9).normal(size=array.shape)
        expected = central_slope(contraction(entry, name, dY, training), array, direction)
        assert_close((gradient * direction).sum(), expected, tolerance(np.float64, dY.size, CENTRAL_STEP), f"d{name}")


@both_modes
@every_layer
def test_inputs_cotangents_and_caches_stay_unchanged(entry, training):
    layer, X = entry.layer(training=training), entry.input()
    X_before = X.copy()
    Y, cache = layer.forward(X)
    dY, params = cotangent(Y), {name: array.copy() for name, array in layer.params.items()}
    before = copy.deepcopy((X, Y, dY, arrays_in(cache)))
    layer.backward(dY, cache)
    layer.parameter_gradients(dY, cache)
    for found, expected in zip([X, Y, dY, *arrays_in(cache)], [*before[:3], *before[3]], strict=True):
        np.testing.assert_array_equal(found, expected)
    np.testing.assert_array_equal(X, X_before)
    for name, array in layer.params.items():
        np.testing.assert_array_equal(array, params[name])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@both_modes
@every_layer
def test_the_dtype_is_kept(entry, training, dtype):
    layer = entry.layer(dtype, training)
    Y, cache = layer.forward(entry.input(dtype))
    dX, grads = layer.backward(cotangent(Y), cache)
    assert {array.dtype for array in (Y, *of_numbers(dX, grads), *layer.params.values())} == {np.dtype(dtype)}
    assert {array.dtype for array in layer.buffers.values() if array.ndim} <= {np.dtype(dtype)}


@both_modes
@every_layer
def test_float32_agrees_with_float64(entry, training):
    results = []
    for dtype in (np.float32, np.float64):
        layer = entry.layer(dtype, training)
        layer.load_state_dict({name: array.astype(np.float32) for name, array in layer.state_dict().items()})
        Y, cache = layer.forward(entry.input(np.float32).astype(int if entry.classes else dtype))
        dX, grads = layer.backward(cotangent(Y.astype(np.float32)).astype(dtype), cache)
        results.append({"Y": Y, **grads} | ({} if dX is None else {"dX": dX}))
    for name, expected in results[1].items():
        assert_close(results[0][name], expected, tolerance(np.float32, 20), name)


@both_modes
@every_layer
def test_a_batch_of_one_works_or_is_refused_in_a_sentence(entry, training):
    layer = entry.layer(training=training)
    X = entry.input(samples=1)
    if training and entry.smallest_batch > 1:
        with pytest.raises(ValueError, match="two values"):
            layer.forward(X)
        return
    Y, cache = layer.forward(X)
    dX, grads = layer.backward(cotangent(Y), cache)
    assert (dX is None) == (entry.classes is not None)
    assert dX is None or dX.shape == X.shape
    assert {name: grad.shape for name, grad in grads.items()} == {n: array.shape for n, array in layer.params.items()}
    assert all(np.isfinite(array).all() for array in (Y, *of_numbers(dX, grads)))


@pytest.mark.parametrize("layout", ["strided", "fortran", "reversed"])
@both_modes
@every_layer
def test_memory_layout_does_not_matter(entry, training, layout):
    def laid_out(array):
        if layout == "fortran":
            return np.asfortranarray(array)
        step = 2 if layout == "strided" else -1
        base = np.empty((array.shape[0], *(size * 2 for size in array.shape[1:])), array.dtype)
        view = base[(slice(None), *(slice(None, None, 2) for _ in array.shape[1:]))][::-1][::-1]
        view = view if step == 2 else np.empty_like(array)[::-1]
        view[...] = array
        return view

    plain, other = entry.layer(training=training), entry.layer(training=training)
    Y, cache = plain.forward(entry.input())
    dX, grads = plain.backward(cotangent(Y), cache)
    Y_other, cache_other = other.forward(laid_out(entry.input()))
    dX_other, grads_other = other.backward(laid_out(cotangent(Y)), cache_other)
    assert_close(Y_other, Y, EXACT, "Y")
    if not entry.classes:
        assert_close(dX_other, dX, EXACT, "dX")
    for name, grad in grads.items():
        assert_close(grads_other[name], grad, EXACT, f"d{name}")


@both_modes
@every_layer
def test_two_forwards_may_be_differentiated_in_either_order(entry, training):
    first, second = entry.input(), entry.input()[::-1] * (1 if entry.classes else 0.5)
    gradients = []
    for order in ((0, 1), (1, 0)):
        layer = entry.layer(training=training)
        passes = [layer.forward(first), layer.forward(second)]
        found = {i: of_numbers(*layer.backward(cotangent(passes[i][0]), passes[i][1])) for i in order}
        gradients.append(found)
    for i in (0, 1):
        for one, other in zip(gradients[0][i], gradients[1][i], strict=True):
            np.testing.assert_array_equal(one, other)


@both_modes
@every_layer
def test_parameter_gradients_are_those_of_backward(entry, training):
    layer = entry.layer(training=training)
    Y, cache = layer.forward(entry.input())
    dY = cotangent(Y)
    expected = layer.backward(dY, cache)[1]
    found = layer.parameter_gradients(dY, cache)
    assert found.keys() == expected.keys()
    for name, grad in expected.items():
        np.testing.assert_array_equal(found[name], grad)


@every_layer
def test_a_state_dict_moves_to_another_layer(entry):
    layer, other = entry.layer(), entry.make(np.random.default_rng(77), np.float64)
    other.load_state_dict(layer.state_dict())
    X = entry.input()
    np.testing.assert_array_equal(other.eval().forward(X)[0], layer.eval().forward(X)[0])
    for name, array in layer.state_dict().items():
        np.testing.assert_array_equal(other.state_dict()[name], array)


@every_layer
def test_a_state_dict_is_a_copy_that_lies_row_by_row(entry):
    layer = entry.layer()
    state = layer.state_dict()
    for name, own in {**layer.params, **layer.buffers}.items():
        np.testing.assert_array_equal(state[name], own)
        assert state[name].flags.c_contiguous
        assert not np.shares_memory(state[name], own)


@every_layer
def test_evaluation_changes_no_state(entry):
    layer = entry.layer(training=False)
    before = layer.state_dict()
    layer.forward(entry.input())
    for name, array in layer.state_dict().items():
        np.testing.assert_array_equal(array, before[name])


@pytest.mark.parametrize("name", [name for name, entry in LAYERS.items() if not entry.mixes_samples])
def test_evaluation_treats_each_sample_alone(name):
    layer, X = LAYERS[name].layer(training=False), LAYERS[name].input()
    Y, _ = layer.forward(X)
    alone = np.concatenate([layer.forward(X[s : s + 1])[0] for s in range(len(X))])
    assert_close(alone, Y, EXACT, "Y")


@both_modes
@every_layer
def test_a_cotangent_of_the_wrong_shape_is_refused_with_both_shapes(entry, training):
    layer = entry.layer(training=training)
    Y, cache = layer.forward(entry.input())
    wrong = np.zeros((*Y.shape, 2))
    with pytest.raises(ValueError, match=r"dY has shape \(.*\), but the output has shape \(.*\)") as caught:
        layer.backward(wrong, cache)
    assert str(wrong.shape) in str(caught.value)
    assert str(Y.shape) in str(caught.value)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@both_modes
@every_layer
def test_inputs_of_ten_thousand_leave_everything_finite(entry, training, dtype):
    layer = entry.layer(dtype, training)
    X = np.random.default_rng(3).choice([-1e4, -100.0, 0.0, 1e-4, 1e4], entry.shape).astype(dtype)
    X = entry.input() if entry.classes else X
    Y, cache = layer.forward(X)
    dX, grads = layer.backward(cotangent(Y), cache)
    assert all(np.isfinite(array).all() for array in (Y, *of_numbers(dX, grads)))
