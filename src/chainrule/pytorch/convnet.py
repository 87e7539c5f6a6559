"""VGG-13 with pre-activation residual blocks: the practical's convolutional network.

Source of the blocks: He, Zhang, Ren and Sun, "Identity Mappings in Deep Residual Networks", 2016, figure 1(b).
"""

from collections import OrderedDict

import torch
from torch import Tensor, nn

LARGEST = 32  # pixels a side that five poolings of stride 2 bring down to one


class PreAct(nn.Module):
    """`x + conv(relu(batchnorm(x)))`: a 3×3 convolution that keeps channels and size, as the change of x.

    Input and output (S, channels, H, W).
    """

    def __init__(
        self, channels: int, *, device: torch.device | str | None = None, dtype: torch.dtype | None = None
    ) -> None:
        super().__init__()
        self.batchnorm = nn.BatchNorm2d(channels, device=device, dtype=dtype)
        self.relu = nn.ReLU(inplace=True)  # batch norm's backward needs its input, not its output
        self.conv = nn.Conv2d(channels, channels, 3, padding=1, device=device, dtype=dtype)

    def forward(self, x: Tensor) -> Tensor:
        """Return x and its change."""
        change: Tensor = self.conv(self.relu(self.batchnorm(x)))
        return x + change


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
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        def conv(channels_in: int, channels_out: int, kernel_size: int) -> nn.Conv2d:
            padding = kernel_size // 2
            return nn.Conv2d(channels_in, channels_out, kernel_size, padding=padding, device=device, dtype=dtype)

        def block(channels: int) -> PreAct:
            return PreAct(channels, device=device, dtype=dtype)

        def halve() -> nn.MaxPool2d:
            return nn.MaxPool2d(3, stride=2, padding=1)

        stack: OrderedDict[str, nn.Module] = OrderedDict()
        stack["conv0"] = conv(in_channels, width, 3)
        stack["preact1"] = block(width)
        for stage, channels in enumerate((2 * width, 4 * width, 8 * width), start=2):
            stack[f"conv{stage - 1}"] = conv(channels // 2, channels, 1)
            stack[f"maxpool{stage - 1}"] = halve()
            stack[f"preact{stage}_a"] = block(channels)
            stack[f"preact{stage}_b"] = block(channels)
        stack["maxpool4"] = halve()
        stack["preact5_a"] = block(8 * width)
        stack["preact5_b"] = block(8 * width)
        stack["maxpool5"] = halve()
        stack["batchnorm"] = nn.BatchNorm2d(8 * width, device=device, dtype=dtype)
        stack["relu"] = nn.ReLU(inplace=True)
        stack["flatten"] = nn.Flatten()
        stack["linear"] = nn.Linear(8 * width, num_classes, device=device, dtype=dtype)
        super().__init__(stack)
        self.in_channels = in_channels

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits."""
        if x.ndim != 4 or x.shape[1] != self.in_channels or not all(1 <= size <= LARGEST for size in x.shape[2:]):
            raise ValueError(
                f"ConvNet: x has shape {tuple(x.shape)}, but must be (S, {self.in_channels}, H, W) "
                f"with H and W from 1 to {LARGEST}"
            )
        logits: Tensor = super().forward(x)
        return logits
