"""A small convolutional network on whitened patches: the design that the records of CIFAR-10 share."""

from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from chainrule.nets.architectures import CONVOLUTIONAL, HEAD_STD, check_choice, check_whitened, describe_whitened
from chainrule.nets.whitening import whitening_filters
from chainrule.pytorch.building import build_module


class WhitenedConvNet(nn.Sequential):
    """The counterpart of `chainrule.nets.WhitenedConvNet`, with its arguments and the names of its parameters."""

    def __init__(
        self,
        image: Sequence[int] = (3, 32, 32),
        num_classes: int = 10,
        *,
        width: int = 64,
        init: str = "dirac",
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        check_whitened(image)
        check_choice("init", init, CONVOLUTIONAL)
        described = describe_whitened(image, num_classes, width)
        super().__init__(OrderedDict((name, build_module(each, device, dtype)) for name, each in described.items()))
        with torch.no_grad():
            weight = self.get_parameter("linear.weight")
            weight.mul_(HEAD_STD / weight.std(correction=0))
        if init == "dirac":
            set_dirac(self)

    def whiten(self, X: NDArray[Any]) -> None:
        """Set the filters to those that whiten the patches of these images (N, C, H, W)."""
        with torch.no_grad():
            self.get_parameter("whitening.weight").copy_(torch.tensor(whitening_filters(X)))

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits."""
        logits: Tensor = super().forward(x)
        return logits


def set_dirac(net: nn.Module) -> None:
    """Let each trained convolution of odd kernel pass its first channels on, as `chainrule.nets.set_dirac` does."""
    for module in net.modules():
        if not isinstance(module, nn.Conv2d) or module.groups > 1 or not module.weight.requires_grad:
            continue
        if all(side % 2 for side in module.kernel_size):
            nn.init.dirac_(module.weight[: module.in_channels].detach())
