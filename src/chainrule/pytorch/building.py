"""PyTorch's modules, built from their descriptions, and the blocks that PyTorch lacks.

Source of PreAct: He, Zhang, Ren and Sun, "Identity Mappings in Deep Residual Networks", 2016, figure 1(b).
"""

from typing import Any

import torch
from torch import Tensor, nn

from chainrule.nets.architectures import WITH_PARAMETERS, Description
from chainrule.pytorch.blocks import BlockLinear, Gather


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


class Residual(nn.Module):
    """`y = x + body(x)`, the counterpart of `chainrule.layers.Residual`."""

    def __init__(self, body: nn.Module) -> None:
        super().__init__()
        self.body = body

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return y, of the shape of x."""
        return x + self.body(x)


class Scale(nn.Module):
    """`y = factor x`, the counterpart of `chainrule.layers.Scale`."""

    def __init__(self, factor: float) -> None:
        super().__init__()
        self.factor = factor

    def forward(self, x: Tensor) -> Tensor:
        """Return y, of the shape of x."""
        return self.factor * x


OWN: dict[str, Any] = {"BlockLinear": BlockLinear, "Gather": Gather, "PreAct": PreAct, "Scale": Scale}


def build_module(description: Description, device: torch.device | str | None, dtype: torch.dtype | None) -> nn.Module:
    """Return the module that is described."""
    kind, *arguments = description
    if kind == "Residual":
        return Residual(nn.Sequential(*(build_module(part, device, dtype) for part in arguments)))
    if kind == "Frozen":
        names, inner = arguments
        frozen = build_module(inner, device, dtype)
        for name in names:
            frozen.get_parameter(name).requires_grad_(False)
        return frozen
    options: dict[str, Any] = {"device": device, "dtype": dtype} if kind in WITH_PARAMETERS else {}
    if kind == "Gather":
        options["device"] = device
    if kind == "Conv2d" and len(arguments) > 5:
        options["bias"] = arguments.pop()  # which PyTorch has further behind
    module: nn.Module = (OWN[kind] if kind in OWN else getattr(nn, kind))(*arguments, **options)
    return module
