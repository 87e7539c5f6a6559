"""Adam and AdamW, with PyTorch's conventions (`torch.optim.Adam`, `torch.optim.AdamW`)."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from chainrule.optim.base import Array, SingleRule, require


class Adam(SingleRule):
    """`m ← β₁ m + (1-β₁) g`, `v ← β₂ v + (1-β₂) g²`, `p ← p - lr m̂ / (√v̂ + ε)`.

    m̂ = m/(1-β₁ᵗ) and v̂ = v/(1-β₂ᵗ) at step t; m and v start at 0. Weight decay λ adds λ p to the gradient g. The state
    holds m/(1-β₁) and v/(1-β₂): `gradient_sum ← β₁ gradient_sum + g` and `square_sum ← β₂ square_sum + g²`.
    Source: Kingma and Ba, "Adam: A Method for Stochastic Optimization", ICLR 2015, algorithm 1.
    """

    def __init__(
        self,
        params: Mapping[str, Array],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        require(all(0 <= beta < 1 for beta in betas), f"betas are {betas}, but each must be in [0, 1)")
        require(eps >= 0, f"eps is {eps}, but must be at least 0")
        self.betas, self.eps = betas, eps
        super().__init__(params, lr, weight_decay, "gradient_sum", "square_sum")

    def _update(self, p: Array, g: Array, *rest: Array) -> None:
        m, v, scratch = rest
        if self.weight_decay:
            np.multiply(p, self.weight_decay, out=scratch)
            scratch += g
            g = scratch
        self._descend(p, g, m, v, scratch)

    def _descend(self, p: Array, g: Array, m: Array, v: Array, scratch: Array) -> None:
        # With m/(1-β₁) and v/(1-β₂) in place of m and v the constants leave the large arrays and meet in two numbers.
        beta1, beta2 = self.betas
        scale1 = (1 - beta1) / (1 - beta1**self.steps)  # m̂ = scale1 m
        scale2 = (1 - beta2) / (1 - beta2**self.steps)  # v̂ = scale2 v
        m *= beta1
        m += g
        v *= beta2
        v += np.multiply(g, g, out=scratch)

        root = np.sqrt(v, out=scratch)
        root += self.eps / math.sqrt(scale2)  # (√v̂ + ε) / √scale2
        change = np.divide(m, root, out=scratch)
        change *= self.lr * scale1 / math.sqrt(scale2)
        p -= change


class AdamW(Adam):
    """Adam with weight decay beside the gradient: first `p ← p - lr λ p`, then Adam's step.

    Source: Loshchilov and Hutter, "Decoupled Weight Decay Regularization", ICLR 2019, algorithm 2, where PyTorch's
    default λ is 0.01.
    """

    def __init__(
        self,
        params: Mapping[str, Array],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.01,
    ) -> None:
        super().__init__(params, lr, betas, eps, weight_decay)

    def _update(self, p: Array, g: Array, *rest: Array) -> None:
        m, v, scratch = rest
        p *= 1 - self.lr * self.weight_decay
        self._descend(p, g, m, v, scratch)
