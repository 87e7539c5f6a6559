"""Classification: classes of any kind as targets, one of several, two, or several labels at once."""

from __future__ import annotations

import warnings
from dataclasses import KW_ONLY, dataclass
from typing import Any, Self

import numpy as np
from scipy.sparse import csr_matrix, issparse
from sklearn.base import ClassifierMixin
from sklearn.exceptions import DataConversionWarning
from sklearn.metrics import accuracy_score
from sklearn.utils import compute_sample_weight
from sklearn.utils.multiclass import check_classification_targets, type_of_target

from chainrule import layers
from chainrule.sklearn.estimator import Array, NetworkEstimator, stochastic_only
from chainrule.sklearn.heads import LogisticHead, SoftmaxHead
from chainrule.sklearn.perceptron import build_mlp
from chainrule.sklearn.samples import Samples


@dataclass(eq=False, repr=False, kw_only=True)
class NetworkClassifier(ClassifierMixin, NetworkEstimator):
    """A network that classifies.

    `class_weight` is a dict from class to weight, or "balanced"; `label_smoothing` ε replaces a target T by
    (1 − ε) T + ε / K.
    """

    class_weight: Any = None
    label_smoothing: float = 0.0

    @stochastic_only
    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None, classes: Any = None) -> Self:
        """Learn from these samples for one epoch; the first call needs all `classes` there will be."""
        self._check_settings()
        fresh = not hasattr(self, "net_")
        if self.class_weight == "balanced":
            raise ValueError(
                "class_weight='balanced' needs all samples at once, which partial_fit has not: give a dict, as "
                "sklearn.utils.compute_class_weight makes"
            )
        if fresh and classes is None:
            raise ValueError("classes must be passed on the first call to partial_fit: it cannot see all samples")
        if fresh:
            self._declare(np.unique(classes), multilabel=type_of_target(y).startswith("multilabel"))
        elif classes is not None and not np.array_equal(np.unique(classes), self.classes_):
            raise ValueError(f"`classes={classes!r}` is not the same as on last call to partial_fit: {self.classes_!r}")
        return self._learn(X, y, sample_weight, fresh=fresh, once=True)

    def predict(self, X: Any) -> Array:
        """Return the class of each sample (S), or its labels (S, N), each 0 or 1."""
        return self._decide(self._predict_head(X), sparse=issparse(X))

    def predict_proba(self, X: Any) -> Array:
        """Return the probability of each class (S, K), in the order of `classes_`, or of each label (S, N)."""
        P = self._predict_head(X)
        return np.hstack([1 - P, P]) if self._is_binary else P

    def predict_log_proba(self, X: Any) -> Array:
        """Return the logarithms of `predict_proba`."""
        with np.errstate(divide="ignore"):
            return np.log(self.predict_proba(X))

    @property
    def _is_binary(self) -> bool:
        return not self._multilabel and len(self.classes_) == 2

    def _declare(self, classes: Array, multilabel: bool) -> None:
        """Set what the classes are and how the network tells them."""
        self.classes_, self._multilabel = classes, multilabel
        logistic = multilabel or len(classes) == 2
        self.n_outputs_ = 1 if self._is_binary else len(classes)
        self._head = LogisticHead(self.label_smoothing) if logistic else SoftmaxHead(self.label_smoothing)

    def _encode(self, y: Any, declare: bool) -> Array:
        check_classification_targets(y)
        if multilabel := type_of_target(y).startswith("multilabel"):
            y = np.asarray(y.toarray() if issparse(y) else y)
        elif y.ndim == 2 and y.shape[1] > 1:
            raise ValueError(
                f"{type(self).__name__}: y has shape {y.shape} and more than two values: several outputs must be "
                "labels of 0 and 1; train one estimator for each column (sklearn.multioutput.MultiOutputClassifier)"
            )
        elif y.ndim == 2:
            warnings.warn(
                "A column-vector y was passed when a 1d array was expected; it is taken as y.ravel()",
                DataConversionWarning,
                stacklevel=5,
            )
            y = y.ravel()
        present = np.arange(y.shape[1]) if multilabel else np.unique(y)
        if declare:
            self._declare(present, multilabel)
        if unknown := sorted({*present.tolist()} - {*self.classes_.tolist()}, key=str):
            raise ValueError(f"y has classes that are not in classes_: {unknown}; known are {self.classes_.tolist()}")
        if multilabel:
            return y
        numbers = np.searchsorted(self.classes_, y)
        return numbers[:, None] if self._is_binary else numbers

    def _weigh(self, X: Any, y: Any, sample_weight: Any) -> Array | None:
        weights = super()._weigh(X, y, sample_weight)
        if self.class_weight is None:
            return weights
        balance = compute_sample_weight(self.class_weight, y.ravel() if y.ndim == 2 and y.shape[1] == 1 else y)
        if (balance < 0).any():
            raise ValueError(f"{type(self).__name__}: class_weight has a negative weight")
        return balance if weights is None else weights * balance

    def _decide(self, P: Array, sparse: bool = False) -> Any:
        if self._multilabel:
            labels = (P > 0.5).astype(int)
            return csr_matrix(labels) if sparse else labels
        numbers = (P[:, 0] > 0.5).astype(int) if self._is_binary else P.argmax(axis=1)
        return self.classes_[numbers]

    def _score(self, Z: Array, samples: Samples) -> float:
        truth = samples.T if self._multilabel else self.classes_[samples.T.ravel()]
        return float(accuracy_score(truth, self._decide(self._head.predict(Z)), sample_weight=samples.w))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags


@dataclass(eq=False, repr=False)
class MLPClassifier(NetworkClassifier):
    """A multi-layer perceptron that classifies, with the parameters, attributes and defaults of scikit-learn's.

    Beside scikit-learn's: `class_weight`, `label_smoothing`; `norm` ("batch" or "layer") behind each linear map but the
    last, `dropout` behind each activation; the activations elu, leaky_relu, gelu and silu; the solver adamw with its
    `weight_decay`; the schedules cosine, one-cycle and step for `learning_rate`; `dtype`, such as "float32"; and
    init="pytorch" in place of scikit-learn's first weights.
    """

    hidden_layer_sizes: Any = (100,)
    activation: str = "relu"
    _: KW_ONLY
    norm: str | None = None
    dropout: float = 0.0
    init: str = "glorot"

    def _build(self, in_features: int, outputs: int, rng: np.random.Generator, dtype: Any) -> layers.Layer:
        return build_mlp(self, in_features, outputs, rng, dtype)
