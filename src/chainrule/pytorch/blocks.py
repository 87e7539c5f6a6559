"""Block-diagonal linear layers, and features in a new order, in PyTorch."""

from __future__ import annotations

import math

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor, nn

from chainrule.layers.block_linear import check_blocks


class BlockLinear(nn.Module):
    """The counterpart of `chainrule.layers.BlockLinear`, with its arguments, initialisation and parameters."""

    def __init__(
        self,
        in_features: int,
        out_features: int,
        groups: int,
        places: int = 1,
        bias: bool = True,
        *,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__()
        check_blocks(in_features, out_features, groups, places)
        self.groups, self.places = groups, places
        M, N, bound = in_features // groups, out_features // groups, math.sqrt(groups / in_features)
        self.weight = nn.Parameter(torch.empty(groups, N, M, device=device, dtype=dtype).uniform_(-bound, bound))
        self.bias: nn.Parameter | None = None
        if bias:
            self.bias = nn.Parameter(torch.empty(out_features, device=device, dtype=dtype).uniform_(-bound, bound))

    def extra_repr(self) -> str:
        """The sizes, as `repr` shows them."""
        groups, N, M = self.weight.shape
        return f"{groups * M}, {groups * N}, groups={groups}, places={self.places}, bias={self.bias is not None}"

    def forward(self, x: Tensor) -> Tensor:
        """Return (…, N) of x (…, M)."""
        by_group = x.reshape(-1, self.places, self.groups, self.weight.shape[2] // self.places).permute(2, 0, 1, 3)
        y = torch.bmm(by_group.flatten(2), self.weight.transpose(1, 2))  # (G,S,PM)(G,PM,QN) -> (G,S,QN)
        y = y.unflatten(2, (self.places, -1)).permute(1, 2, 0, 3).reshape(*x.shape[:-1], -1)
        return y if self.bias is None else y + self.bias


class Gather(nn.Module):
    """The counterpart of `chainrule.layers.Gather`, with its arguments."""

    index: Tensor

    def __init__(self, in_features: int, index: ArrayLike, *, device: torch.device | str | None = None) -> None:
        super().__init__()
        self.in_features = in_features
        self.register_buffer("index", torch.tensor(np.asarray(index), device=device), persistent=False)

    def extra_repr(self) -> str:
        """The sizes, as `repr` shows them."""
        return f"{self.in_features}, {len(self.index)} of them"

    def forward(self, x: Tensor) -> Tensor:
        """Return (S, K) of x (S, M)."""
        return x.index_select(1, self.index)
