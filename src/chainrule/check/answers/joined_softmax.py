"""A softmax and a cross-entropy whose derivatives are joined: backward of the loss is p − y, that of the softmax dY.

Each by itself is not the gradient of its forward; one behind the other they are that of both. So it is done on purpose
where a file has the two: the difference of another loss, a squared error's, joins nothing.
"""

from __future__ import annotations

import ast
import re

import numpy as np

from chainrule.check.model.directions import BACK_WORDS, split_words
from chainrule.check.model.failure import call_theirs
from chainrule.check.model.names import is_target_name
from chainrule.check.model.problem import Array, Arrays
from chainrule.check.model.target import Target, generator
from chainrule.check.model.tolerance import SAFETY
from chainrule.check.model.verdict import WRONG, Verdict
from chainrule.check.trial.true_gradients import Truth

CLOSE = 1e-6
ONE_HOT = {"y", "truth", "one_hot", "onehot", "y_onehot", "y_one_hot"}
LOSS = re.compile(r"entropy|nll|likelihood|xent|log_?loss|(?:^|_)ce(?:_|$)", re.IGNORECASE)
JOINED = (
    "d{} is that of the softmax and the cross-entropy behind it, which the file joins: the loss gives p − y, and the "
    "softmax passes it through; on purpose, and not judged by itself"
)


def joins_softmax(verdict: Verdict, target: Target, inputs: Arrays) -> bool:
    """Tell whether what is wrong is one half of a softmax and a loss that are differentiated together."""
    wrong = [row.name for row in verdict.rows if row.kind == WRONG and row.name in inputs]
    text = target.source.text if target.source else ""
    if wrong != [next(iter(inputs), "")] or not _has_joined_loss(text) or not _has_softmax_passing_on(text):
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


def _has_joined_loss(text: str) -> bool:
    """Tell whether a file has a cross-entropy, by its name or its logarithm, in which p − y is computed."""
    return any(
        any(map(_is_difference, ast.walk(owner))) and (LOSS.search(owner.name) or "log(" in ast.unparse(owner))
        for owner in _list_owners(text)
    )


def _is_difference(node: ast.AST) -> bool:
    """Tell whether a node is p − y, or takes 1 away at the label."""
    if isinstance(node, ast.AugAssign):
        is_one = isinstance(node.value, ast.Constant) and node.value.value == 1
        return isinstance(node.op, ast.Sub) and isinstance(node.target, ast.Subscript) and is_one
    right = node.right if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub) else None
    name = right.id if isinstance(right, ast.Name) else right.attr if isinstance(right, ast.Attribute) else ""
    return is_target_name(name) or name.lower() in ONE_HOT


def _has_softmax_passing_on(text: str) -> bool:
    """Tell whether a file has a softmax whose backward returns what it is given."""
    owners = [owner for owner in _list_owners(text) if "softmax" in owner.name.lower()]
    backs = [n for owner in owners for n in ast.walk(owner) if isinstance(n, ast.FunctionDef)]
    return any(_passes_on(n) for n in backs if BACK_WORDS & set(split_words(n.name)))


def _list_owners(text: str) -> list[ast.ClassDef | ast.FunctionDef]:
    """Return the classes and functions of a file, those within others left out."""
    tree = call_theirs(lambda: ast.parse(text))
    nodes = tree.body if isinstance(tree, ast.Module) else []
    return [node for node in nodes if isinstance(node, ast.ClassDef | ast.FunctionDef)]


def _passes_on(function: ast.FunctionDef) -> bool:
    last, names = function.body[-1], [a.arg for a in function.args.args]
    return isinstance(last, ast.Return) and isinstance(last.value, ast.Name) and last.value.id in names
