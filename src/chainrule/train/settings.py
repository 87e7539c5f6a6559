"""What a setting of a config is: its declaration, and its value as text and from text."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Literal, get_args, get_origin

from chainrule.errors import UserError

Bound = tuple[str, Callable[[Any], bool]]

ABOVE_ZERO: Bound = ("above 0", lambda value: value > 0)
NOT_NEGATIVE: Bound = ("at least 0", lambda value: value >= 0)
BELOW_ONE: Bound = ("at least 0 and below 1", lambda value: 0 <= value < 1)
SIZES: Bound = ("whole numbers of at least 1, such as 300-500-100", lambda value: all(size >= 1 for size in value))


def setting(default: Any, meaning: str, bound: Bound | None = None, only: tuple[str, ...] | None = None) -> Any:
    """Declare a field: default, meaning, range, and the setting (name, values) that it needs to have an effect."""
    return dataclasses.field(default=default, metadata={"meaning": meaning, "bound": bound, "only": only})


@cache
def list_choices(kind: Any) -> tuple[Any, ...] | None:
    """Return the values that a field of this type may take, or None where they cannot be listed."""
    if get_origin(kind) is Literal:
        return get_args(kind)
    if type(None) in get_args(kind):
        first = list_choices(get_args(kind)[0])
        return None if first is None else (None, *first)
    return None


def check_type(name: str, value: Any, kind: Any) -> None:
    """Raise UserError unless the value is of this type, or one of its choices."""
    choices = list_choices(kind)
    if choices is not None:
        if value not in choices:
            raise UserError(f"{name} is {as_text(value)}, but must be one of {', '.join(map(as_text, choices))}")
        return
    if kind == tuple[int, ...]:
        right = isinstance(value, tuple) and all(type(size) is int for size in value)
    elif kind is float:
        right = type(value) in (int, float)
    else:
        right = isinstance(value, kind) and not (kind is int and isinstance(value, bool))
    if not right:
        raise UserError(f"{name} is {value!r}, but must be {describe_kind(kind)}")


def parse(name: str, text: str, kind: Any) -> Any:
    """Read a setting's text as its type; choices are checked by the config itself."""
    try:
        if text.lower() == "none":
            return () if kind == tuple[int, ...] else None
        if kind is bool:
            return {"true": True, "false": False}[text.lower()]
        if kind == tuple[int, ...]:
            return tuple(int(size) for size in text.replace("-", ",").split(","))
        return kind(text) if kind in (int, float) else text
    except (ValueError, KeyError):
        raise UserError(f"{name} is {text!r}, but must be {describe_kind(kind)}") from None


def describe_kind(kind: Any) -> str:
    """Say what a value of this type is."""
    names: Mapping[Any, str] = {
        int: "a whole number",
        float: "a number",
        bool: "true or false",
        tuple[int, ...]: "sizes such as 300-500-100, or none",
    }
    return names.get(kind, "text")


def as_text(value: Any) -> str:
    """Return a value as a person writes it in a setting."""
    if value is None or value == ():
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    text = "-".join(map(str, value)) if isinstance(value, tuple) else str(value)
    return text if text.isprintable() else repr(text)
