"""Other values of a setting come from its kind, its name and the file's text."""

from enum import Enum

import numpy as np
import pytest

from chainrule.check.model.literals import list_thresholds, read_words
from chainrule.check.trial.settings.values import list_other_values


class Reduction(Enum):
    """How the losses of samples become one."""

    MEAN = "mean"
    SUM = "sum"


TABLE = "ACTS = {'relu': 1, 'tanh': 2}\ndef f(kind):\n    return ACTS[kind]\n"
MATCH = """
match self.kind:
    case 'relu' | 'elu':
        y = 1
    case 'tanh':
        y = 2
"""
KEPT = """
self.act = kind.lower()
if self.act == 'tanh':
    y = 2
"""
METHODS = """
def relu(self): ...
def d_relu(self): ...
y = getattr(self, self.kind)
"""


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (TABLE, ["relu", "tanh"]),
        (MATCH, ["relu", "elu", "tanh"]),
        (KEPT, ["tanh"]),
        (METHODS, ["relu"]),
        ("kind in ('relu', 'tanh')", ["relu", "tanh"]),
        ("not Python at all (", None),
    ],
)
def test_words_are_found_among_which_a_name_chooses(text, words):
    assert read_words(text).get("kind") == words


@pytest.mark.parametrize(
    ("name", "value", "text", "others"),
    [
        ("use_bias", True, "", [False]),
        ("shift", 1, "", [2]),
        ("stride", 1, "", [2, 3]),
        ("slope", 0.01, "", [0.3]),
        ("kind", "relu", TABLE, ["tanh", "linear"]),
        ("mode", "train", "mode == 'test'", []),
        ("seed", 3, "", []),
        ("max_value", None, "if max_value is None: pass", [0.7]),
        ("max_value", None, "", []),
        ("axis", None, "axis is not None", [0, -1]),
        ("stride", None, "", [1, 2, 3]),
        ("kernel_size", (2, 2), "", [(3, 3)]),
        ("reduction", Reduction.MEAN, "", [Reduction.SUM]),
    ],
)
def test_other_values_suit_the_setting(name, value, text, others):
    assert list(list_other_values(name, value, text)) == others


def test_a_mask_and_weights_have_shapes_of_the_first_input():
    X = np.zeros((4, 5))
    masks = list(list_other_values("mask", None, "mask is None", X))
    weights = list(list_other_values("class_weight", None, "class_weight is None", X))
    assert [(a.shape, a.dtype.kind) for a in masks[:2]] == [((4, 5), "f"), ((4, 5), "b")]
    assert [a.shape for a in weights] == [(5,), (4,)]


def test_thresholds_of_values_are_found_and_none_of_sizes_or_gradients():
    text = "if abs(x) < 10 or -20 < x:\n    pass\nif x.ndim > 4 or grad_norm > 5 or len(x) > 7:\n    pass\n"
    assert list_thresholds(text, {}) == [10, 20]


def test_thresholds_that_have_names_are_found():
    text = "LIMIT = 6.0\nbig = (x > threshold) | (x < -self.cap) | (x > LIMIT) | (x > other)\n"
    assert list_thresholds(text, {"threshold": 20.0, "cap": 8, "x": np.ones(2)}) == [6, 8, 20]
