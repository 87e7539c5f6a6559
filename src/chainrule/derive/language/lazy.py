"""Attributes of what is never changed, worked out when they are first read."""

from collections.abc import Callable
from typing import Any, Generic, TypeVar, overload

Value = TypeVar("Value")


class lazy(Generic[Value]):
    """A property that is worked out once, and that stands among the object's own attributes from then on.

    As `functools.cached_property`, without its lock, which takes longer than what is asked of a node of an expression.
    """

    def __init__(self, function: Callable[[Any], Value]) -> None:
        self.function, self.__doc__ = function, function.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, thing: None, owner: type) -> "lazy[Value]": ...
    @overload
    def __get__(self, thing: object, owner: type) -> Value: ...
    def __get__(self, thing: object | None, owner: type) -> "Value | lazy[Value]":
        if thing is None:
            return self
        value = self.function(thing)
        thing.__dict__[self.name] = value
        return value
