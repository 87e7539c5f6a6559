"""What classifier and regressor share: from checked arrays to a trained network, and from it to predictions."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from chainrule import layers
from chainrule.sklearn.descent import Descent, Watch, choose_batch_size, descend
from chainrule.sklearn.heads import Head
from chainrule.sklearn.quasi_newton import minimise
from chainrule.sklearn.samples import Samples, chunks
from chainrule.sklearn.settings import STOCHASTIC, Settings

Array = NDArray[Any]
DTYPES = (np.float64, np.float32)


def is_stochastic(estimator: Any) -> bool:
    """Whether the solver takes steps with batches. Raises AttributeError where it does not."""
    if estimator.solver not in STOCHASTIC:
        raise AttributeError(f"partial_fit needs one of the solvers {', '.join(STOCHASTIC)}, not {estimator.solver}")
    return True


class Learned:
    """What `fit` sets."""

    net_: Any
    n_outputs_: int
    n_iter_: int
    t_: int
    loss_: float
    loss_curve_: list[float]
    validation_scores_: list[float] | None  # of early stopping, an entry for each epoch
    validation_loss_curve_: list[float] | None
    best_validation_score_: float | None
    best_loss_: float | None
    _head: Head
    _rng: np.random.Generator
    _descent: Descent
    _watch: Watch


@dataclass(eq=False, repr=False, kw_only=True)
class NetworkEstimator(Learned, Settings, BaseEstimator, ABC):
    """A network of chainrule's as an estimator; a subclass says how targets are encoded and what is predicted."""

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Train anew (or, with `warm_start`, go on) on X (S, M), dense or sparse, and its targets y.

        sample_weight: how much each sample counts: 2 is as if it stood there twice, 0 as if it were not there.
        """
        self._check_settings()
        return self._learn(X, y, sample_weight, fresh=not (self.warm_start and hasattr(self, "net_")), once=False)

    def _learn(self, X: Any, y: Any, sample_weight: Any, *, fresh: bool, once: bool) -> Self:
        """Train for one epoch or until it no longer improves."""
        X, y = validate_data(
            self, X, y, accept_sparse="csr", dtype=self.dtype or DTYPES, multi_output=True, y_numeric=False, reset=fresh
        )
        T = self._encode(y, declare=fresh and not once)
        weights = self._weigh(X, y, sample_weight)
        samples = Samples(X, T, None) if weights is None else Samples(X, T, None).with_weights(weights)
        if not len(samples):
            raise ValueError(f"{type(self).__name__}: every sample_weight is 0: there is nothing to learn from")
        if fresh:
            self._begin(X)
        if self.solver == "lbfgs":
            minimise(self, samples)
        else:
            self._descend(samples, fresh, once)
        self.net_.eval()
        if not all(np.isfinite(p).all() for p in self.net_.state_dict().values()):
            raise ValueError(
                f"{type(self).__name__}: the weights are no longer finite numbers; scale the data (StandardScaler) or "
                "lower learning_rate_init"
            )
        return self

    def _begin(self, X: Any) -> None:
        """Draw a network and forget all that was learned."""
        random = check_random_state(self.random_state)
        self._rng = np.random.default_rng(random.randint(2**31 - 1, size=4))
        self.net_ = self._build(X.shape[1], self.n_outputs_, self._rng, X.dtype)
        self.n_iter_, self.t_ = 0, 0
        self.loss_curve_ = []
        self.validation_scores_ = [] if self.early_stopping else None
        self.validation_loss_curve_ = [] if self.early_stopping else None

    def _descend(self, samples: Samples, fresh: bool, once: bool) -> None:
        judge = None
        if self.early_stopping:
            if once:
                raise ValueError("partial_fit sees one part of the data, so early_stopping must be False")
            stratify = self._head.name == "softmax" or (self._head.name == "logistic" and self.n_outputs_ == 1)
            samples, judged = samples.split(self.validation_fraction, int(self._rng.integers(2**31 - 1)), stratify)
            judge = lambda: self._judge(judged)  # noqa: E731
        if fresh or not once or not hasattr(self, "_descent"):
            size = choose_batch_size(self, len(samples))
            self._descent = Descent(self, self.net_, -(-len(samples) // size))
            self._watch = Watch()
            self.n_iter_ = 0
        self._descent.rebind(self.net_)
        self.net_.train()
        try:
            descend(self, samples, judge, once=once)
        except KeyboardInterrupt:
            print(f"{type(self).__name__}: stopped by Ctrl-C after {self.n_iter_} epochs; what was learned is kept")
        if self._watch.state is not None:
            self.net_.load_state_dict(self._watch.state)
        self.best_validation_score_ = self._watch.best if self.early_stopping else None
        self.best_loss_ = None if self.early_stopping else -self._watch.best
        self._watch.state = None

    def _judge(self, samples: Samples) -> tuple[float, float]:
        """Return the score and the loss on a validation set."""
        self.net_.eval()
        Z = self._outputs(samples.X)
        self.net_.train()
        if not np.isfinite(Z).all():
            return float("nan"), float("nan")
        w = None if samples.w is None else (samples.w / samples.w.mean()).astype(Z.dtype)
        return self._score(Z, samples), self._head.loss(Z, samples.T, w)[0]

    def _outputs(self, X: Any) -> Array:
        """Return the network's outputs for checked X."""
        dtype = next(iter(self.net_.params.values())).dtype
        return np.concatenate([self.net_.forward(rows)[0] for rows in chunks(X, dtype)])

    def _predict_head(self, X: Any) -> Array:
        """Return what the head makes of the outputs for X as a user gives it."""
        check_is_fitted(self, "net_")
        X = validate_data(self, X, accept_sparse="csr", dtype=DTYPES, reset=False)
        return self._head.predict(self._outputs(X))

    def _weigh(self, X: Any, y: Array, sample_weight: Any) -> Array | None:
        """Return the weights of the samples, or None where all are 1."""
        if sample_weight is None:
            return None
        return _check_sample_weight(sample_weight, X, dtype=DTYPES, ensure_non_negative=True)

    @abstractmethod
    def _encode(self, y: Array, declare: bool) -> Array:
        """Return targets as the head takes them; where they `declare` what there is, set `_head` and `n_outputs_`."""

    @abstractmethod
    def _score(self, Z: Array, samples: Samples) -> float:
        """Return the score of outputs Z."""

    @abstractmethod
    def _build(self, in_features: int, outputs: int, rng: np.random.Generator, dtype: Any) -> layers.Layer:
        """Return a network with random weights."""

    @property
    def coefs_(self) -> list[Array]:
        """The weights of the linear maps, (M, N) each: views, changed when the network is."""
        return [layer.weight.T for layer in _linear_layers(self.net_)]

    @property
    def intercepts_(self) -> list[Array]:
        """The biases of the linear maps."""
        return [layer.bias for layer in _linear_layers(self.net_) if layer.bias is not None]

    @property
    def n_layers_(self) -> int:
        """The number of layers in scikit-learn's sense: linear maps, and the input."""
        return len(_linear_layers(self.net_)) + 1

    @property
    def out_activation_(self) -> str:
        """What stands behind the last linear map."""
        return self._head.name

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags


def _linear_layers(net: layers.Layer) -> Sequence[layers.Linear]:
    return [layer for _, layer in net.modules() if isinstance(layer, layers.Linear)]


stochastic_only = available_if(is_stochastic)
