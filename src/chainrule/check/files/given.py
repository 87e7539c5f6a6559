"""Inputs as a person gives them on the command line."""

from __future__ import annotations

import copy
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from chainrule.errors import UserError

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class Given:
    """An input as the person wants it: an array of this shape, class numbers below `classes`, or one number.

    `array` is one that is given whole, or a shape.
    """

    shape: tuple[int, ...] = ()
    classes: int = 0
    value: float | None = None
    array: Any = field(default=None, compare=False)

    def draw(self, rng: np.random.Generator) -> Any:
        """Return the input."""
        if self.value is not None:
            return int(self.value) if float(self.value).is_integer() else self.value
        if self.array is not None:
            return copy.copy(self.array)
        return rng.integers(0, self.classes, self.shape) if self.classes else rng.normal(0.2, 1.0, self.shape)


def parse_given(text: str) -> tuple[str, Given]:
    """Return name and input of `x=8x5` (a shape), `y=labels:8:5` (8 class numbers below 5; `labels:8x3:5` has 8×3 of
    them) or `eps=value:1e-5`; `parameters.W1=4x5` is an entry of a dictionary.

    Raises UserError for anything else.
    """
    name, _, form = text.partition("=")
    if name.replace(".", "_").isidentifier():
        if re.fullmatch(r"[1-9]\d*(x[1-9]\d*)*", form):
            return name, Given(tuple(map(int, form.split("x"))))
        if labels := re.fullmatch(r"labels:([1-9]\d*(?:x[1-9]\d*)*):([1-9]\d*)", form):
            return name, Given(tuple(map(int, labels[1].split("x"))), int(labels[2]))
        if number := re.fullmatch(r"value:([-+.\deE]+)", form):
            try:
                return name, Given(value=float(number[1]))
            except ValueError:
                pass
    raise UserError(f"--input {text}: expected NAME=8x5, NAME=labels:8:5 or NAME=value:0.1")
