"""Muon in PyTorch, in the precision of the parameters; and several optimizers as one.

`torch.optim.Muon` (from PyTorch 2.9 on) takes matrices alone, and orthogonalises them in bfloat16, which processors
without instructions for it compute many times slower than float32.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import torch

from chainrule.optim.muon import QUINTIC, adjust_lr


class Muon(torch.optim.Optimizer):
    """The counterpart of `chainrule.optim.Muon`, with its arguments: parameters of two axes or more."""

    def __init__(
        self,
        params: Iterable[torch.nn.Parameter],
        lr: float = 1e-3,
        momentum: float = 0.95,
        nesterov: bool = True,
        weight_decay: float = 0.1,
        *,
        ns_coefficients: tuple[float, float, float] = QUINTIC,
        ns_steps: int = 5,
        eps: float = 1e-7,
        adjust_lr_fn: str = "original",
        fixed_norm: bool = False,
        stacked: bool = False,
    ) -> None:
        super().__init__(params, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})
        for group in self.param_groups:
            for p in group["params"]:
                if p.ndim < 2:
                    raise ValueError(f"Muon takes matrices and filters, not a parameter of shape {tuple(p.shape)}")
        self.nesterov, self.fixed_norm, self.stacked, self.adjust_lr_fn = nesterov, fixed_norm, stacked, adjust_lr_fn
        self.ns_coefficients, self.ns_steps, self.eps = ns_coefficients, ns_steps, eps

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:  # type: ignore[override]
        """Update each parameter that has a gradient."""
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is not None:
                    self._update(p, p.grad, group)

    def _update(self, p: torch.Tensor, g: torch.Tensor, group: dict[str, Any]) -> None:
        state, momentum, lr = self.state[p], group["momentum"], group["lr"]
        if "momentum_buffer" not in state:
            state["momentum_buffer"] = torch.zeros_like(p)
        v = state["momentum_buffer"].lerp_(g, 1 - momentum)
        update = g.lerp(v, momentum) if self.nesterov else v
        shape = (-1, *p.shape[-2:]) if self.stacked else (len(p), -1)
        matrix = orthogonalise(update.reshape(shape), self.ns_steps, self.ns_coefficients, self.eps)
        if self.fixed_norm:
            norm = p.norm(dim=(-2, -1), keepdim=True) if self.stacked else p.norm()
            p.mul_(math.sqrt(matrix.shape[-2]) / norm.clamp(min=self.eps))
        p.mul_(1 - lr * group["weight_decay"])
        p.sub_(matrix.reshape(p.shape), alpha=lr * adjust_lr(self.adjust_lr_fn, *matrix.shape[-2:]))


def orthogonalise(
    G: torch.Tensor, steps: int = 5, coefficients: tuple[float, float, float] = QUINTIC, eps: float = 1e-7
) -> torch.Tensor:
    """As `chainrule.optim.orthogonalise`."""
    a, b, c = coefficients
    tall = G.shape[-2] > G.shape[-1]
    X = G.transpose(-2, -1) if tall else G
    X = X / X.norm(dim=(-2, -1), keepdim=True).clamp(min=eps)
    add_product = torch.addmm if G.ndim == 2 else torch.baddbmm
    for _ in range(steps):
        A = X @ X.transpose(-2, -1)
        X = add_product(X, add_product(A, A, A, beta=b, alpha=c), X, beta=a)
    return X.transpose(-2, -1) if tall else X


class Combined:
    """Several of PyTorch's optimizers as one, each over parameters of its own; they share one state by parameter.

    A group's "ratio" is its learning rate divided by that of the first group.
    """

    def __init__(self, *parts: torch.optim.Optimizer) -> None:
        self.parts, self.state = parts, parts[0].state
        first = parts[0].param_groups[0]["lr"]
        for part in parts:
            part.state = self.state
            for group in part.param_groups:
                group["ratio"] = group["lr"] / first

    @property
    def param_groups(self) -> list[dict[str, Any]]:
        """The groups of all parts."""
        return [group for part in self.parts for group in part.param_groups]

    def zero_grad(self) -> None:
        """Forget the gradients."""
        for part in self.parts:
            part.zero_grad()

    def step(self) -> None:
        """Take a step with every part."""
        for part in self.parts:
            part.step()
