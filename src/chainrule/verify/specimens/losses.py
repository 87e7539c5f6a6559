"""Specimens of the losses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule import layers
from chainrule.verify.specimens.specimen import LossSpecimen


def _class_numbers(rng: np.random.Generator) -> tuple[Any, Any]:
    return rng.normal(0, 2, (7, 5)), rng.integers(0, 5, 7)


def _target_probabilities(rng: np.random.Generator) -> tuple[Any, Any]:
    return rng.normal(0, 2, (7, 5)), rng.dirichlet(np.ones(5), 7)


def _probabilities(rng: np.random.Generator) -> tuple[Any, Any]:
    return rng.dirichlet(np.ones(5), 7), rng.dirichlet(np.ones(5), 7)


def _smoothed(loss: Any, X: Any, targets: Any) -> dict[str, Any]:
    """T: the targets as probabilities, smoothed."""
    T = targets if targets.shape == X.shape else np.eye(X.shape[1])[targets]
    return {"T": (1 - loss.label_smoothing) * T + loss.label_smoothing / X.shape[1]}


WEIGHTS = [0.5, 2.0, 1.5, 0.3, 1.1]


def _numbers(rng: np.random.Generator) -> tuple[Any, Any]:
    return rng.normal(size=(7, 5)), rng.normal(size=(7, 5))


def _shares(rng: np.random.Generator) -> tuple[Any, Any]:
    return rng.normal(0, 2, (7, 5)), rng.random((7, 5))


def _zeros_and_ones(rng: np.random.Generator) -> tuple[Any, Any]:
    return rng.normal(0, 2, (7, 5)), rng.integers(0, 2, (7, 5)).astype(float)


def _log_probabilities(rng: np.random.Generator) -> tuple[Any, Any]:
    return np.log(rng.dirichlet(np.ones(5), 7)), rng.dirichlet(np.ones(5), 7)


def _class_weights(loss: Any, X: Any, targets: Any) -> dict[str, Any]:
    """y and w, as the equations have them: an ignored class has weight 0."""
    w = np.ones(X.shape[1]) if loss.weight is None else loss.weight.copy()
    if loss.ignore_index >= 0:
        w[loss.ignore_index] = 0
    return {"w": w, "y": targets}


def _tensor(nn: Any, values: list[float]) -> Any:
    return nn.Linear(1, 1).double().weight.new_tensor(values)


def _focal(gamma: float) -> Callable[[Any], Any]:
    def make(nn: Any) -> Any:
        def loss(X: Any, y: Any) -> Any:
            log_p = nn.functional.log_softmax(X, dim=1).gather(1, y[:, None])
            return -((1 - log_p.exp()) ** gamma * log_p).mean()

        return loss

    return make


def _sigmoid_focal(alpha: float, gamma: float) -> Callable[[Any], Any]:
    """As torchvision computes it."""

    def make(nn: Any) -> Any:
        def loss(X: Any, T: Any) -> Any:
            p = X.sigmoid()
            surprise = nn.functional.binary_cross_entropy_with_logits(X, T, reduction="none")
            right = p * T + (1 - p) * (1 - T)
            return ((alpha * T + (1 - alpha) * (1 - T)) * (1 - right) ** gamma * surprise).mean()

        return loss

    return make


def _divergence(log_target: bool) -> Callable[[Any], Any]:
    """The mean over all entries, of which PyTorch's own loss warns that it is no divergence."""

    def make(nn: Any) -> Any:
        return lambda X, T: nn.functional.kl_div(X, T, reduction="none", log_target=log_target).mean()

    return make


def _contrastive(temperature: float) -> Callable[[Any], Any]:
    def make(nn: Any) -> Any:
        def loss(X: Any, y: Any) -> Any:
            Z = nn.functional.normalize(X, dim=1)
            logits = (Z @ Z.T / temperature).fill_diagonal_(-float("inf"))
            log_P = nn.functional.log_softmax(logits, dim=1)
            anchors = []
            for s in range(len(y)):
                partners = [r for r in range(len(y)) if r != s and y[r] == y[s]]
                anchors += [-log_P[s, partners].mean()] if partners else []
            return sum(anchors) / len(anchors)

        return loss

    return make


