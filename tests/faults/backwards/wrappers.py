"""Mistakes planted around a backward: what is done to one right gradient, to dY, or between calls."""

import numpy as np


def on_gradient(change):
    """Make of a change of one array a maker of wrong backwards."""

    def make(backward, name, others):
        def wrong(dY, **inputs):
            grads = backward(dY, **inputs)
            return {**grads, name: change(np.asarray(grads[name]))}

        return wrong

    return make


def on_cotangent(change):
    def make(backward, name, others):
        def wrong(dY, **inputs):
            return {**backward(dY, **inputs), name: backward(change(np.asarray(dY)), **inputs)[name]}

        return wrong

    return make


def gradients_swapped(backward, name, others):
    def wrong(dY, **inputs):
        grads = backward(dY, **inputs)
        same = [other for other in others if grads[other].shape == grads[name].shape]
        return {**grads, name: grads[same[0]]} if same else grads

    return wrong


def cache_stale(backward, name, others):
    kept = {}

    def wrong(dY, **inputs):
        kept.setdefault("inputs", {key: np.array(value) for key, value in inputs.items()})
        return {**backward(dY, **inputs), name: backward(dY, **kept["inputs"])[name]}

    return wrong


def accumulated(backward, name, others):
    kept = {"sum": 0.0}

    def wrong(dY, **inputs):
        grads = backward(dY, **inputs)
        kept["sum"] = kept["sum"] + grads[name]
        return {**grads, name: np.array(kept["sum"])}

    return wrong


def another_input_used(backward, name, others):
    def wrong(dY, **inputs):
        turned = {key: inputs[key][::-1].copy() if key in others else inputs[key] for key in inputs}
        return {**backward(dY, **inputs), name: backward(dY, **turned)[name]}

    return wrong


def dY_returned(backward, name, others):
    return lambda dY, **inputs: {**backward(dY, **inputs), name: np.array(dY)}


def without_last(E):
    E = E.copy()
    E[-1:] = 0
    return E


def transposed(E):
    return E.T if E.ndim > 1 and E.shape[0] == E.shape[1] else E.T.reshape(E.shape)


AROUND = {
    "twice as large": on_gradient(lambda E: 2 * E),
    "half as large": on_gradient(lambda E: E / 2),
    "negated": on_gradient(lambda E: -E),
    "zero": on_gradient(np.zeros_like),
    "divided by its rows": on_gradient(lambda E: E / max(2, len(E))),
    "times its rows": on_gradient(lambda E: E * max(2, len(E))),
    "upside down": on_gradient(lambda E: E[::-1]),
    "rolled": on_gradient(lambda E: np.roll(E, 1, 0)),
    "shifted": on_gradient(lambda E: np.concatenate([0 * E[:1], E[:-1]])),
    "transposed": on_gradient(transposed),
    "averaged over rows": on_gradient(lambda E: np.broadcast_to(E.mean(0), E.shape).copy()),
    "summed over rows": on_gradient(lambda E: E.sum(0)),
    "last row left out": on_gradient(without_last),
    "dY not used": on_cotangent(np.ones_like),
    "dY summed first": on_cotangent(lambda dY: np.broadcast_to(dY.sum(0, keepdims=True), dY.shape)),
    "first sample only": on_cotangent(lambda dY: np.concatenate([dY[:1], 0 * dY[1:]])),
    "swapped": gradients_swapped,
    "stale": cache_stale,
    "accumulated": accumulated,
    "another input upside down": another_input_used,
    "derivative missing": dY_returned,
}
