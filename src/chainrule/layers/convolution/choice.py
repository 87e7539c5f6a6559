"""Which algorithm a convolution takes: a rule on its shape, which `python -m benchmarks.convolution` justifies."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np

from chainrule.layers.convolution.algorithm import Algorithm
from chainrule.layers.convolution.geometry import Geometry
from chainrule.layers.convolution.im2col import Im2col
from chainrule.layers.convolution.pointwise import Pointwise
from chainrule.layers.convolution.reference import Reference
from chainrule.layers.convolution.shifted import Shifted
from chainrule.layers.convolution.tiles import Tiles
from chainrule.layers.convolution.winograd import Winograd

ALGORITHMS: dict[str, Callable[[Geometry], Algorithm]] = {
    "reference": Reference,
    "im2col": Im2col,
    "pointwise": Pointwise,
    "shifted": Shifted,
    "winograd2": lambda geometry: Winograd(geometry, 2),
    "winograd4": lambda geometry: Winograd(geometry, 4),
}
SAVING = 2  # how many times fewer products repay the transforms of images in Winograd's convolution,
PAIRS = 512  # in how many pairs of channels; fewer pairs than that have too few products at all,
TILES = 64  # and how many tiles of all images the transform of the kernel
CHANNELS = 8  # from which on a kernel entry is a matrix worth a product of its own


def list_fitting(geometry: Geometry) -> list[str]:
    """The names of the algorithms that can compute a convolution of this geometry."""
    kinds = {"pointwise": Pointwise.fits, "winograd2": Winograd.fits, "winograd4": Winograd.fits}
    return [name for name in ALGORITHMS if name not in kinds or kinds[name](geometry)]


@cache
def choose_algorithm(geometry: Geometry, shape: tuple[int, ...], F: int) -> str:
    """The name of the algorithm that is likely fastest for inputs of this shape (S, H, W, C) and F channels out."""
    S, H, W, C = shape
    if Pointwise.fits(geometry):
        return "pointwise"
    if Winograd.fits(geometry) and C * F >= PAIRS:
        tiles = Tiles.of(4, shape, geometry)
        saving = count_products(geometry, H, W) / (tiles.number * tiles.entries)
        if saving >= SAVING and S * tiles.number >= TILES:
            return "winograd4"
    return "shifted" if C >= CHANNELS else "im2col"


def count_products(geometry: Geometry, H: int, W: int) -> int:
    """How often an entry of an image meets one of the kernel: the products of two channels that are not with zero."""
    met = [geometry.meet(a, e, H, W)[0] for a, e in np.ndindex(geometry.kernel)]
    return sum((i.stop - i.start) * (j.stop - j.start) for _, i, j in met)
