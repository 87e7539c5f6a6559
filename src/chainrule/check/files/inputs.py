"""Inputs for a person's functions: as they are given, or made up from names and tried.

`SCHEMES` are shapes that fit together: which of them a forward takes, it shows by running.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from chainrule.check.files.given import Given
from chainrule.check.model.names import (
    BIASES,
    FIRST_INPUTS,
    GRAPHS,
    HIDDEN_SIZES,
    LABELS,
    MASKS,
    NORM_PARAMETERS,
    OUTPUT_SIZES,
    PARAMETERS,
    PLACES,
    PLACES_OF_SEVERAL,
    PROBABILITIES,
    RATES,
    ROTATIONS,
    SETTINGS,
    SHARES,
    SIZE_LISTS,
    STATES,
    WEIGHTS,
)
from chainrule.check.model.target import generator

MOST_POSITIVE = 5  # schemes in which all inputs are positive
LONG = 32  # entries along an axis
LAYERED = re.compile(r"([wWbB])_?([1-5])")  # a parameter of one of several layers
OF_A_LAYER = re.compile(r"(?<=[a-z])_(?:curr|cur|current|l|layer|lin|fc)$")  # W_curr, b_l
MOST_UNKNOWN = 3  # inputs of which some names say nothing
DRAWN = 1  # a stream of their own: dY must not be X, along which a norm's gradient is 0
SCHEMES: tuple[dict[str, tuple[int, ...]], ...] = (  # samples, features in, features out: 4, 5, 3
    {"x": (4, 5), "w": (5, 3), "b": (3,), "g": (5,), "h": (4, 3), "y": (4,)},
    {"x": (4, 5), "w": (3, 5), "b": (3,), "g": (5,), "h": (4, 3), "y": (4,)},
    {"x": (5, 4), "w": (3, 5), "b": (3, 1), "g": (5, 1), "h": (3, 4), "y": (4,)},
    {"x": (2, 3, 6, 8), "w": (4, 3, 3, 3), "b": (4,), "g": (3,), "h": (4, 3), "y": (2,)},
    {"x": (2, 3, 6, 8), "w": (4, 3, 3, 3), "b": (4,), "g": (1, 3, 1, 1), "h": (4, 3), "y": (2,)},
    {"x": (2, 3, 6, 8), "w": (4, 3, 3, 3), "b": (4, 1), "g": (3,), "h": (4, 3), "y": (2,)},
    {"x": (2, 3, 6, 8), "w": (4, 3, 3, 3), "b": (1, 4, 1, 1), "g": (3,), "h": (4, 3), "y": (2,)},
    {"x": (4, 5), "w": (5, 3), "b": (1, 3), "g": (1, 5), "h": (4, 3), "y": (4,)},
    {"x": (2, 4, 5, 3), "w": (2, 2, 3, 4), "b": (1, 1, 1, 4), "g": (3,), "h": (4, 3), "y": (2,)},  # channels last
    {"x": (2, 4, 5, 3), "w": (2, 2, 3, 4), "b": (4,), "g": (3,), "h": (4, 3), "y": (2,)},
    {"x": (2, 4, 5), "w": (5, 3), "b": (3,), "g": (5,), "h": (2, 3), "y": (2,)},
    {"x": (2, 4, 5), "w": (5, 3), "b": (3,), "g": (5,), "h": (2, 3), "y": (2, 4)},
    {"x": (4, 5), "w": (5,), "b": (5,), "g": (5,), "h": (4, 5), "y": (4,)},  # weights of one feature each
    {"x": (2, 4, 5, 3), "w": (4,), "b": (4,), "g": (4,), "h": (2, 4), "y": (2,)},  # of one channel each
    {"x": (2, 3, 6, 8), "w": (3, 1, 3, 3), "b": (3,), "g": (3,), "h": (4, 3), "y": (2,)},  # of each by itself
    {"x": (4, 12), "w": (12, 3), "b": (3,), "g": (12,), "h": (4, 3), "y": (4,)},  # four gates side by side
    {"x": (2, 3, 4), "half": (3, 2), "w": (4, 5), "b": (5,), "g": (4,), "h": (2, 5), "y": (2,)},  # of the last axis
    {"x": (5,), "w": (3, 5), "b": (3,), "g": (5,), "h": (3,), "y": (1,)},
    {"x": (4, 5), "w": (5, 12), "wh": (3, 12), "b": (12,), "g": (5,), "h": (4, 3), "y": (4,)},  # four gates
    {"x": (2, 4, 5), "w": (5, 12), "wh": (3, 12), "b": (12,), "g": (5,), "h": (2, 3), "y": (2,)},
    {"x": (4, 5), "w": (5,), "b": (), "g": (5,), "h": (4,), "y": (4,)},  # one output
    {"x": (4, 5), "w": (5,), "b": (1,), "g": (5,), "h": (4,), "y": (4,)},
    {"x": (4, 5), "w": (5, 1), "b": (), "g": (5,), "h": (4, 1), "y": (4, 1)},
    {"x": (4, 5), "w": (5, 1), "b": (1,), "g": (5,), "h": (4, 1), "y": (4, 1)},
    {"x": (4, 5), "w": (4, 5), "b": (4, 5), "g": (4, 5), "h": (4, 5), "y": (4,)},  # all alike
    {"x": (4, 5, 1), "w": (3, 5), "b": (3, 1), "g": (5, 1), "h": (3, 1), "y": (1,)},  # a sequence of columns
    {"x": (5, 1), "w": (3, 5), "b": (3, 1), "g": (5, 1), "h": (3, 1), "y": (1,)},  # one sample, in a column
)


NUMBER = 0.7  # for an input that is one
SHAPES: dict[int, tuple[tuple[int, ...] | None, ...]] = {  # of inputs whose names say nothing; None is a number
    2: ((5, 3), (3, 5), (5,), (4,), (1,), None),
    3: ((5, 3), (5,), (4,), (1,), (4, 5), None),
}


def draw_inputs(names: Mapping[str, Any], given: Mapping[str, Given], seed: int) -> Iterator[dict[str, Any]]:
    """Yield inputs that may suit, the likeliest first; `names` has the defaults of those that have one, else `...`.

    Parameters that a forward does without are drawn too, where it takes them; X may be places in a table; and inputs
    behind the first whose names say nothing may be of other shapes, or numbers. A second one called like labels may be
    none.
    """
    free = [name for name in names if name not in given and names[name] is ...]
    if len(free) == 2 and free[1].lower() in SHARES:  # a value for each sample beside what it is held to
        rng = generator(seed, DRAWN)
        yield {**names, **_draw_given(given, rng), **{name: rng.normal(0.2, 1.0, SCHEMES[0]["y"]) for name in free}}
    columns = []  # hide what is wrong along a row
    for drawn in _draw_by_names(names, given, seed):
        if is_column(drawn):
            columns.append(drawn)
        else:
            yield drawn
    unknown = [name for name in free[1:] if _says_nothing(name, free)]
    yield from _draw_positive(names, given, seed)
    yield from columns
    yield from _draw_numbers_as_arrays(names, free, given, seed)
    if graphs := [name for name in free if name.lower() in GRAPHS and len(free) > 1]:
        drawn = next(_draw_by_names(names, given, seed), {})
        samples = next((len(a) for n, a in drawn.items() if n not in graphs and np.ndim(a) == 2), 0)
        square = {name: generator(seed, DRAWN).uniform(0.1, 1.0, (samples, samples)) for name in graphs}
        yield {**drawn, **square}  # who is whose neighbour
    if masks := [name for name in free if name.lower() in MASKS]:
        for drawn in itertools.islice(_draw_by_names(names, given, seed), MOST_POSITIVE):
            yield {**drawn, **{name: drawn[name] > 0 for name in masks}}
        for drawn in _draw_by_names(names, given, seed):  # of as many entries as the first, and any numbers
            shape = np.shape(next(iter(drawn.values())))
            yield {**drawn, **{name: generator(seed, DRAWN, 1).normal(0.2, 1.0, shape) for name in masks}}
    if len(free) == len(names) == 1 and free[0].lower() not in PLACES:  # places in a table, whatever they are called
        yield from ({free[0]: generator(seed, DRAWN).integers(0, 3, shape)} for shape in ((4,), (2, 4)))
    if not unknown or len(free) > MOST_UNKNOWN:
        return
    for shapes in itertools.product(SHAPES.get(len(free), SHAPES[3]), repeat=len(unknown)):
        rng = generator(seed, DRAWN)
        base = next(_draw_by_names({n: v for n, v in names.items() if n not in unknown}, given, seed), {})
        own = {
            n: NUMBER if shape is None else rng.normal(0.2, 1.0, shape)
            for n, shape in zip(unknown, shapes, strict=True)
        }
        yield {name: own[name] if name in own else base[name] for name in names}


def is_column(inputs: Mapping[str, Any]) -> bool:
    """Tell whether the first input has rows of one entry, which are spread along whatever they meet."""
    return np.shape(next(iter(inputs.values()), 0))[1:][-1:] == (1,)


def _draw_given(given: Mapping[str, Given], rng: np.random.Generator) -> dict[str, Any]:
    """Return what a person gives, drawn."""
    return {name: each.draw(rng) for name, each in given.items()}


def _draw_positive(names: Mapping[str, Any], given: Mapping[str, Given], seed: int) -> Iterator[dict[str, Any]]:
    """Yield inputs as a logarithm or a root takes them, in the first few schemes: positive, and within (0, 1)."""
    for drawn in itertools.islice(_draw_by_names(names, given, seed), MOST_POSITIVE):
        floats = {n: a for n, a in drawn.items() if n not in given and getattr(a, "dtype", None) == np.float64}
        if any(np.any(a <= 0) for a in floats.values()):
            yield make_positive(drawn, given)
            yield {**drawn, **{n: np.asarray(1 / (1 + np.exp(-a))) for n, a in floats.items()}}


def make_positive(drawn: Mapping[str, Any], given: Mapping[str, Given]) -> dict[str, Any]:
    """Return the inputs with positive numbers in the arrays that are not given."""
    free = {n: a for n, a in drawn.items() if n not in given and getattr(a, "dtype", None) == np.float64}
    return {**drawn, **{n: np.asarray(np.abs(a) + 0.1) for n, a in free.items()}}


def _draw_numbers_as_arrays(
    names: Mapping[str, Any], free: Sequence[str], given: Mapping[str, Given], seed: int
) -> Iterator[dict[str, Any]]:
    """Yield inputs with arrays for what is called like a number: a slope, a temperature that is learnt."""
    numbers = [n for n in free if names[n] is ... and isinstance(SETTINGS.get(n.lower()), float)]
    base = next(_draw_by_names(names, given, seed), None) if numbers else None
    for shape in ((5,), (1,), ()) if base else ():
        yield {**(base or {}), **{n: generator(seed, DRAWN).uniform(0.5, 1.5, shape) for n in numbers}}


def draw_scalars(drawn: Mapping[str, Any], given: Mapping[str, Given], seed: int) -> dict[str, Any]:
    """Return a number for each array, as code takes it that is written for one at a time: `math.exp(x) if x > 0`."""
    rng = generator(seed, DRAWN)
    own = [n for n, a in drawn.items() if n not in given and getattr(a, "dtype", None) == np.float64]
    return {**drawn, **{name: np.asarray(rng.normal(0.2, 1.0)) for name in own}}


def list_unknown(arguments: Mapping[str, Any]) -> list[str]:
    """Return the arguments behind the first whose names say nothing, where they are several: shapes are guesses."""
    free = [name for name, default in arguments.items() if default is ...]
    unknown = [name for name in free[1:] if _says_nothing(name, free)]
    return unknown if len(unknown) > 1 else []


def _says_nothing(name: str, every: Sequence[str]) -> bool:
    """Tell whether the name of an input leaves open what it is; beside labels, gamma is a number as others are."""
    key = _find_key(name, every)
    is_loss = any(each.lower() in LABELS for each in every)
    if _is_mere_letter(name, every):
        return True
    return (
        key not in SETTINGS
        and (is_loss or key not in PARAMETERS | STATES)
        and key not in LABELS | PLACES | MASKS | SHARES | ROTATIONS
    )


def _find_key(name: str, every: Iterable[str]) -> str:
    """Return what an input is called by its name: W1 is a weight where there is no W2, g a gain beside b."""
    key, base = name.lower(), name[:-1].lower()
    if name == "g" and "b" in every:
        return "gamma"
    key = OF_A_LAYER.sub("", key)
    is_only = name.endswith("1") and f"{name[:-1]}2" not in every
    return base if is_only and base in WEIGHTS | BIASES else key


def _is_mere_letter(name: str, every: Iterable[str]) -> bool:
    """Tell whether `b` is no bias, without a weight, `p` no share, where it comes first, and `k` no count, beside q."""
    names = list(every)
    if name == "b":
        return "g" not in names and not any(each.lower() in WEIGHTS for each in names)
    is_prediction = names[0] == "p" or (len(names) == 2 and names[0].lower() in LABELS)
    return (name == "p" and is_prediction) or (name == "k" and "q" in names)


def _draw_by_names(names: Mapping[str, Any], given: Mapping[str, Given], seed: int) -> Iterator[dict[str, Any]]:
    free = [name for name in names if name not in given]
    has_labels = any(name.lower() in LABELS for name in free)
    optional = {n: None for n in free if names[n] is None and n.lower() in PARAMETERS}
    for scheme, without in itertools.product(list_schemes(given), (False, True) if optional else (False,)):
        for positive, as_classes, alike in _list_readings(names, has_labels):
            rng = generator(seed, DRAWN)
            keys = {name: "x" if _is_mere_letter(name, names) else _find_key(name, names) for name in names}
            made = {name: _draw(name, keys[name], names[name], scheme, as_classes, rng) for name in names}
            if alike:
                made = {n: rng.normal(0.2, 1.0, scheme["x"]) if n == "y" else a for n, a in made.items()}
            if positive:  # a loss of probabilities
                made = {name: _share(a) if name.lower() not in LABELS else a for name, a in made.items()}
            drawn = {name: given[name].draw(rng) if name in given else value for name, value in made.items()}
            yield {**drawn, **optional} if without else drawn
    first = next(iter(names), "")
    if len(names) > 1 and first in free and first.lower() in FIRST_INPUTS and not has_labels:
        for drawn in _draw_by_names({name: names[name] for name in names if name != first}, given, seed):
            yield from ({first: generator(seed, DRAWN).integers(0, 3, shape), **drawn} for shape in (4, (2, 4)))


def _list_readings(names: Mapping[str, Any], has_labels: bool) -> Iterable[tuple[bool, bool, bool]]:
    """Return whether the first input is of probabilities, labels are classes, and `y` is no label but as x is."""
    if not has_labels:
        return ((False, True, False),)
    likely = next(iter(names)).lower() in PROBABILITIES
    plain = [(positive, as_classes, False) for positive in (likely, not likely) for as_classes in (False, True)]
    return [*plain, (False, False, True)] if list(names) == ["x", "y"] else plain


def list_schemes(given: Mapping[str, Given]) -> list[dict[str, tuple[int, ...]]]:
    """Return the schemes, with the sizes of what is given in place of their own; then those as they are."""
    if not any(each.shape for each in given.values()):
        return list(SCHEMES)
    resized = []
    for scheme in SCHEMES:
        sizes: dict[int, int] = {}
        for name, each in given.items():
            own = scheme[_role(name.lower())]
            sizes |= dict(zip(own, each.shape, strict=True)) if len(own) == len(each.shape) else {}
            sizes |= {scheme["x"][1 % len(scheme["x"])]: each.classes} if each.classes else {}
        resized.append({role: tuple(sizes.get(size, size) for size in shape) for role, shape in scheme.items()})
    return [*resized, *SCHEMES]


def draw_arguments(
    names: Mapping[str, Any],
    given: Mapping[str, Given],
    scheme: Mapping[str, tuple[int, ...]],
    listed: bool,
    alike: bool = False,
) -> dict[str, Any]:
    """Return arguments for a constructor: sizes and parameters of the scheme; what has a default keeps it.

    With `listed`, the sizes of hidden layers come as a list. Of two sizes whose names say nothing, the second is that
    of the output, but for `alike`, where they are equal.
    """
    unknown = [name for name, default in names.items() if default is ... and name not in given and _is_size(name)]
    features = scheme["x"][1] if len(scheme["x"]) > 1 else scheme["x"][0]
    outputs = (*scheme["b"], 1)[0]
    gains = {name for name in names if name.lower() in NORM_PARAMETERS}
    has_output = any(name.lower() in OUTPUT_SIZES for name in names)
    made: dict[str, Any] = {}
    for name, default in names.items():
        key = name.lower()
        if name in given:
            made[name] = given[name].draw(generator(0, DRAWN))
        elif default is not ...:
            continue
        elif key in SIZE_LISTS:
            made[name] = [features, features + 2, outputs]
        elif key in OUTPUT_SIZES:
            made[name] = outputs
        elif (layered := _shape_of_layer(name, names, features, outputs)) is not None:
            made[name] = generator(0, DRAWN).normal(0.2, 1.0, layered)
        elif key in WEIGHTS | BIASES | {"wh"} or (name in gains and len(gains) > 1):
            made[name] = generator(0, DRAWN).normal(0.2, 1.0, _shape(key, scheme))
        elif key in HIDDEN_SIZES and listed:
            made[name] = [features - 1]
        elif key in HIDDEN_SIZES and has_output:
            made[name] = features + 2
        elif key in ("input_shape", "in_shape"):  # that of the whole input, or of one sample
            made[name] = scheme["x"][1:] if alike else scheme["x"]
        elif key in ("output_shape", "out_shape") and any(n.lower() in ("input_shape", "in_shape") for n in names):
            made[name] = scheme["x"][:0:-1] if alike else scheme["x"][::-1]
        elif key in ("shape", "target_shape", "output_shape"):  # as many entries, or one axis more
            made[name] = (2, 4, 5) if alike else (5, 4)
        elif name == "rng":
            made[name] = generator(0)
        elif key in RATES:
            made[name] = 0.5
        elif not alike and unknown[1:2] == [name]:
            made[name] = outputs
        else:
            made[name] = features if key == "dim" else SETTINGS.get(key, features)
    return made


def _shape_of_layer(name: str, names: Iterable[str], features: int, outputs: int) -> tuple[int, ...] | None:
    """Return the shape of W1, b1, W2, … of layers behind one another; None for another name."""
    known = {n: match for n in names if (match := LAYERED.fullmatch(n))}
    last = max((int(match[2]) for match in known.values()), default=0)
    if name not in known or last < 2:
        return None
    layer = int(known[name][2])
    widths = [features + 2 * k for k in range(last)] + [outputs]
    return (widths[layer],) if known[name][1].lower() == "b" else (widths[layer - 1], widths[layer])


def _is_size(name: str) -> bool:
    """Tell whether an argument of a constructor is taken for the number of features by its name."""
    key = name.lower()
    known = OUTPUT_SIZES | WEIGHTS | BIASES | {"wh"} | HIDDEN_SIZES | NORM_PARAMETERS | RATES | {"rng", "dim"}
    return key not in known and key not in SETTINGS and not LAYERED.fullmatch(name)


def randomize(arrays: Mapping[str, Any], seed: int) -> dict[str, Any]:
    """Return random arrays of the same shapes: zeros and ones, as parameters start, would hide what is wrong."""
    rng = generator(seed + 1, DRAWN)
    return {name: _moderate(rng.normal(0.3, 1.0, np.shape(array))) for name, array in arrays.items()}


def _moderate(array: Any) -> Any:
    """Return an array with smaller entries where it is large, so that what sums over it does not saturate."""
    longest = max(array.shape, default=1)
    return array * 2 / np.sqrt(longest) if longest > LONG else array


def _draw(
    name: str, key: str, default: Any, scheme: Mapping[str, Any], as_classes: bool, rng: np.random.Generator
) -> Any:
    if key in LABELS:
        return rng.integers(0, scheme["x"][1 % len(scheme["x"])], scheme["y"]) if as_classes else _rows(scheme, rng)
    if key in PLACES_OF_SEVERAL:
        return rng.integers(0, 3, (4, 2))
    if key in PLACES:
        return rng.integers(0, 3, 4)  # of four, two are the same
    if default is not ... and not (default is None and key in PARAMETERS):
        return default
    if key in MASKS:
        return (rng.random(scheme["y"] if as_classes else scheme["x"]) < 0.7) * 1.0
    if key in ROTATIONS:  # one for each pair of entries, or the same for both
        return np.asarray(rng.uniform(-1.0, 1.0, scheme.get("half", scheme["x"][-2:])))
    if name == "G":  # groups of channels; g is a gain
        return 1
    if key in SETTINGS:
        return SETTINGS[key]
    return np.asarray(rng.normal(0.2, 1.0, _shape(key, scheme)))


def _shape(key: str, scheme: Mapping[str, tuple[int, ...]]) -> tuple[int, ...]:
    return scheme.get("wh", scheme["b"] * 2) if key == "wh" else scheme[_role(key)]


def _role(key: str) -> str:
    groups = ((WEIGHTS, "w"), (BIASES, "b"), (NORM_PARAMETERS, "g"), (STATES, "h"), (LABELS | SHARES, "y"))
    return next((role for names, role in groups if key in names), "x")


def _rows(scheme: Mapping[str, tuple[int, ...]], rng: np.random.Generator) -> Any:
    """Return rows of 0 and 1 with a single 1: classes as the practical gives them."""
    rows = np.zeros(scheme["x"])
    classes = rng.integers(0, rows.shape[-1], rows.shape[:-1])
    np.put_along_axis(rows, classes[..., None], 1.0, axis=-1)
    return rows


def _share(value: Any) -> Any:
    """Turn an array into probabilities along its last axis."""
    if not isinstance(value, np.ndarray):
        return value
    powers = np.exp(value)
    return powers / powers.sum(axis=-1, keepdims=True)
