"""A largest entry of several is counted once; who counts each of them is told so, and nobody else."""

import numpy as np
import pytest

from chainrule import check

TOLD = "counts some more than once"
rng = np.random.default_rng(5)


def largest(x):
    return x.max(axis=1)


def by_mask(dY, x):
    return dY[:, None] * (x == x.max(axis=1, keepdims=True))


def by_share(dY, x):
    mask = x == x.max(axis=1, keepdims=True)
    return dY[:, None] * mask / mask.sum(axis=1, keepdims=True)


def by_first(dY, x):
    dx = np.zeros_like(x)
    dx[np.arange(len(x)), x.argmax(axis=1)] = dY
    return dx


def rectify(x):
    return np.maximum(x, 0)


def softmax(x):
    e = np.exp(x - x.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def softmax_backward(dY, x):
    P = softmax(x)
    return P * (dY - (dY * P).sum(axis=1, keepdims=True))


@pytest.mark.parametrize(
    ("forward", "backward", "is_told"),
    [
        (largest, by_mask, True),
        (largest, by_share, False),
        (largest, by_first, False),
        (lambda x: np.sort(x, axis=1)[:, -2:].max(axis=1), by_mask, True),
        (rectify, lambda dY, x: dY * (x > 0), False),
        (softmax, softmax_backward, False),
    ],
    ids=["mask", "share", "first", "sort", "relu", "softmax"],
)
def test_equal_entries_are_counted_once(forward, backward, is_told):
    verdict = check.check_backward(forward, backward, {"x": rng.normal(size=(4, 7))})
    assert verdict.ok, verdict.text
    assert (TOLD in verdict.text) == is_told
