"""A network that ends in a softmax or a sigmoid, and is trained with a loss that takes another of it.

How it ends is seen in its output: rows that are not negative and add up to 1, numbers between 0 and 1, logarithms of
such rows. Which loss takes that output is read in the file (loss_uses.py); a loss that the file defines itself is held
to the cross-entropy of logits.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from chainrule.check.answers.loss_uses import (
    BINARY,
    CROSS_ENTROPY,
    LOG_SOFTMAX,
    SIGMOID,
    SOFTMAX,
    LossUse,
    list_loss_uses,
)
from chainrule.check.model.failure import Failure, call_theirs
from chainrule.check.model.problem import Array, Arrays
from chainrule.check.model.target import Target, generator
from chainrule.layers.losses.cross_entropy import describe_second_softmax, softmax_and_log

SCALES = (1.0, -1.0, 2.5, -2.5, 6.0)  # of inputs and parameters: only what bounds its output stays within bounds
MOST_ROUNDING = 1e-6
TOO_FEW = 3  # outputs, of which none shows how a network ends
ENDS = re.compile("_?(forward|backward)$")
ENDS_IN, GOES = ("the network ends in", "return the logits"), ("the network's output goes through", "leave that out")
SECOND_SIGMOID = (
    "{} a {}, and the loss takes a sigmoid of it: the loss of a 0 cannot fall below ln 2 = 0.693, "
    "that of a 1 not below ln(1 + 1/e) = 0.313, and its gradients are small; {}"
)
HARMLESS = "{} a log-softmax, and the loss takes another of it: the result is the same, only slower"


def note_heads(target: Target, inputs: Arrays) -> Iterator[str]:
    """Yield a sentence for each loss on logits that is given what this network makes of logits already."""
    text = target.source.text if target.source else ""
    uses = [use for use in list_loss_uses(text) if ENDS.sub("", use.network) == ENDS.sub("", target.name)]
    if target.loss or not uses:
        return
    end, classes = find_end(target, inputs)
    said = set[str]()
    for use in uses if end or any(use.end for use in uses) else ():
        kind = use.kind or _judge_own_loss(target, use)
        sentence = describe_end(use.end or end, kind, classes, text, GOES if use.end else ENDS_IN)
        if sentence and sentence not in said:
            said.add(sentence)
            yield f"{use.loss} (line {use.line}): {sentence}"


def describe_end(end: str, kind: str, classes: int, text: str, where: tuple[str, str]) -> str:
    """Say what it costs that a loss takes what ends so for logits, and how to mend it; "" where it costs nothing.

    A number of classes that does not stand in the file's text was made up to call the network, and is not told.
    """
    if end and kind == CROSS_ENTROPY and classes > 1:
        known = classes if re.search(rf"\b{classes}\b", text) else None
        again = f"{describe_second_softmax(known, end, where[0])}; {where[1]}"
        return HARMLESS.format(where[0]) if end == LOG_SOFTMAX else again
    return SECOND_SIGMOID.format(where[0], end, where[1]) if kind == BINARY and end in (SOFTMAX, SIGMOID) else ""


def find_end(target: Target, inputs: Arrays) -> tuple[str, int]:
    """Return how a network ends, as outputs at scaled inputs and parameters show ("" if in logits), and its classes."""
    outputs = list[Array]()
    for scale in SCALES:
        at = {n: scale * a if getattr(a, "dtype", None) == np.float64 else a for n, a in inputs.items()}
        Y = call_theirs(lambda at=at: target.run(at))  # type: ignore[misc]
        if not isinstance(Y, Failure) and Y.dtype.kind == "f" and Y.size and np.isfinite(Y).all():
            outputs.append(Y)
    if len(outputs) < TOO_FEW or len({Y.shape for Y in outputs}) > 1 or not outputs[0].ndim:
        return "", 0
    for axis in dict.fromkeys((outputs[0].ndim > 1) * np.array([1, -1])):  # PyTorch's classes, and the last axis
        classes = outputs[0].shape[axis]
        if classes > 1 and all(_is_softmax(Y, axis) for Y in outputs):
            return SOFTMAX, classes
        if classes > 1 and all(Y.max() <= 0 and _is_softmax(np.exp(Y), axis) for Y in outputs):
            return LOG_SOFTMAX, classes
    bounded = all(Y.min() >= 0 and Y.max() <= 1 for Y in outputs) and np.ptp(outputs) > MOST_ROUNDING
    return SIGMOID if bounded else "", outputs[0].shape[min(1, outputs[0].ndim - 1)]


def _is_softmax(Y: Array, axis: int) -> bool:
    return bool(Y.min() >= 0 and np.allclose(Y.sum(axis=axis), 1, rtol=0, atol=MOST_ROUNDING))


def _judge_own_loss(target: Target, use: LossUse) -> str:
    """Return the kind of a loss that the file defines: which cross-entropy of logits it gives, if it does."""
    path = str(target.source.path) if target.source else ""
    module = next((m for m in list(sys.modules.values()) if getattr(m, "__file__", None) == path), None)
    loss = getattr(module, use.loss, None)
    if loss is None:
        return ""
    rng = generator(0, 3)
    X, labels, binary = rng.normal(size=(4, 3)), rng.integers(0, 3, 4), rng.integers(0, 2, (4, 3)) * 1.0
    rows = np.eye(3)[labels]
    cross = -np.sum(rows * softmax_and_log(X)[1])
    both = np.logaddexp(0, X) - binary * X
    for kind, right, every in ((CROSS_ENTROPY, cross, (labels, rows)), (BINARY, both.sum(), (binary,))):
        for targets in every:
            for lift in (lambda a: a, _to_tensor):
                found = call_theirs(lambda t=targets, up=lift: _run_loss(loss, up(X), up(t)))  # type: ignore[misc]
                shares = (right, right / len(X), right / X.size)
                if not isinstance(found, Failure) and any(abs(found - s) < MOST_ROUNDING * right for s in shares):
                    return kind
    return ""


def _to_tensor(array: Array) -> Any:
    import torch

    return torch.from_numpy(array)


def _run_loss(loss: Any, X: Any, targets: Any) -> float:
    """Return what a loss, a function or a class with a forward, gives; of a tuple the first."""
    function: Callable[..., Any] = loss
    if isinstance(loss, type):
        made = loss()
        function = getattr(made, "forward", made)
    value = function(X, targets)
    return float(value[0] if isinstance(value, tuple) else value)
