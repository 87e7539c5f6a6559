"""How often a forward is run: it may be slow."""

import numpy as np

from chainrule import check


def test_a_right_linear_layer_costs_at_most_sixty_forward_calls():
    rng, calls = np.random.default_rng(0), []

    def forward(X, W, b):
        calls.append(X)
        return X @ W.T + b

    def backward(dY, X, W, b):
        return {"X": dY @ W, "W": dY.T @ X, "b": dY.sum(axis=0)}

    inputs = {"X": rng.normal(size=(3, 5)), "W": rng.normal(size=(4, 5)), "b": rng.normal(size=4)}
    verdict = check.check_backward(forward, backward, inputs)
    assert verdict.ok
    assert len(verdict.places) == 9
    assert len(calls) <= 60
