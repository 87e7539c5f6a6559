"""Layers in plain Python: weights, inputs and gradients are lists of numbers, or lists of such lists.

The class is derived anew: between two calls its lists are arrays, as everywhere here; within, they are lists again.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator, MutableMapping
from typing import Any

import numpy as np

from chainrule.check.model.literals import read_source
from chainrule.check.targets.kinds import Namespace
from chainrule.check.targets.objects import ObjectKind
from chainrule.check.targets.styles.renamed_methods import derive

LOOP = re.compile(r"\bfor\b|\bmap\(")
OF_AN_ARRAY = re.compile(r"\.(?:shape|ndim|dtype|T|sum|mean|dot|reshape|transpose)\b")
LIBRARIES = ("numpy", "torch", "jax", "cupy", "autograd")


def open_list(value: Any) -> Any:
    """Return a list of numbers, or of equally long lists of numbers, as an array; anything else as it is."""
    if not isinstance(value, list) or not value:
        return value
    parts = [open_list(each) if isinstance(each, list) else each for each in value]
    are_numbers = all(isinstance(each, float | int) and not isinstance(each, bool) for each in parts)
    are_rows = all(isinstance(each, np.ndarray) and each.shape == np.shape(parts[0]) for each in parts)
    return np.array(parts, float) if are_numbers or are_rows else value


def close_array(value: Any) -> Any:
    """Return an array as a list, however deep; a single number as a number."""
    return value.tolist() if isinstance(value, np.ndarray | np.generic) else value


def _list_held(thing: Any) -> Iterator[tuple[MutableMapping[str, Any], str]]:
    """Yield where an object holds something: its attributes, and the entries of its dictionaries."""
    own = vars(thing)
    for name, value in list(own.items()):
        yield from ((value, key) for key in list(value)) if isinstance(value, dict) else [(own, name)]


def _within_lists(method: Callable[..., Any]) -> Callable[..., Any]:
    """Return a method that is given lists, of an object that holds lists, and gives arrays and leaves arrays.

    What it does not change stays the same array.
    """

    @functools.wraps(method)
    def call(self: Any, *given: Any, **named: Any) -> Any:
        kept = {(id(table), name): table[name] for table, name in _list_held(self)}
        for table, name in _list_held(self):
            table[name] = close_array(table[name])
        found = method(self, *map(close_array, given), **{n: close_array(a) for n, a in named.items()})
        for table, name in _list_held(self):
            own, opened = kept.get((id(table), name)), open_list(table[name])
            is_same = isinstance(own, np.ndarray) and isinstance(opened, np.ndarray) and np.array_equal(own, opened)
            table[name] = own if is_same else opened
        return tuple(map(open_list, found)) if isinstance(found, tuple) else open_list(found)

    return call


def _goes_through_lists(kind: type) -> bool:
    """Tell whether a class takes numbers one by one: one that only multiplies, say, is meant for arrays."""
    text = read_source(kind)
    return bool(LOOP.search(text)) and not OF_AN_ARRAY.search(text)


class PlainListsKind(ObjectKind):
    """A class with forward and backward in a file that loads no library of arrays."""

    rank = 89

    def recognize(self, thing: Any) -> bool:
        """Tell whether a thing is an object of such a class, derived."""
        return super().recognize(thing) and getattr(type(thing), "has_lists", False)

    def find(self, name: str, value: Any, file: Namespace) -> Any:
        """Return such a class, derived so that it takes and holds arrays."""
        found = ObjectKind.find(ObjectKind(), name, value, file)
        loaded = {getattr(each, "__name__", "").partition(".")[0] for each in file.every.values()}
        if found is None or loaded & set(LIBRARIES) or "__slots__" in vars(found) or not _goes_through_lists(found):
            return None
        methods = {each: _within_lists(getattr(found, each)) for each in ("__init__", "forward", "backward")}
        return derive(found, {**methods, "has_lists": True})


KINDS = (PlainListsKind(),)
