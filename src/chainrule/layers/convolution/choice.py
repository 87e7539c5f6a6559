"""Which algorithm a convolution takes: a rule on its shape."""

from __future__ import annotations

from collections.abc import Callable

from chainrule.layers.convolution.algorithm import Algorithm
from chainrule.layers.convolution.geometry import Geometry
from chainrule.layers.convolution.im2col import Im2col
from chainrule.layers.convolution.pointwise import Pointwise
from chainrule.layers.convolution.reference import Reference
from chainrule.layers.convolution.shifted import Shifted
from chainrule.layers.convolution.winograd import Winograd

ALGORITHMS: dict[str, Callable[[Geometry], Algorithm]] = {
    "reference": Reference,
    "im2col": Im2col,
    "pointwise": Pointwise,
    "shifted": Shifted,
    "winograd2": lambda geometry: Winograd(geometry, 2),
    "winograd4": lambda geometry: Winograd(geometry, 4),
}
FEW = 8  # channels, or places of an image


def list_fitting(geometry: Geometry) -> list[str]:
    """The names of the algorithms that can compute a convolution of this geometry."""
    kinds = {"pointwise": Pointwise.fits, "winograd2": Winograd.fits, "winograd4": Winograd.fits}
    return [name for name in ALGORITHMS if name not in kinds or kinds[name](geometry)]


def choose_algorithm(geometry: Geometry, shape: tuple[int, ...], F: int) -> str:
    """The name of the algorithm that is likely fastest for inputs of this shape (S, H, W, C) and F channels out."""
    _, H, W, C = shape
    if Pointwise.fits(geometry):
        return "pointwise"
    if min(C, F) < FEW:
        return "im2col"
    if H * W < FEW:
        return "shifted"
    return "winograd4" if Winograd.fits(geometry) else "im2col"
