"""Pre-activation residual block.

Source: He, Zhang, Ren and Sun, "Identity Mappings in Deep Residual Networks", 2016, figure 1(b).
"""

import torch
from torch import Tensor, nn


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
