"""Stochastic gradient descent, with PyTorch's conventions (`torch.optim.SGD`)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from chainrule.optim.base import Array, SingleRule, require


class SGD(SingleRule):
    """`v ← μ v + (g + λ p)`, then `p ← p - lr v`; with Nesterov `p ← p - lr (g + λ p + μ v)`.

    g gradient, p parameter, μ momentum, λ weight decay, v velocity (starts at 0). Without momentum v is g + λ p.
    Source: Sutskever et al., "On the importance of initialization and momentum in deep learning", ICML 2013, in the
    form of `torch.optim.SGD`, where lr multiplies the velocity.
    """

    def __init__(
        self,
        params: Mapping[str, Array],
        lr: float = 1e-3,
        momentum: float = 0.0,
        nesterov: bool = False,
        weight_decay: float = 0.0,
    ) -> None:
        require(momentum >= 0, f"momentum is {momentum}, but must be at least 0")
        require(momentum > 0 or not nesterov, "nesterov=True needs a momentum above 0")
        self.momentum, self.nesterov = momentum, nesterov
        super().__init__(params, lr, weight_decay, *(["momentum_buffer"] if momentum else []))

    def _update(self, p: Array, g: Array, *rest: Array) -> None:
        *velocity, scratch = rest
        if self.weight_decay:
            np.multiply(p, self.weight_decay, out=scratch)
            scratch += g
            g = scratch
        if velocity:
            v = velocity[0]
            v *= self.momentum
            v += g
            if self.nesterov:
                ahead = self.momentum * v
                ahead += g
                v = ahead
            g = v
        np.multiply(g, self.lr, out=scratch)
        p -= scratch
