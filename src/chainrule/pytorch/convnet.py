"""VGG-13 with pre-activation residual blocks: the practical's convolutional network."""

from collections import OrderedDict

import torch
from torch import Tensor, nn

from chainrule.nets.architectures import CONVOLUTIONAL, check_choice, check_images, describe_convnet
from chainrule.pytorch.building import build_module
from chainrule.pytorch.whitened import set_dirac


class ConvNet(nn.Sequential):
    """Five stages of PreAct blocks, each ended by a max pooling that halves the size; then one linear layer.

    Input (S, in_channels, H, W) with H and W from 1 to 32, output (S, num_classes): logits. The stages have `width`
    times 1, 2, 4, 8 and 8 channels; a 1×1 convolution goes from one to the next. With the practical's 3 channels, 10
    classes and width 64 it has 11,138,122 parameters. Raises ValueError for an input of another shape.
    """

    def __init__(
        self,
        in_channels: int = 3,
        num_classes: int = 10,
        *,
        width: int = 64,
        init: str = "pytorch",
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        check_choice("init", init, CONVOLUTIONAL)
        described = describe_convnet(in_channels, num_classes, width)
        described["relu"] = ("ReLU", True)  # in place: batch norm's backward needs its input, not its output
        super().__init__(OrderedDict((name, build_module(each, device, dtype)) for name, each in described.items()))
        self.in_channels = in_channels
        if init == "dirac":
            set_dirac(self)

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits."""
        check_images(x.shape, self.in_channels)
        logits: Tensor = super().forward(x)
        return logits
