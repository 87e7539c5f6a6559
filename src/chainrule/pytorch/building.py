"""PyTorch's modules, built from their descriptions."""

from typing import Any

import torch
from torch import nn

from chainrule.nets.architectures import WITH_PARAMETERS, Description
from chainrule.pytorch.preact import PreAct


class Residual(nn.Module):
    """`y = x + body(x)`, the counterpart of `chainrule.layers.Residual`."""

    def __init__(self, body: nn.Module) -> None:
        super().__init__()
        self.body = body

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return y, of the shape of x."""
        return x + self.body(x)


def build_module(description: Description, device: torch.device | str | None, dtype: torch.dtype | None) -> nn.Module:
    """Return the module that is described."""
    kind, *arguments = description
    if kind == "Residual":
        return Residual(nn.Sequential(*(build_module(part, device, dtype) for part in arguments)))
    options: dict[str, Any] = {"device": device, "dtype": dtype} if kind in WITH_PARAMETERS else {}
    module: nn.Module = (PreAct if kind == "PreAct" else getattr(nn, kind))(*arguments, **options)
    return module
