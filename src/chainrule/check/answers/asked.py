"""What is asked for besides a verdict."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Stages = Sequence[str] | Callable[..., Mapping[str, Any]]


@dataclass(frozen=True)
class Asked:
    """What is asked for besides the verdict.

    `stages` are names of intermediate gradients in a person's backward, or stages(dY, X, …) -> {"dxhat": array}; those
    that a backward keeps in a dictionary `stages` need not be asked for.
    `equations` are programs of which one is the forward's; without any, a forward's name may tell them. With
    `pictures`, the verdict holds the gradients as they should be and as they were found.
    """

    stages: Stages = ()
    equations: tuple[str, ...] = ()
    pictures: bool = False


NOTHING = Asked()
