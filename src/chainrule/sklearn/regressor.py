"""Regression: one value or several for each sample."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import Any, Self

import numpy as np
from sklearn.base import RegressorMixin
from sklearn.metrics import r2_score

from chainrule import layers
from chainrule.sklearn.estimator import Array, NetworkEstimator, stochastic_only
from chainrule.sklearn.heads import PoissonHead, SquaredHead
from chainrule.sklearn.perceptron import build_mlp
from chainrule.sklearn.samples import Samples


@dataclass(eq=False, repr=False)
class MLPRegressor(RegressorMixin, NetworkEstimator):
    """A multi-layer perceptron that predicts values, with the parameters, attributes and defaults of scikit-learn's.

    Beside scikit-learn's: `norm`, `dropout`, further activations, adamw, schedules, `dtype` and `init`, as in
    MLPClassifier. The loss is half the square, summed over the outputs, or half the Poisson deviance; both are means
    over the samples.
    """

    loss: str = "squared_error"
    hidden_layer_sizes: Any = (100,)
    activation: str = "relu"
    _: KW_ONLY
    norm: str | None = None
    dropout: float = 0.0
    init: str = "glorot"

    @stochastic_only
    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Learn from these samples for one epoch."""
        self._check_settings()
        return self._learn(X, y, sample_weight, fresh=not hasattr(self, "net_"), once=True)

    def predict(self, X: Any) -> Array:
        """Return the values (S), or (S, N) where there are several for each sample."""
        values = self._predict_head(X)
        return values.ravel() if self._flat else values

    def _build(self, in_features: int, outputs: int, rng: np.random.Generator, dtype: Any) -> layers.Layer:
        return build_mlp(self, in_features, outputs, rng, dtype)

    def _encode(self, y: Array, declare: bool) -> Array:
        T = np.asarray(y, dtype=np.float64)
        self._flat = T.ndim == 1
        T = T.reshape(len(T), -1)
        if not hasattr(self, "net_") or declare:
            self.n_outputs_ = T.shape[1]
            self._head = SquaredHead() if self.loss == "squared_error" else PoissonHead()
        if T.shape[1] != self.n_outputs_:
            raise ValueError(f"{type(self).__name__}: y has {T.shape[1]} outputs, but had {self.n_outputs_} at first")
        if self.loss == "poisson" and (T < 0).any():
            raise ValueError(f"{type(self).__name__}: loss='poisson' needs y of at least 0, but y has {T.min():g}")
        return T

    def _score(self, Z: Array, samples: Samples) -> float:
        return float(r2_score(samples.T, self._head.predict(Z), sample_weight=samples.w))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags
