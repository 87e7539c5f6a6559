"""What a diagnosis may look at: one gradient that is wrong, and everything around it."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

Array = NDArray[Any]
Arrays = dict[str, Array]
Forward = Callable[..., Array]
Backward = Callable[..., Mapping[str, Array]]


@dataclass(frozen=True)
class SourceFile:
    """The file that holds a person's forward and backward."""

    path: Path
    text: str

    def line(self, number: int) -> str:
        """Return line `number`, counted from 1, without the spaces around it; "" where there is none."""
        lines = self.text.splitlines()
        return lines[number - 1].strip() if 1 <= number <= len(lines) else ""

    def find_definition(self, name: str) -> str:
        """Return the text of the class or function of this name; that of the whole file where there is none."""
        return _find_definition(self.text, name)


@lru_cache(maxsize=64)
def _find_definition(text: str, name: str) -> str:
    try:
        nodes = ast.walk(ast.parse(text))
    except (SyntaxError, ValueError, RecursionError):
        return text
    found = (n for n in nodes if isinstance(n, ast.ClassDef | ast.FunctionDef) and n.name == name)
    return next((ast.get_source_segment(text, node) or "" for node in found), text)


def _nothing() -> Iterator[Any]:
    return iter(())


@dataclass(frozen=True, eq=False)
class Problem:
    """One input whose gradient is wrong.

    `name` is that input; forward(**inputs) returns Y and changes nothing; `inputs` are float64, labels integers, and
    parameters stand among them. `dY` is the cotangent, of the shape of Y. `found` and `expected` are the person's and
    the true gradients by input name. `tolerance` is relative to the largest entry. backward(dY, **inputs) returns the
    person's gradients at any other point; None where it cannot be run again. `source` is None where there is no file.
    `other_mode` is the forward in another mode, behind its words. `numbers` are settings of an object by their names.
    `list_others` yields the problem with other settings, and neither `found` nor `expected`; `list_sizes` that of an
    object made in other sizes, with its inputs. `cotangents` are what the backward calls the cotangents of several
    outputs, which lie in dY one behind the other. `is_part` tells that the same backward has other outputs or modes,
    `is_of_axis` that it is the problem at another axis. `shared` is what is found out once for all gradients there.
    """

    name: str
    forward: Forward
    inputs: Arrays
    dY: Array
    found: Arrays
    expected: Arrays
    tolerance: float
    backward: Backward | None = None
    source: SourceFile | None = None
    other_mode: tuple[str, Forward] | None = None
    numbers: Mapping[str, float] = field(default_factory=dict)
    list_others: Callable[[], Iterator[Problem]] = _nothing
    list_sizes: Callable[[], Iterator[tuple[Problem, Arrays]]] = _nothing
    cotangents: tuple[str, ...] = ()
    is_part: bool = False
    is_of_axis: bool = False
    shared: dict[str, Any] = field(default_factory=dict)
