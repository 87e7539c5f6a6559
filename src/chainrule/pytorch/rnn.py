"""The recurrent layer with a norm of its summed inputs, and the network that reads images by it, row by row."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from chainrule.layers.recurrent.rnn import check_rnn

NONLINEARITIES = {"tanh": torch.tanh, "relu": torch.relu}


class RNN(nn.Module):
    """`H_t = tanh(X_t Wᵀ + b + H_{t-1} Uᵀ + c)`, with a norm of the summed inputs `H_t = tanh(γ ∘ norm(…) + β)`.

    Input (S, T, M), output (S, T, N): the state after every step. Arguments, parameters and state-dict keys are those
    of `chainrule.layers.RNN`; random numbers come from PyTorch's generator. Without a norm it is `torch.nn.RNN` with
    `batch_first=True` and one layer. Raises ValueError for an unknown nonlinearity or norm.
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        *,
        nonlinearity: str = "tanh",
        bias: bool = True,
        norm: str | None = None,
        steps: int | None = None,
        eps: float = 1e-5,
    ) -> None:
        super().__init__()
        check_rnn(nonlinearity, norm, steps)
        N = hidden_size
        self.norm, self.nonlinearity = norm, NONLINEARITIES[nonlinearity]
        self.weight_ih_l0 = nn.Parameter(torch.empty(N, input_size))
        self.weight_hh_l0 = nn.Parameter(torch.empty(N, N))
        biased = bias and norm is None
        self.bias_ih_l0 = nn.Parameter(torch.empty(N)) if biased else None
        self.bias_hh_l0 = nn.Parameter(torch.empty(N)) if biased else None
        for parameter in self.parameters():
            nn.init.uniform_(parameter, -1 / math.sqrt(N), 1 / math.sqrt(N))
        self.gain = None if norm is None else nn.Parameter(torch.ones(N))
        self.shift = None if norm is None else nn.Parameter(torch.zeros(N))
        norms: list[nn.Module] = []
        if norm == "layer":
            norms = [nn.LayerNorm(N, eps, elementwise_affine=False)]
        elif norm == "batch":
            norms = [nn.BatchNorm1d(N, eps, affine=False) for _ in range(steps or 0)]
        self.norms = nn.ModuleList(norms)

    def forward(self, X: Tensor) -> Tensor:
        """Return the states (S, T, N)."""
        summed = nn.functional.linear(X, self.weight_ih_l0, self.bias_ih_l0)
        H, states = X.new_zeros(len(X), len(self.weight_hh_l0)), []
        for t in range(X.shape[1]):
            A = summed[:, t] + nn.functional.linear(H, self.weight_hh_l0, self.bias_hh_l0)
            if self.norm is not None:
                A = self.gain * self.norms[t if self.norm == "batch" else 0](A) + self.shift
            H = self.nonlinearity(A)
            states.append(H)
        return torch.stack(states, dim=1)


class RowRNN(nn.Module):
    """`rnn` over the rows of an image, from the top, then `linear` of the state after the last row.

    `shape` is that of an image (C, H, W): H steps of C W values. Input (S, C H W) or (S, C, H, W), output (S, classes):
    logits. Arguments and state-dict keys are those of `chainrule.nets.RowRNN`.
    """

    def __init__(self, shape: Sequence[int], hidden_size: int, classes: int, *, norm: str | None = None) -> None:
        super().__init__()
        C, H, W = self.shape = tuple(shape)
        self.rnn = RNN(C * W, hidden_size, norm=norm, steps=H if norm == "batch" else None)
        self.linear = nn.Linear(hidden_size, classes)

    def forward(self, X: Tensor) -> Tensor:
        """Return the logits (S, classes)."""
        C, H, W = self.shape
        rows = X.reshape(-1, C, H, W).transpose(1, 2).reshape(-1, H, C * W)
        return self.linear(self.rnn(rows)[:, -1])
