"""Where a backward is tried: the inputs as given, and others that the forward accepts too."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from chainrule.check.model.failure import Failure, call_theirs
from chainrule.check.model.literals import list_thresholds
from chainrule.check.model.problem import Array, Arrays
from chainrule.check.model.target import Target, generator
from chainrule.check.trial.sizes import add_axis, add_samples

MANY_SAMPLES = 13
WIDE = 4.0  # times the first input, so that its entries lie far beyond 3
WIDELY = "at values four times as large"
ABOUT = "at values of about"
FARTHEST, MOST_BOUNDS = 200.0, 3  # of what code compares values with
BELOW, ABOVE = "at negative values", "at positive values"
OFF_ZERO = 0.1  # of what has one sign: small numbers would be lost beside the others
IGNORED = -100  # as PyTorch has it
NARROW = "with one column"
MORE_AXES = "with one axis more, which forward takes"
FLATTENED = "where an input with one axis more is flattened"
COUNTED = re.compile(r"\bndim\s*-|\bdim\(\)\s*-|\brange\(-len\(")  # axes
OF_A_LAYER = re.compile(r"(?:^|[._])(?:b|bias|gamma|beta|[wb]\d+)$", re.IGNORECASE)  # names of parameters
SPREAD = "where forward spreads"
NUDGE = 0.01  # relative; a kink is left behind with it


def list_points(
    target: Target, inputs: Arrays, names: Sequence[str], seed: int, Y: Array | None = None
) -> Iterator[tuple[str, Arrays, Array]]:
    """Yield points in words, inputs and Y: other values, signs and labels, shapes and strides, a batch of one.

    Only the inputs `names` are moved. Points at which the forward raises or is not finite are left out. `Y` is the
    output at the inputs, where it is known.
    """
    rng = generator(seed)
    Y = target.run(inputs) if Y is None else Y
    yield "", inputs, Y
    moved = {
        "at other values": {name: inputs[name] * rng.uniform(0.5, 1.5, inputs[name].shape) for name in names},
        "with other signs": {
            name: inputs[name] * rng.choice((-1.2, 0.9), inputs[name].shape)
            for name in names
            if not are_probabilities(inputs[name])
        },
        "in a batch of one": _first_sample(target, inputs, Y),
        "with labels that are ignored": _ignore_some(target, inputs),
        "with labels of one class": {n: np.full_like(a, a.max()) for n, a in inputs.items() if _are_labels(a)},
        **_shapes(target, inputs, Y),
        **dict(_strides(inputs)),
        **_spread(inputs, names, Y),
        **_ranges(target, inputs, names, Y),
    }
    for words, change in moved.items():
        if change and (there := output_at(target, {**inputs, **change})) is not None:
            yield words, {**inputs, **change}, there


def _ignore_some(target: Target, inputs: Arrays) -> Arrays:
    """Return labels of which the first is the number that the code leaves out, where it speaks of one."""
    text = target.source.find_definition(target.name) if target.source else ""
    ignored = inputs.get("ignore_index", target.numbers.get("self.ignore_index", IGNORED))
    if "ignore_index" not in text or not isinstance(ignored, int | float):
        return {}
    labels = {n: np.array(a) for n, a in inputs.items() if _are_labels(a) and np.ndim(a)}
    for array in labels.values():
        array.flat[0] = int(ignored)
    return labels


def _first_sample(target: Target, inputs: Arrays, Y: Array) -> Arrays:
    """Return the inputs of the first sample: X and targets cut, and what else must be for the forward to run.

    A parameter may have as many rows as there are samples, so the output tells whether enough was cut; where it stays
    as it was, a parameter came first, and what was cut was spread.
    """
    arrays = {name: array for name, array in inputs.items() if isinstance(array, np.ndarray) and array.ndim}
    first, size = next(((name, len(array)) for name, array in arrays.items()), ("", 1))
    if size < 2 or _ends_with_shorter(target, arrays[first]):
        return {}
    cut = {name: array[:1] for name, array in arrays.items() if len(array) == size}
    if Y.ndim == 0:
        shape = arrays[first].shape
        samples = {n: a for n, a in cut.items() if arrays[n].shape == shape or not OF_A_LAYER.search(n)}
        return samples if output_at(target, {**inputs, **samples}) is not None else cut
    few = {name: array for name, array in cut.items() if name == first or name in target.constants}
    alike = {name: array for name, array in cut.items() if arrays[name].shape == arrays[first].shape}
    for samples in (few | alike, few):
        there = output_at(target, {**inputs, **samples})
        if there is not None and there.shape[:1] == (1,):
            return samples
    there = output_at(target, {**inputs, **cut})
    return {} if there is not None and there.shape == Y.shape else cut


def _ends_with_shorter(target: Target, X: Array) -> bool:
    """Tell whether a forward takes the numbers of a list one by one beside others, of which it may have more or less.

    `zip` ends with the shorter and raises nothing, so that no other length can be tried.
    """
    text = target.source.find_definition(target.name) if target.source and X.ndim == 1 else ""
    return re.search(r"\bzip\(", text) is not None


def _shapes(target: Target, inputs: Arrays, Y: Array) -> dict[str, Arrays]:
    """Return the first input, an image or a sequence, in other sizes: windows then end elsewhere."""
    name, X = next(((n, a) for n, a in inputs.items() if isinstance(a, np.ndarray)), ("", np.zeros(0)))
    if X.ndim < 3:
        return {}
    points = {"with a row and a column less": X[..., :-1, :-1]} if min(X.shape[-2:]) > 2 else {}
    narrow = X[..., :1]
    other = output_at(target, {**inputs, name: narrow})
    if other is not None and other.shape != Y.shape:
        points[NARROW] = narrow
    return {words: {name: array} for words, array in points.items()}


def _ranges(target: Target, inputs: Arrays, names: Sequence[str], Y: Array) -> dict[str, Arrays]:
    """Return the first input with one sign, with large entries, with many samples, and with one axis more."""
    rng, points = generator(1), dict[str, Arrays]()
    first = next((n for n, a in inputs.items() if isinstance(a, np.ndarray)), "")
    if first in names and not are_probabilities(inputs[first]):
        X = inputs[first]
        points |= {BELOW: {first: -np.abs(X) - OFF_ZERO}, ABOVE: {first: np.abs(X) + OFF_ZERO}}
        points[WIDELY] = {first: WIDE * X}
        points |= {
            f"{ABOUT} {bound:g}": {first: X * (bound / _root_mean_square(X))} for bound in _list_bounds(target, inputs)
        }
    is_cut = bool(first) and _ends_with_shorter(target, inputs[first])
    for many in () if is_cut else add_samples(inputs, MANY_SAMPLES, rng):
        there = output_at(target, many)
        if there is not None and (there.ndim == 0 or MANY_SAMPLES in there.shape):
            points[f"in a batch of {MANY_SAMPLES}"] = many
            break
    if first in names and np.ndim(inputs[first]) == Y.ndim and (Y.ndim == 2 or (Y.ndim == 3 and _counts_axes(target))):
        deep = add_axis(inputs, rng)
        there = output_at(target, deep)
        if there is not None and there.ndim == Y.ndim + 1 and there.shape[:2] == (2, len(Y)):
            points[MORE_AXES] = deep
        if there is not None and _is_flattened(there, deep[first]):
            points[FLATTENED] = deep
    return points


def _spread(inputs: Arrays, names: Sequence[str], Y: Array) -> dict[str, Arrays]:
    """Return two inputs that meet entry by entry, with one of them cut to what the forward spreads along the other."""
    first, second = names if len(names) == 2 else ("", "")
    if not first or not Y.ndim or Y.shape not in (np.shape(inputs[first]), np.shape(inputs[second])):
        return {}
    A, B = inputs[first], inputs[second]
    points = {f"{SPREAD} a row of {second}": {second: B[:1] if B.ndim == Y.ndim else B[None]}}
    if B.ndim == Y.ndim:
        points[f"{SPREAD} {second} without its first axis"] = {second: B[0]}
    if A.ndim == Y.ndim > 1:
        points[f"{SPREAD} a column of {first}"] = {first: A[..., :1]}
    return points


def _counts_axes(target: Target) -> bool:
    """Tell whether code finds the axes in front of its last ones by counting, so that there may be any number."""
    return bool(target.source and COUNTED.search(target.source.find_definition(target.name)))


def _list_bounds(target: Target, inputs: Arrays) -> list[float]:
    """Return numbers that the code compares with, beyond the values at which it is tried else."""
    kept = {name.removeprefix("self."): number for name, number in target.numbers.items()}
    bounds = list_thresholds(target.source.text, {**kept, **inputs}) if target.source else []
    return [bound for bound in bounds if WIDE < bound <= FARTHEST][:MOST_BOUNDS]


def _root_mean_square(X: Array) -> float:
    return float(np.sqrt(np.mean(X**2))) or 1.0


def _is_flattened(Y: Array, X: Array) -> bool:
    """Tell whether an output holds the numbers of each sample in one row."""
    return Y.ndim == 2 and X.ndim > 2 and Y.size == X.size and np.array_equal(Y, X.reshape(len(X), -1))


def _strides(inputs: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield settings with strides at which windows overlap, or do not divide the image."""
    for name, value in inputs.items():
        own = value.get("stride") if isinstance(value, Mapping) else value if name == "stride" else None
        for stride in {1, 2, 3} - {own} if isinstance(own, int) else ():
            yield f"with stride {stride}", {name: {**value, "stride": stride} if isinstance(value, Mapping) else stride}


