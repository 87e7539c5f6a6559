"""A small convolutional network on whitened patches: the design that the records of CIFAR-10 share."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import DTypeLike

from chainrule.layers import Conv2d
from chainrule.layers.base import Array, Layer
from chainrule.nets.architectures import CONVOLUTIONAL, HEAD_STD, check_choice, check_whitened, describe_whitened
from chainrule.nets.building import build_layer
from chainrule.nets.sequential import Sequential
from chainrule.nets.whitening import whitening_filters


class WhitenedConvNet(Sequential):
    """Frozen filters that whiten patches of 2×2 pixels, three groups of two convolutions, and a scaled linear layer.

    A group is conv, max pooling, norm, GELU, conv, norm, GELU: 3×3 convolutions without bias, batch norms whose scale
    is frozen at 1. They have `width`, 4 and 4 times as many channels; after them comes the largest value of each
    channel. Input (S, C, H, W) for images `image` (C, H, W), output (S, num_classes): logits. With 3×32×32 pixels, 10
    classes and width 64 it has 1,971,352 parameters that are trained, with the names, shapes and initial distributions
    of `chainrule.pytorch.WhitenedConvNet`.

    `init="dirac"` makes the first channels of each 3×3 convolution pass through unchanged, as `set_dirac` does;
    "pytorch" leaves all as PyTorch draws it. The whitening is that of N(0, 1) patches until `whiten` sets it. Raises
    ValueError for images of fewer than 3 pixels a side and an input of another shape.
    Source: Jordan, 2024, arXiv:2404.00498 (airbench94).
    """

    def __init__(
        self,
        image: Sequence[int] = (3, 32, 32),
        num_classes: int = 10,
        *,
        width: int = 64,
        init: str = "dirac",
        rng: np.random.Generator | None = None,
        dtype: DTypeLike = np.float32,
        algorithm: str = "auto",
    ) -> None:
        check_whitened(image)
        check_choice("init", init, CONVOLUTIONAL)
        rng = np.random.default_rng() if rng is None else rng
        self.image = tuple(image)
        described = describe_whitened(image, num_classes, width)
        for name in [name for name in described if name.startswith("norm")]:  # norm and GELU in one pass
            _, names, (_, *arguments) = described[name]
            described[name] = ("Frozen", names, ("BatchNormGELU2d", *arguments))
            del described[name.replace("norm", "gelu")]
        super().__init__(*(build_layer(each, rng, dtype, algorithm) for each in described.values()), names=described)
        self.params["linear.weight"][...] *= HEAD_STD / self.params["linear.weight"].std()
        if init == "dirac":
            set_dirac(self)

    def whiten(self, X: Array) -> None:
        """Set the filters to those that whiten the patches of these images (N, C, H, W); see `whitening_filters`."""
        self.buffers["whitening.weight"][...] = whitening_filters(X)

    def forward(self, X: Array) -> tuple[Array, list[object]]:
        """Return the logits; the cache is the list of the layers' caches."""
        if X.ndim != 4 or X.shape[1:] != self.image:
            raise ValueError(
                f"WhitenedConvNet: X has shape {X.shape}, but must be (S, {', '.join(map(str, self.image))})"
            )
        return super().forward(X)


def set_dirac(net: Layer) -> None:
    """Let each trained convolution of odd kernel and stride 1 pass its first channels on: as `torch.nn.init.dirac_`.

    W[f,c] is 1 in the middle where f = c, and else 0, for all f up to the number of channels in; channels out beyond
    that stay as they were drawn. Source: Zagoruyko and Komodakis, "DiracNets", 2017, arXiv:1706.00388.
    """
    for _, layer in net.modules():
        if isinstance(layer, Conv2d) and "weight" in layer.parameter_names:
            (rows, columns), same = layer.geometry.kernel, min(layer.weight.shape[:2])
            if rows % 2 and columns % 2 and layer.groups == 1:
                layer.weight[: layer.in_channels] = 0
                layer.weight[range(same), range(same), rows // 2, columns // 2] = 1
