"""The equations in a layer's docstring, evaluated literally, are what its code computes."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

from chainrule import layers
from chainrule.derive import evaluate, read_docstring
from contracts.table import LAYERS, LOSSES, cotangent
from contracts.tolerance import assert_close, tolerance

STATED = {name: entry for name, entry in LAYERS.items() if entry.symbols is not None}


def equations_of(thing, variant):
    """The equations of the module that defines the class of `thing`; a variant's stand in sections of its name."""
    text = inspect.getmodule(type(thing)).__doc__
    if variant:
        for heading in ("Forward", "Backward"):
            assert f"\n{heading}, {variant}\n" in text
            text = text.replace(f"\n{heading}\n", f"\nPlain {heading}\n")
            text = text.replace(f"\n{heading}, {variant}\n", f"\n{heading}\n")
    return read_docstring(text)


def attributes(layer, names):
    return {name: getattr(layer, name) for name in names if hasattr(layer, name)}


@pytest.mark.parametrize("entry", STATED.values(), ids=STATED)
def test_a_layer_computes_what_its_docstring_states(entry):
    layer, X = entry.layer(), entry.input()
    equations = equations_of(layer, entry.variant)
    Y, cache = layer.forward(X)
    dY = cotangent(Y)
    dX, grads = layer.backward(dY, cache)
    symbols = entry.symbols(layer, X, cache)
    given = {"X": X, **attributes(layer, equations.forward.inputs), **symbols}
    sizes = {"n": Y.shape[1]}
    forward = evaluate(equations.forward, given, sizes=sizes)
    backward = evaluate(equations.backward, {**given, **forward, "dY": dY}, sizes=sizes)
    bound = tolerance(np.float64, X.size)
    assert_close(Y, forward["Y"], bound, "Y")
    assert_close(dX, backward["dX"], bound, "dX")
    names = {id(value): name for name, value in given.items()}
    for name, grad in grads.items():
        assert_close(grad, backward[f"d{names[id(layer.params[name])]}"], bound, f"d{name}")


@pytest.mark.parametrize("entry", LOSSES.values(), ids=LOSSES)
def test_a_loss_computes_what_its_docstring_states(entry):
    loss = entry.make()
    X, targets = entry.arguments()
    equations = equations_of(loss, entry.variant)
    value, cache = loss.forward(X, targets)
    T = targets if targets.shape == X.shape else np.eye(X.shape[1])[targets]
    smoothing = getattr(loss, "label_smoothing", 0)
    given = {"X": X, "T": (1 - smoothing) * T + smoothing / X.shape[1]}
    forward = evaluate(equations.forward, given)
    backward = evaluate(equations.backward, {**given, **forward})
    assert_close(value, forward["L"], tolerance(np.float64, X.size), "L")
    assert_close(loss.backward(cache), backward["dX"], tolerance(np.float64, X.size), "dX")


def test_a_residual_connection_adds_the_bodys_backward_to_what_its_docstring_states():
    entry = LAYERS["residual"]
    layer, X = entry.layer(), entry.input()
    equations = equations_of(layer, "")
    Y, cache = layer.forward(X)
    B, body_cache = layer.body.forward(X)
    dY = cotangent(Y)
    forward = evaluate(equations.forward, {"X": X, "B": B})
    backward = evaluate(equations.backward, {"X": X, "B": B, "dY": dY})
    through_body, _ = layer.body.backward(backward["dB"], body_cache)
    assert_close(Y, forward["Y"], tolerance(np.float64, 1), "Y")
    assert_close(layer.backward(dY, cache)[0], backward["dX"] + through_body, tolerance(np.float64, 1), "dX")


def test_every_layer_states_its_equations_in_some_entry():
    stated = {type(entry.layer()).__name__ for entry in STATED.values()}
    stated |= {type(entry.make()).__name__ for entry in LOSSES.values()}
    assert set(layers.__all__) - stated == {"Layer", "Loss", "Residual"}  # the residual's is the test above
