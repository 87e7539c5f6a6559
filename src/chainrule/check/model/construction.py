"""What objects were made with, so that they can be made again with one setting changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

_made: dict[int, tuple[Any, Callable[..., Any], dict[str, Any]]] = {}  # by id; the object is held, so its id stays


def construct(kind: Callable[..., Any], arguments: Mapping[str, Any]) -> Any:
    """Return an object made with these arguments, and remember them."""
    instance = kind(**arguments)
    _made[id(instance)] = instance, kind, dict(arguments)
    return instance


def construct_again(instance: Any, **changed: Any) -> Any:
    """Return another object made as this one was, with some arguments changed; raise LookupError where nobody knows."""
    _, kind, arguments = _made[id(instance)]
    return kind(**{**arguments, **changed})


def recall_arguments(instance: Any) -> dict[str, Any]:
    """Return what an object was made with; raise LookupError where nobody knows."""
    return _made[id(instance)][2]


def is_known(instance: Any) -> bool:
    """Tell whether it is known how an object was made."""
    return id(instance) in _made
