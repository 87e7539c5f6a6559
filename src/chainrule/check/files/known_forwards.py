"""A forward held to what its kind should compute: a backward that agrees with a wrong forward is no use.

Compared are ordinary inputs, rows of low variance (where eps counts), large means (where a variance computed as
E[X²] − μ² loses its digits) and extreme logits (where exp overflows).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from chainrule.check.model.failure import Failure, call_theirs
from chainrule.check.model.names import GAINS, SHIFTS, is_target_name, shorten
from chainrule.check.model.problem import Array, SourceFile
from chainrule.check.model.target import SUMMED, Target
from chainrule.check.model.tolerance import expected_rounding
from chainrule.check.model.verdict import FRAGILE, RIGHT, WRONG, Row
from chainrule.errors import UserError

EPS = 1e-5  # PyTorch's and the papers'
CHOSEN_EPS = (1e-3, 1e-6, 1e-4, 1e-7, 1e-8)  # Keras' first; smaller ones keep no variance away from 0
Formula = Callable[[Mapping[str, Any]], Array]


def normalize(inputs: Mapping[str, Any], axis: int, eps: float = EPS, ddof: int = 0, outside: bool = False) -> Array:
    """Return γ ∘ (X − μ) / √(σ² + ε) + β over an axis; with `outside`, ε is added to σ."""
    X = _first(inputs)
    centred = X - X.mean(axis=axis, keepdims=True)
    var = np.sum(centred**2, axis=axis, keepdims=True) / (X.shape[axis] - ddof)
    Xhat = centred / (np.sqrt(var) + eps if outside else np.sqrt(var + eps))
    gain, shift = _find_affine(inputs)
    return gain * Xhat + shift


def _find_affine(inputs: Mapping[str, Any]) -> tuple[Any, Any]:
    """Return γ and β by their names; where neither is there, the two arrays behind X."""
    gain = next((inputs[name] for name in GAINS if name in inputs), None)
    shift = next((inputs[name] for name in SHIFTS if name in inputs), None)
    if gain is None and shift is None:
        _, *others = inputs.values()
        arrays = [each for each in others if isinstance(each, np.ndarray) and each.dtype.kind == "f"]
        gain, shift = arrays if len(arrays) == 2 else (None, None)
    return (1.0 if gain is None else gain), (0.0 if shift is None else shift)


def softmax(inputs: Mapping[str, Any]) -> Array:
    """Return exp(X) / Σ exp(X) of each row."""
    return np.exp(log_softmax(inputs))


def log_softmax(inputs: Mapping[str, Any]) -> Array:
    """Return the logarithm of the softmax of each row."""
    X = _first(inputs)
    Z = X - X.max(axis=-1, keepdims=True)
    return Z - np.log(np.exp(Z).sum(axis=-1, keepdims=True))


def _of_columns(inputs: Mapping[str, Any]) -> Array:
    return log_softmax({"X": _first(inputs).T}).T


def cross_entropy(inputs: Mapping[str, Any]) -> Array:
    """Return −(1/S) Σ T log softmax(X), or −(1/S) Σ T log X of probabilities; targets as class numbers or as rows."""
    X, T, *_ = inputs.values()
    rows = np.eye(X.shape[1])[T] if np.ndim(T) == 1 else T
    log_P = np.log(X) if _are_probabilities(X) else log_softmax(inputs)
    return np.asarray(-np.sum(rows * log_P) / len(X))


def sigmoid(inputs: Mapping[str, Any]) -> Array:
    """Return 1 / (1 + exp(−X)), without overflow."""
    return 0.5 * (1 + np.tanh(0.5 * _first(inputs)))


KINDS: dict[str, Formula] = {
    "layernorm": lambda inputs: normalize(inputs, -1),
    "batchnorm": lambda inputs: normalize(inputs, 0),
    "softmax": softmax,
    "logsoftmax": log_softmax,
    "crossentropy": cross_entropy,
    "sigmoid": sigmoid,
    "tanh": lambda inputs: np.tanh(_first(inputs)),
    "relu": lambda inputs: np.maximum(_first(inputs), 0),
}
COLUMNS: dict[str, Formula] = {
    "softmax": lambda inputs: np.exp(_of_columns(inputs)),
    "logsoftmax": lambda inputs: _of_columns(inputs),
}
IN_COLUMNS = re.compile(r"\bcolumns?\b|(?:sum|mean)\((?:[^()]*, ?)?axis ?= ?1|argmax\([^()]*axis ?= ?0|\[:, ?[it]\b")
ALSO = {"softmaxloss": "crossentropy", "batchnorm1d": "batchnorm", "crossentropyloss": "crossentropy"}


GUARDED = 1e-5  # relative: what 1e-7 beside a probability leaves
AT_LARGE = "at large inputs"  # where exp overflows, which says nothing against a gradient
CURE = "take the largest of each row away before exp"
CURES = {
    "crossentropy": "take the logarithm of the softmax as X − max − log Σ exp(X − max)",
    "logsoftmax": "write it as X − max − log Σ exp(X − max)",
    "sigmoid": "use exp of −|X| only",
    "tanh": "use exp of −2 |X| only, or np.tanh",
}


def _variations(axis: int) -> dict[str, Formula]:
    return {
        "its variance is divided by N − 1, not by N": lambda inputs: normalize(inputs, axis, ddof=1),
        "eps is added to σ, not to σ²": lambda inputs: normalize(inputs, axis, outside=True),
        **{f"its eps is {eps:g}, not {EPS:g}": _with_eps(axis, eps) for eps in (0, 1e-12)},
    }


def _with_eps(axis: int, eps: float) -> Formula:
    return lambda inputs: normalize(inputs, axis, eps)


VARIANTS = re.compile(r"(?i)smooth|temperature|ignore_index|class_weight|focal|\btau\b")
VARIATIONS = {"layernorm": _variations(-1), "batchnorm": _variations(0)}


def find_kind_of(name: str, wanted: str, source: SourceFile | None) -> str:
    """Return the kind as `find_kind` does, but for a definition that speaks of a variant, which is another function."""
    kind = find_kind(name, wanted)
    is_variant = not wanted and source is not None and VARIANTS.search(source.find_definition(name))
    return "" if is_variant else kind


def find_kind(name: str, wanted: str) -> str:
    """Return the kind that a name tells of, or the one that is wanted; "" where none is known.

    Raises UserError for a wanted kind that is unknown.
    """
    key = shorten(wanted or name)
    key = ALSO.get(key, key)
    if wanted and key not in KINDS:
        raise UserError(f"--as {wanted}: known kinds are {', '.join(KINDS)}")
    return key if key in KINDS else ""


def is_held_to(kind: str, target: Target, inputs: Mapping[str, Any]) -> bool:
    """Tell whether a forward is compared with that of its kind: not one that is summed, nor a layer with weights."""
    first, *rest = inputs
    floats = [n for n in rest if isinstance(inputs[n], np.ndarray) and inputs[n].dtype.kind == "f"]
    has_weights = kind not in VARIATIONS and any(not is_target_name(name) for name in floats)
    if kind == "crossentropy" and np.all(np.asarray(inputs[first]) > 0) and not _are_probabilities(inputs[first]):
        return False  # of positive numbers, whose logarithm it takes
    return bool(kind) and target.called != SUMMED and hasattr(inputs[first], "ndim") and not has_weights


def check_forward(target: Target, inputs: Mapping[str, Any], kind: str) -> Row:
    """Return the row "Y": whether the forward is that of its kind, at ordinary and at awkward inputs."""
    formula = _find_formula(target, inputs, kind)
    for words, at in _list_points(inputs, kind):
        expected = formula(at)
        found = call_theirs(lambda at=at: target.run(at))  # type: ignore[misc]
        if isinstance(found, Failure):
            is_fragile = words == AT_LARGE and isinstance(found.error, OverflowError)  # as math.exp says it
            return Row("Y", FRAGILE if is_fragile else WRONG, f"forward fails {words}: {found.describe()}")
        if found.shape != expected.shape:
            return Row("Y", WRONG, f"Y has shape {found.shape}, but that of {kind} has shape {expected.shape}")
        if not np.isfinite(found).all():
            return Row(
                "Y", FRAGILE if words == AT_LARGE else WRONG, f"Y is not finite {words}: {CURES.get(kind, CURE)}"
            )
        if not _agree(found, expected, at):
            if kind == "crossentropy" and np.allclose(found, expected, rtol=GUARDED, atol=0):
                return Row("Y", RIGHT, f"Y is that of {kind}, but for what keeps the logarithm away from that of 0")
            if eps := _find_eps(target, inputs, kind):
                return Row("Y", RIGHT, f"Y is that of {kind}, with an eps of {eps:g}, where {EPS:g} is usual")
            return Row("Y", WRONG, f"Y is not that of {kind}{words and ' '}{words}{_vary(target, inputs, kind)}")
    return Row("Y", RIGHT, f"Y is that of {kind}, at awkward inputs too")


def _find_formula(target: Target, inputs: Mapping[str, Any], kind: str) -> Formula:
    """Return what a kind computes, over columns where the file has its samples there, and the forward takes them so."""
    by_columns = COLUMNS.get(kind)
    if by_columns is None or _first(inputs).ndim != 2 or not (target.source and IN_COLUMNS.search(target.source.text)):
        return KINDS[kind]
    Y = call_theirs(lambda: target.run(dict(inputs)))
    if isinstance(Y, Failure):
        return KINDS[kind]
    expected = by_columns(inputs)
    return by_columns if Y.shape == expected.shape and _agree(Y, expected, inputs) else KINDS[kind]


def _list_points(inputs: Mapping[str, Any], kind: str) -> list[tuple[str, dict[str, Any]]]:
    name, X = next(iter(inputs)), _first(inputs)
    moved = {"": X}
    if kind in VARIATIONS:
        moved |= {"where the variance is low": 1e-3 * X, "where the mean is large": X + 1e6}
    elif not _are_probabilities(X):
        moved[AT_LARGE] = 1e3 * np.round(X, 1)
    return [(words, {**inputs, name: array}) for words, array in moved.items()]


def _vary(target: Target, inputs: Mapping[str, Any], kind: str) -> str:
    """Name the usual mistake that gives what the forward returns."""
    points = _list_points(inputs, kind)[:2]
    for words, formula in VARIATIONS.get(kind, {}).items():
        if all(_agree(target.run(at), formula(at), at) for _, at in points):
            return f": {words}"
    return ""


def _find_eps(target: Target, inputs: Mapping[str, Any], kind: str) -> float:
    """Return the eps, a free choice, with which a norm is as it should be at all points; 0 where none is found."""
    if kind not in VARIATIONS:
        return 0.0
    axis = {"layernorm": -1, "batchnorm": 0}[kind]
    for eps in CHOSEN_EPS:
        if all(_agree(target.run(at), normalize(at, axis, eps), at) for _, at in _list_points(inputs, kind)):
            return eps
    return 0.0


def _agree(found: Array, expected: Array, inputs: Mapping[str, Any]) -> bool:
    X = _first(inputs)
    lost = max(1.0, float(np.max(np.abs(X)) / (np.std(X) or 1.0)))  # digits that X − μ loses
    allowed = expected_rounding(float(np.finfo(found.dtype).eps), X.size) * lost
    return bool(np.max(np.abs(found - expected)) <= allowed * max(1.0, float(np.max(np.abs(expected)))))


def _are_probabilities(X: Array) -> bool:
    return bool(np.all(X >= 0) and X.ndim == 2 and np.allclose(X.sum(axis=1), 1))


def _first(inputs: Mapping[str, Any]) -> Array:
    X: Array = next(iter(inputs.values()))
    return X