def are_probabilities(array: Array) -> bool:
    """Tell whether rows are probabilities, which no sign suits."""
    return bool(array.ndim and array.shape[-1] > 1 and np.all(array > 0) and np.allclose(array.sum(axis=-1), 1))


def _are_labels(array: Any) -> bool:
    return isinstance(array, np.ndarray) and array.dtype.kind in "iu" and array.size > 1


def output_at(target: Target, inputs: Arrays) -> Array | None:
    """Return Y where the forward runs, to finite numbers; else None."""
    Y = call_theirs(lambda: target.run(inputs))
    if isinstance(Y, Failure) or Y.size == 0 or Y.dtype.kind != "f" or not np.isfinite(Y).all():
        return None
    return Y


def accepts(target: Target, inputs: Arrays) -> bool:
    """Tell whether the forward runs here, to finite numbers."""
    return output_at(target, inputs) is not None


def equalize(target: Target, inputs: Arrays) -> Arrays | None:
    """Return the inputs cut to one size along every axis, so that wrong shapes fit.

    None where they have one size already, or where the forward refuses them.
    """
    arrays = {name: array for name, array in inputs.items() if isinstance(array, np.ndarray) and array.ndim}
    sizes = {size for array in arrays.values() for size in array.shape if size > 1}
    if len(sizes) < 2:
        return None
    cut = {name: array[tuple(slice(min(sizes)) for _ in array.shape)] for name, array in arrays.items()}
    return {**inputs, **cut} if accepts(target, {**inputs, **cut}) else None


def nudge(inputs: Arrays, names: Sequence[str], seed: int) -> Arrays:
    """Return the inputs with the named ones moved a little, off kinks and ties."""
    rng = generator(seed)
    return {**inputs, **{name: inputs[name] + NUDGE * _draw_moves(inputs[name], rng) for name in names}}


def _draw_moves(X: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return (float(np.max(np.abs(X), initial=0)) or 1.0) * rng.uniform(0.2, 1, X.shape) * rng.choice((-1, 1), X.shape)
