"""What a network's outputs Z (S, N) mean: the loss with its gradient, with a weight for each sample, and predictions.

Every loss is a mean over the samples of w[s] ℓ(Z[s], T[s]); the weights w are given so that their mean is 1 over all
samples.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from chainrule.layers import CrossEntropyLoss, MSELoss, Sigmoid, Softmax

Array = NDArray[Any]


class Head(Protocol):
    """What stands behind the last linear layer."""

    name: str

    def loss(self, Z: Array, T: Array, w: Array | None) -> tuple[float, Array]:
        """Return the loss and its gradient dZ."""

    def predict(self, Z: Array) -> Array:
        """Return what is predicted: probabilities, or values."""


@dataclass
class SoftmaxHead:
    """One class of several; targets are class numbers (S)."""

    label_smoothing: float = 0.0
    name: str = "softmax"

    def loss(self, Z: Array, T: Array, w: Array | None) -> tuple[float, Array]:
        """Cross-entropy. A weight enters by the targets, which then sum to w[s]: the equations allow that."""
        if w is None:
            value, cache = (loss := CrossEntropyLoss(label_smoothing=self.label_smoothing)).forward(Z, T)
            return float(value), loss.backward(cache)
        smoothed = _smooth(np.eye(Z.shape[1], dtype=Z.dtype)[T], self.label_smoothing)
        value, cache = (loss := CrossEntropyLoss()).forward(Z, smoothed * w[:, None])
        return float(value), loss.backward(cache)

    def predict(self, Z: Array) -> Array:
        """Probabilities (S, K)."""
        return Softmax().forward(Z)[0]


@dataclass
class LogisticHead:
    """Yes or no, one or several times; targets (S, N) of 0 and 1."""

    label_smoothing: float = 0.0
    name: str = "logistic"

    def loss(self, Z: Array, T: Array, w: Array | None) -> tuple[float, Array]:
        """Cross-entropy of two classes with logits 0 and z, whose softmax is 1 − σ(z) and σ(z); summed over outputs."""
        logits = np.stack([np.zeros_like(Z), Z], axis=-1).reshape(-1, 2)
        targets = _smooth(np.stack([1 - T, T], axis=-1).astype(Z.dtype), self.label_smoothing)
        if w is not None:
            targets *= w[:, None, None]
        value, cache = (loss := CrossEntropyLoss()).forward(logits, targets.reshape(-1, 2))
        dZ = loss.backward(cache)[:, 1].reshape(Z.shape)
        outputs = Z.shape[1]  # the loss is a mean over samples and outputs
        return float(value) * outputs, dZ * outputs

    def predict(self, Z: Array) -> Array:
        """Probabilities (S, N) of yes."""
        return Sigmoid().forward(Z)[0]


@dataclass
class SquaredHead:
    """Values (S, N)."""

    name: str = "identity"

    def loss(self, Z: Array, T: Array, w: Array | None) -> tuple[float, Array]:
        """`½ Σ_n (Z − T)²`. A weight w of a sample is the factor √w of its Z and T."""
        root = np.ones((1, 1), Z.dtype) if w is None else np.sqrt(w)[:, None]
        value, cache = (loss := MSELoss()).forward(root * Z, root * T)
        half = Z.shape[1] / 2  # MSELoss is a mean over samples and outputs
        return half * float(value), half * root * loss.backward(cache)

    def predict(self, Z: Array) -> Array:
        """The values themselves."""
        return Z


@dataclass
class PoissonHead:
    """Counts (S, N), not negative, of which Z is the logarithm of the expected value."""

    name: str = "exp"

    def loss(self, Z: Array, T: Array, w: Array | None) -> tuple[float, Array]:
        """Half the Poisson deviance, `Σ_n exp z − t + t log(t / exp z)`, whose slope in z is exp z − t."""
        weights = (np.ones((1, 1), Z.dtype) if w is None else w[:, None]) / len(Z)
        expected = np.exp(Z)
        own = T * np.log(np.where(T > 0, T, 1)) - T  # what does not depend on Z
        return float(np.sum(weights * (expected - T * Z + own))), weights * (expected - T)

    def predict(self, Z: Array) -> Array:
        """The expected values."""
        return np.exp(Z)


def _smooth(T: Array, smoothing: float) -> Array:
    """Return (1 − ε) T + ε / K."""
    return T * (1 - smoothing) + smoothing / T.shape[-1] if smoothing else T
