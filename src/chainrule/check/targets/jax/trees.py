"""Functions with a `jax.custom_vjp` that take arrays in a dictionary or a tuple: each of them is an input of its own.

dense(params, x) with `params["w"]`, or with `w, b = params`, is checked as dense(x, w, b).
"""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chainrule.check.model.failure import Failure, call_theirs
from chainrule.check.targets.jax.function import CustomVjpKind, is_custom_vjp
from chainrule.check.targets.kinds import Namespace, list_arguments


@dataclass(frozen=True)
class Tree:
    """Which arguments of a function are trees, and what they hold; the others come first when they lie flat."""

    arguments: tuple[str, ...]
    members: Mapping[str, tuple[str, ...]]
    has_keys: Mapping[str, bool]

    @property
    def flat(self) -> list[str]:
        """The names of all arrays, those of trees behind the plain arguments."""
        plain = [name for name in self.arguments if name not in self.members]
        return [*plain, *(key for name in self.arguments for key in self.members.get(name, ()))]

    def gather(self, values: Sequence[Any]) -> list[Any]:
        """Return the arguments as the function takes them."""
        given = dict(zip(self.flat, values, strict=True))
        return [self._grow(name, given) if name in self.members else given[name] for name in self.arguments]

    def _grow(self, name: str, given: Mapping[str, Any]) -> Any:
        keys = self.members[name]
        return {key: given[key] for key in keys} if self.has_keys[name] else tuple(given[key] for key in keys)

    def spread(self, taught: Sequence[str], found: Sequence[Any]) -> tuple[Any, ...]:
        """Return gradients, of the arguments that have one, in the order of the flat names."""
        named: dict[str, Any] = {}
        for name, gradient in zip(taught, found, strict=True):
            if name not in self.members:
                named[name] = gradient
            elif isinstance(gradient, Mapping):
                named |= {key: gradient.get(key) for key in self.members[name]}
            else:
                named |= dict(zip(self.members[name], gradient, strict=True))
        return tuple(named[key] for key in self.flat if key in named)


def find_tree(function: Callable[..., Any]) -> Tree | None:
    """Return what the arguments of a function hold, where its text tells that one is a dictionary or a tuple."""
    text = call_theirs(lambda: inspect.getsource(function))
    if isinstance(text, Failure):
        return None
    members: dict[str, tuple[str, ...]] = {}
    has_keys: dict[str, bool] = {}
    arguments = tuple(list_arguments(function))
    for name in arguments:
        keys = re.findall(rf"\b{name}\[['\"](\w+)['\"]\]", text)
        taken = re.search(rf"^\s*\(?(\w+(?:, *\w+)+)\)?,? = {name}\s*(?:#.*)?$", text, re.MULTILINE)
        names = keys or (re.split(r", *", taken[1]) if taken else [])
        if names:
            members[name], has_keys[name] = tuple(dict.fromkeys(names)), bool(keys)
    tree = Tree(arguments, members, has_keys)
    return tree if members and len(set(tree.flat)) == len(tree.flat) else None


def flatten(function: Any, tree: Tree) -> Any:
    """Return the function with its rule, of arrays that lie flat."""
    import jax

    constants = {tree.arguments[k] for k in function.nondiff_argnums}
    taught = [name for name in tree.arguments if name not in constants]

    @functools.wraps(function.fun)
    def run(*values: Any) -> Any:
        return function.fun(*tree.gather(values))

    def forward(*values: Any) -> Any:
        return function.fwd(*tree.gather(values))

    def backward(*received: Any) -> Any:
        found = function.bwd(*received)
        return tree.spread(taught, found if isinstance(found, tuple | list) else (found,))

    either = inspect.Parameter.POSITIONAL_OR_KEYWORD
    run.__signature__ = inspect.Signature([inspect.Parameter(name, either) for name in tree.flat])  # type: ignore[attr-defined]
    flat = jax.custom_vjp(run, nondiff_argnums=tuple(k for k, name in enumerate(tree.flat) if name in constants))
    if function.fwd is not None:
        flat.defvjp(forward, backward)
    return flat


class TreeVjpKind(CustomVjpKind):
    """A function with a `jax.custom_vjp` that takes a tree of arrays."""

    rank = 9

    def recognize(self, thing: Any) -> bool:
        """Tell whether a thing is such a function."""
        return False  # it becomes one of another kind when it is found

    def find(self, name: str, value: Any, file: Namespace) -> Any:
        """Return the function with its arrays flat."""
        tree = find_tree(value.fun) if is_custom_vjp(value) else None
        return flatten(value, tree) if tree else None


KINDS = (TreeVjpKind(),)