LOSSES = {
    "cross-entropy": LossSpecimen(
        layers.CrossEntropyLoss, _class_numbers, lambda nn: nn.CrossEntropyLoss(), symbols=_smoothed
    ),
    "cross-entropy of probabilities": LossSpecimen(
        layers.CrossEntropyLoss, _target_probabilities, lambda nn: nn.CrossEntropyLoss(), symbols=_smoothed
    ),
    "cross-entropy, smoothed": LossSpecimen(
        lambda: layers.CrossEntropyLoss(label_smoothing=0.2),
        _class_numbers,
        lambda nn: nn.CrossEntropyLoss(label_smoothing=0.2),
        symbols=_smoothed,
    ),
    "cross-entropy of probabilities, smoothed": LossSpecimen(
        lambda: layers.CrossEntropyLoss(label_smoothing=0.2),
        lambda rng: (rng.normal(0, 2, (7, 5)), rng.random((7, 5))),  # rows that do not sum to 1
        lambda nn: nn.CrossEntropyLoss(label_smoothing=0.2),
        symbols=_smoothed,
    ),
    "cross-entropy after softmax": LossSpecimen(
        lambda: layers.CrossEntropyLoss(from_logits=False),
        _probabilities,
        None,
        variant="from_logits=False",
        symbols=_smoothed,
    ),
    "mean squared error": LossSpecimen(layers.MSELoss, _numbers, lambda nn: nn.MSELoss()),
    "negative log-likelihood": LossSpecimen(
        layers.NLLLoss, _class_numbers, lambda nn: nn.NLLLoss(), symbols=_class_weights
    ),
    "negative log-likelihood, weighted": LossSpecimen(
        lambda: layers.NLLLoss(np.array(WEIGHTS), ignore_index=3),
        _class_numbers,
        lambda nn: nn.NLLLoss(_tensor(nn, WEIGHTS), ignore_index=3),
        symbols=_class_weights,
        mixes_samples=True,
    ),
    "binary cross-entropy": LossSpecimen(
        layers.BCEWithLogitsLoss,
        _shares,
        lambda nn: nn.BCEWithLogitsLoss(),
        symbols=lambda loss, X, targets: {"T": targets, "pos_weight": np.ones(5)},
    ),
    "binary cross-entropy, weighted": LossSpecimen(
        lambda: layers.BCEWithLogitsLoss(pos_weight=np.array(WEIGHTS)),
        _shares,
        lambda nn: nn.BCEWithLogitsLoss(pos_weight=_tensor(nn, WEIGHTS)),
    ),
    "focal": LossSpecimen(
        layers.FocalLoss, _class_numbers, _focal(2.0), symbols=lambda loss, X, targets: {"y": targets}
    ),
    "focal, gamma 0.7": LossSpecimen(
        lambda: layers.FocalLoss(0.7), _class_numbers, _focal(0.7), symbols=lambda loss, X, targets: {"y": targets}
    ),
    "sigmoid focal": LossSpecimen(layers.SigmoidFocalLoss, _zeros_and_ones, _sigmoid_focal(0.25, 2.0)),
    "sigmoid focal, alpha 0.6, gamma 1.3": LossSpecimen(
        lambda: layers.SigmoidFocalLoss(0.6, 1.3), _zeros_and_ones, _sigmoid_focal(0.6, 1.3)
    ),
    "divergence": LossSpecimen(layers.KLDivLoss, _log_probabilities, _divergence(log_target=False)),
    "divergence of a batch": LossSpecimen(
        lambda: layers.KLDivLoss(reduction="batchmean"),
        _log_probabilities,
        lambda nn: nn.KLDivLoss(reduction="batchmean"),
        variant='reduction="batchmean"',
    ),
    "divergence from logarithms": LossSpecimen(
        lambda: layers.KLDivLoss(log_target=True),
        lambda rng: (np.log(rng.dirichlet(np.ones(5), 7)), np.log(rng.dirichlet(np.ones(5), 7))),
        _divergence(log_target=True),
        variant="log_target=True",
    ),
    "contrastive": LossSpecimen(
        lambda: layers.ContrastiveLoss(0.5),
        lambda rng: (rng.normal(0, 2, (7, 5)), np.array([0, 1, 0, 2, 1, 3, 0])),
        _contrastive(0.5),
        symbols=lambda loss, X, targets: {"T": loss.spread_targets(targets), "M": 1 - np.eye(7)},
        mixes_samples=True,
    ),
    "huber": LossSpecimen(
        lambda: layers.HuberLoss(0.8),
        _numbers,
        lambda nn: nn.HuberLoss(delta=0.8),
        symbols=lambda loss, X, targets: {"T": targets, "delta_": loss.delta},
    ),
    "smooth absolute error": LossSpecimen(
        lambda: layers.SmoothL1Loss(beta=0.8), _numbers, lambda nn: nn.SmoothL1Loss(beta=0.8)
    ),
    "absolute error": LossSpecimen(
        lambda: layers.SmoothL1Loss(beta=0.0), _numbers, lambda nn: nn.SmoothL1Loss(beta=0.0), variant="beta=0"
    ),
}
