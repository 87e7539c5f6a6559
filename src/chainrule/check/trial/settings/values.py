"""Which other values a setting may have: by its name and its kind, and by what the file's own text says of it."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from functools import partial
from typing import Any

from chainrule.check.model.literals import read_words
from chainrule.check.model.names import EVALUATION_FLAGS, FLAGS, LABELS, MASKS, OF_EVALUATION, OF_TRAINING, RATES
from chainrule.check.model.problem import Array
from chainrule.check.model.target import AnyOther, generator

COUNTS: dict[str, tuple[int, ...]] = {  # whole numbers by what they are called, with values that windows may have
    **dict.fromkeys(("stride", "strides", "s"), (1, 2, 3)),
    **dict.fromkeys(("padding", "pad", "p"), (0, 1, 2)),
    **dict.fromkeys(("dilation",), (1, 2)),
    **dict.fromkeys(
        ("kernel_size", "kernel", "k", "f", "filter_size", "pool_size", "pool", "size", "window", "window_size"), (2, 3)
    ),
    **dict.fromkeys(("pool_height", "pool_width"), (2, 3)),
    **dict.fromkeys(("axis", "dim"), (0, -1)),
    **dict.fromkeys(("power", "degree", "exponent", "n", "order"), (2, 3)),
}
GROUPED = {"groups", "num_groups", "n_groups", "heads", "num_heads", "n_heads", "n_head", "nhead"}  # of channels
WORDS = {  # that libraries take, whether a file compares with them or hands them on
    **dict.fromkeys(("reduction", "reduce"), ("mean", "sum")),
    **dict.fromkeys(("mode", "padding_mode", "pad_mode"), ("constant", "edge", "reflect", "wrap")),
}
OTHERWISE = {"max": "average", "average": "max", "mean": "sum", "sum": "mean"}  # of `if mode == "max": …; else: …`
NOT_VARIED = (
    RATES - {"alpha", "rate"}
    | FLAGS
    | EVALUATION_FLAGS
    | {"seed", "random_state", "rng", "verbose", "inplace", "copy", "debug", "bias", "dtype", "device", "out"}
    | {"epochs", "n_epochs", "num_epochs", "batch_size", "patience", "print_every", "log_every"}
)
SWITCHED = {*OF_TRAINING, *OF_EVALUATION}  # modes, which are compared by themselves
IS_NONE = r"\b{}\s+is\s+(?:not\s+)?None\b"


def list_fields(name: str, value: Any) -> Iterator[tuple[str, Any, Callable[[Any], Any]]]:
    """Yield a setting with its value, and what to hand over for another; of a config or a table, each of its fields."""
    fields = {key: own for key, own in _read_fields(value).items() if isinstance(own, bool | int | float | str)}
    if not fields or callable(getattr(value, "forward", None)):
        yield name, value, lambda other: other
    else:
        yield from ((key, own, partial(_put, value, key)) for key, own in fields.items())


def _read_fields(value: Any) -> dict[str, Any]:
    """Return what a table or an object of settings holds, by name."""
    if isinstance(value, Mapping):
        return {str(key): own for key, own in value.items()}
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return dict(value._asdict())
    if isinstance(value, type | Enum) or not hasattr(value, "__dict__"):
        return {}
    return {key: own for key, own in {**vars(type(value)), **vars(value)}.items() if key[0] != "_"}


def _put(value: Any, key: str, other: Any) -> Any:
    """Return a table or an object of settings with another value of one."""
    if isinstance(value, Mapping):
        return {**value, key: other}
    if isinstance(value, tuple):
        return value._replace(**{key: other})  # type: ignore[attr-defined]
    config = copy.copy(value)
    object.__setattr__(config, key, other)
    return config


def list_other_values(name: str, value: Any, text: str, X: Array | None = None) -> Iterator[Any]:
    """Yield values that a setting of this name may have besides its own; `X` is the first input, `text` the file's."""
    key = name.lower().strip("_")
    if isinstance(value, str):
        yield from () if value in SWITCHED else _list_words(key, value, read_words(text).get(name, []))
    elif key in NOT_VARIED or name == "lr":
        return
    elif isinstance(value, bool):
        yield not value
    elif isinstance(value, float):
        yield 0.3 if value < 0.2 else 0.5 if value == 1 else 1.5 * value if value > 1 else value - 0.17
    elif isinstance(value, int) and key in COUNTS:
        yield from (other for other in COUNTS[key] if other != value and (key not in ("axis", "dim") or -3 < value < 2))
    elif isinstance(value, int):
        yield 2 if value in (0, 1) else value + 1
    elif isinstance(value, Enum):
        yield from (other for other in type(value) if other is not value)
    elif isinstance(value, tuple) and key in COUNTS and value and all(type(each) is int for each in value):
        yield from ((other,) * len(value) for other in COUNTS[key] if (other,) * len(value) != value)
    elif value is None and key in COUNTS and key not in ("axis", "dim"):
        yield from COUNTS[key]
    elif value is None:
        yield from read_words(text).get(name, [])
        if key not in LABELS and re.search(IS_NONE.format(re.escape(name)), text):
            yield from _list_given(key, X)


def _list_words(key: str, value: str, compared: list[str]) -> Iterator[str]:
    """Yield the words that may stand in place of another: those with which the file compares the setting, and any."""
    if value in WORDS.get(key, ()):
        compared = [*WORDS[key], *compared]
    elif compared == [value] and value in OTHERWISE:
        compared = [OTHERWISE[value]]
    elif value in compared:
        other = AnyOther("linear")
        other.known = tuple(compared)
        compared = [*compared, *({other} - {*compared})]
    yield from (word for word in dict.fromkeys(compared) if word != value)


def _list_given(key: str, X: Array | None) -> Iterator[Any]:
    """Yield what may be given in place of None: a mask, weights of classes or samples, an axis, a number."""
    rng = generator(0, 8)
    shapes = [] if X is None or X.ndim == 0 else [X.shape, X.shape[:-1], X.shape[-2:-1] * 2, X.shape[-1:], X.shape[:1]]
    if key in MASKS or "mask" in key:
        for shape in filter(None, shapes):
            kept = rng.random(shape) < 0.7
            yield from (kept * 1.0, kept)
    elif "weight" in key:
        yield from (rng.uniform(0.5, 1.5, shape) for shape in filter(None, shapes[3:]))
    elif key in ("axis", "dim"):
        yield from (0, -1)
    else:
        yield 0.7
