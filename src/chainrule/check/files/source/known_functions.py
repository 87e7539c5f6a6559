"""Functions that everybody means by their names, for a file of NumPy's whose own module with them is not there.

Courses hand out `from dnn_utils import sigmoid, relu_backward` or `from rnn_utils import *`, and people send their part
alone. Whether a function returns what its backward needs as well, `A, cache = sigmoid(Z)`, the file's own calls tell,
and so does `W @ x` whether classes stand in columns.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from types import ModuleType
from typing import Any

import numpy as np

from chainrule.check.files.source.absent import Absent

TAKEN = "{} of a module that was not found {} taken for what everybody means by {}"
WITH_CACHE = r"^[ \t]*\w+, *\w+ *= *{}\("
IN_COLUMNS = re.compile(r"\bdot\((?:self\.)?W\w*, |\b(?:self\.)?W\w* @ ")
IN_NUMPY = re.compile(r"^\s*(?:import numpy|from numpy)", re.MULTILINE)
OTHERS = re.compile(r"^\s*(?:import|from) (?:torch|jax|tensorflow|cupy|autograd)\b", re.MULTILINE)


def sigmoid(Z: Any) -> Any:
    """Return 1 / (1 + exp(−Z))."""
    return 1 / (1 + np.exp(-Z))


def relu(Z: Any) -> Any:
    """Return Z where it is positive, else 0."""
    return np.maximum(0, Z)


def softmax_of_rows(Z: Any, axis: int = -1) -> Any:
    """Return shares along an axis."""
    powers = np.exp(Z - np.max(Z, axis=axis, keepdims=True))
    return powers / np.sum(powers, axis=axis, keepdims=True)


def softmax_of_columns(Z: Any, axis: int = 0) -> Any:
    """Return shares along an axis, of classes in columns."""
    return softmax_of_rows(Z, axis)


def sigmoid_backward(dA: Any, cache: Any) -> Any:
    """Return the gradient of what a sigmoid was given, which is the cache."""
    A = sigmoid(cache)
    return dA * A * (1 - A)


def relu_backward(dA: Any, cache: Any) -> Any:
    """Return the gradient of what a ReLU was given, which is the cache."""
    return dA * (cache > 0)


FORWARDS: dict[str, Callable[..., Any]] = {"sigmoid": sigmoid, "relu": relu, "softmax": softmax_of_rows}
BACKWARDS: dict[str, Callable[..., Any]] = {"sigmoid_backward": sigmoid_backward, "relu_backward": relu_backward}


def put_known(module: ModuleType, text: str, read: Collection[str]) -> list[str]:
    """Put functions in place of those that a file of NumPy's reads and does not have; return what is to be told."""
    if not IN_NUMPY.search(text) or OTHERS.search(text):
        return []
    held = vars(module)
    missing = [n for n in (*FORWARDS, *BACKWARDS) if n in read and isinstance(held.get(n, Absent(n, "")), Absent)]
    for name in missing:
        function = {**FORWARDS, **BACKWARDS}[name]
        if name == "softmax" and IN_COLUMNS.search(text):
            function = softmax_of_columns
        if name in FORWARDS and re.search(WITH_CACHE.format(name), text, re.MULTILINE):
            function = _keep(function)
        held[name] = function
    names = " and ".join(filter(None, (", ".join(missing[:-1]), *missing[-1:])))
    words = ("are", "their names") if missing[1:] else ("is", "its name")
    return [TAKEN.format(names, *words)] if missing else []


def _keep(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that returns what it was given besides."""
    return lambda Z: (function(Z), Z)
