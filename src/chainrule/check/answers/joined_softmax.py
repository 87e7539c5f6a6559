"""A softmax and a cross-entropy whose derivatives are joined: backward of the loss is p − y, that of the softmax dY.

Each by itself is not the gradient of its forward; one behind the other they are that of both. So it is done on purpose
where a file has the two.
"""

from __future__ import annotations

import ast
import re

import numpy as np

from chainrule.check.model.directions import BACK_WORDS, split_words
from chainrule.check.model.failure import Failure, call_theirs
from chainrule.check.model.problem import Array, Arrays
from chainrule.check.model.target import Target, generator
from chainrule.check.model.tolerance import SAFETY
from chainrule.check.model.verdict import WRONG, Verdict
from chainrule.check.trial.true_gradients import Truth

CLOSE = 1e-6
DIFFERENCE = re.compile(
    r"\w\s*-\s*(?:self\.)?(?:y|t|labels?|targets?|truth|y_true|y_onehot|one_hot|Y)\b|\[[^\]]*\]\s*-=\s*1"
)
JOINED = (
    "d{} is that of the softmax and the cross-entropy behind it, which the file joins: the loss gives p − y, and the "
    "softmax passes it through; on purpose, and not judged by itself"
)


def joins_softmax(verdict: Verdict, target: Target, inputs: Arrays) -> bool:
    """Tell whether what is wrong is one half of a softmax and a loss that are differentiated together."""
    wrong = [row.name for row in verdict.rows if row.kind == WRONG and row.name in inputs]
    text = target.source.text if target.source else ""
    if wrong != [next(iter(inputs), "")] or not DIFFERENCE.search(text) or not _has_softmax_passing_on(text):
        return False
    judged = call_theirs(lambda: _is_half(target, inputs, wrong[0]))
    return judged is True


def _is_half(target: Target, inputs: Arrays, name: str) -> bool:
    Y = target.run(inputs)
    dY = target.draw_cotangent(Y, generator(6))
    found = target.gradients(dY, inputs)[name]
    X = inputs[name]
    if not target.loss:
        return any(_is_softmax(X, Y, axis) for axis in range(Y.ndim)) and np.array_equal(found, dY)
    return any(_is_by_logits(target, inputs, name, found, axis) for axis in range(X.ndim))


def _is_softmax(X: Array, Y: Array, axis: int) -> bool:
    powers = np.exp(X - X.max(axis=axis, keepdims=True))
    return Y.shape == X.shape and np.allclose(Y, powers / powers.sum(axis=axis, keepdims=True), rtol=CLOSE)


def _is_by_logits(target: Target, inputs: Arrays, name: str, found: Array, axis: int) -> bool:
    """Tell whether a gradient is that by the logits of the softmax over an axis, whose probabilities the input is."""
    p = inputs[name]
    if np.any(p <= 0) or found.shape != p.shape:
        return False
    logits = generator(7).normal(size=p.shape)
    direction = p * (logits - (p * logits).sum(axis=axis, keepdims=True))
    slope = Truth(target, inputs, np.ones(()), [name], target.run(inputs)).slope(name, direction)
    promised = float(np.sum(found * logits))
    return abs(promised - slope.value) <= CLOSE * max(1.0, abs(promised)) + SAFETY * slope.error


def _has_softmax_passing_on(text: str) -> bool:
    """Tell whether a file has a softmax whose backward returns what it is given."""
    tree = call_theirs(lambda: ast.parse(text))
    nodes = [] if isinstance(tree, Failure) else list(ast.walk(tree))
    owners = [n for n in nodes if isinstance(n, ast.ClassDef | ast.FunctionDef) and "softmax" in n.name.lower()]
    backs = [n for owner in owners for n in ast.walk(owner) if isinstance(n, ast.FunctionDef)]
    return any(_passes_on(n) for n in backs if BACK_WORDS & set(split_words(n.name)))


def _passes_on(function: ast.FunctionDef) -> bool:
    last, names = function.body[-1], [a.arg for a in function.args.args]
    return isinstance(last, ast.Return) and isinstance(last.value, ast.Name) and last.value.id in names
