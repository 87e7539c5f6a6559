"""Residual connection: the input is added to what a layer makes of it.

Indices
    s  sample      n  feature

Forward
    Y[s,n] = X[s,n] + B[s,n]

Backward
    dX[s,n] = dY[s,n]
    dB[s,n] = dY[s,n]

Why: a sum hands its cotangent to both terms unchanged. B = f(X) is the output of the body, so the gradient of X in full
is dY plus what the body's own backward makes of dB: the direct path carries dY past the body undiminished. (He, Zhang,
Ren and Sun, 2015, arXiv:1512.03385.)
"""

from __future__ import annotations

from typing import Any

from chainrule.layers.base import Array, Arrays, Layer, check_cotangent


class Residual(Layer):
    """`Y = X + f(X)`, where f is the layer `body`, whose output must have the shape of its input, else a ValueError.

    Parameters and buffers are those of the body, under "body.".
    """

    def __init__(self, body: Layer) -> None:
        self.body = body

    def __repr__(self) -> str:
        return f"Residual({self.body!r})"

    @property
    def children(self) -> dict[str, Layer]:
        """The body."""
        return {"body": self.body}

    def forward(self, X: Array) -> tuple[Array, tuple[tuple[int, ...], Any]]:
        """Return Y; the cache is the shape of X and the body's cache."""
        B, cache = self.body.forward(X)
        if B.shape != X.shape:
            raise ValueError(f"{self!r}: X has shape {X.shape}, but the body's output has shape {B.shape}")
        return X + B, (X.shape, cache)

    def backward(self, dY: Array, cache: tuple[tuple[int, ...], Any]) -> tuple[Array, Arrays]:
        """Return dX and the gradients of the body's parameters."""
        shape, body_cache = cache
        check_cotangent(self, dY, shape)
        dX, grads = self.body.backward(dY, body_cache)
        return dY + dX, {f"body.{name}": grad for name, grad in grads.items()}
