"""Dataclasses read from plain values of no known origin: each field is held to its type, and every text is harmless."""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from chainrule.errors import escape_controls

MOST_ITEMS = 20_000  # of a list
MOST_SIGNS = 20_000  # of a text
Kind = TypeVar("Kind")


def read_as(kind: type[Kind], value: Any) -> Kind:
    """Return a value as one of a type, read anew from the bottom up; raise ValueError where it is none.

    Control characters in texts are written out; lists are bounded in length, and texts are cut.
    """
    read: Kind = _read(kind, value)
    return read


def _read(kind: Any, value: Any) -> Any:
    if is_dataclass(kind) and isinstance(kind, type):
        hints = get_type_hints(kind, kind.__init__.__globals__)  # where it stands, whatever it says it is part of
        if not isinstance(value, Mapping) or not {f.name for f in fields(kind)} <= value.keys():
            raise ValueError(f"expected the fields of {kind.__name__}")
        return kind(**{f.name: _read(hints[f.name], value[f.name]) for f in fields(kind)})
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (types.UnionType, Union):
        return _read_either(inner, value)
    if origin in (list, tuple):
        items = _items(value)
        return origin(_read(inner[0], item) for item in items)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        if not isinstance(value, Mapping) or len(value) > MOST_ITEMS:
            raise ValueError("expected named values")
        return {_read(inner[0], key): _read(inner[1], each) for key, each in value.items()}
    if kind is str and isinstance(value, str):
        return escape_controls(value[:MOST_SIGNS].encode("utf-8", "replace").decode("utf-8"))
    if kind is float and isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    if kind in (int, bool) and type(value) is kind:
        return value
    raise ValueError(f"expected {getattr(kind, '__name__', kind)}, not {type(value).__name__}")


def _read_either(kinds: tuple[Any, ...], value: Any) -> Any:
    if value is None and type(None) in kinds:
        return None
    return _read(next(kind for kind in kinds if kind is not type(None)), value)


def _items(value: Any) -> list[Any] | tuple[Any, ...]:
    if not isinstance(value, list | tuple) or len(value) > MOST_ITEMS:
        raise ValueError("expected a list of values, not too long")
    return value
