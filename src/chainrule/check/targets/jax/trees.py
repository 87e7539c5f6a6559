"""Functions with a `jax.custom_vjp` that take arrays in a dictionary, a list or a tuple: each is an input of its own.

dense(params, x) with `params["w"]`, or with `w, b = params`, is checked as dense(x, w, b); what a function of the file
makes, such as `init_params(sizes, key)`, as it is nested there.
"""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.check.model.literals import read_source
from chainrule.check.model.target import generator
from chainrule.check.targets.jax.function import CustomVjpKind, is_custom_vjp
from chainrule.check.targets.kinds import Namespace, list_arguments
from chainrule.check.targets.made_parameters import MAKER, TABLES, list_made, name_leaves, nest


@dataclass(frozen=True)
class Tree:
    """Which arguments of a function are trees, `made` so, and the names of what they hold; the others come first."""

    arguments: tuple[str, ...]
    members: Mapping[str, tuple[str, ...]]
    made: Mapping[str, Any]

    @property
    def flat(self) -> list[str]:
        """The names of all arrays, those of trees behind the plain arguments."""
        plain = [name for name in self.arguments if name not in self.members]
        return [*plain, *(key for name in self.arguments for key in self.members.get(name, ()))]

    def gather(self, values: Sequence[Any]) -> list[Any]:
        """Return the arguments as the function takes them."""
        given = dict(zip(self.flat, values, strict=True))
        own = {name: {key: given[key] for key in keys} for name, keys in self.members.items()}
        return [nest(self.made[name], own[name]) if name in own else given[name] for name in self.arguments]

    def spread(self, taught: Sequence[str], found: Sequence[Any]) -> tuple[Any, ...]:
        """Return gradients, of the arguments that have one, in the order of the flat names."""
        named: dict[str, Any] = {}
        for name, gradient in zip(taught, found, strict=True):
            if name not in self.members:
                named[name] = gradient
            else:
                found_there = name_leaves(gradient, name)
                paths = name_leaves(self.made[name], name)
                named |= {key: found_there.get(path) for key, path in zip(self.members[name], paths, strict=True)}
        return tuple(named[key] for key in self.flat if key in named)


def find_tree(function: Callable[..., Any], own: Mapping[str, Any]) -> Tree | None:
    """Return what the arguments of a function hold, where its text tells, or what makes them among `own`."""
    text = read_source(function)
    if not text:
        return None
    members: dict[str, tuple[str, ...]] = {}
    made: dict[str, Any] = {}
    arguments = tuple(list_arguments(function))
    for name in arguments:
        keys = re.findall(rf"\b{name}\[['\"](\w+)['\"]\]", text)
        taken = re.search(rf"^\s*\(?(\w+(?:, *\w+)+)\)?,? = {name}\s*(?:#.*)?$", text, re.MULTILINE)
        names = keys or (re.split(r", *", taken[1]) if taken else [])
        if names:
            members[name] = tuple(dict.fromkeys(names))
            made[name] = dict.fromkeys(members[name], ...) if keys else (...,) * len(names)
        elif name.lower() in TABLES and (held := _make_by(own)) is not None:
            members[name], made[name] = (
                tuple(re.sub(r"\W+", "_", path).strip("_") for path in name_leaves(held, name)),
                held,
            )
    tree = Tree(arguments, members, made)
    return tree if members and len(set(tree.flat)) == len(tree.flat) else None


def _make_by(own: Mapping[str, Any]) -> Any:
    """Return what a function of the file makes as parameters, with other numbers; None where none does."""
    import jax

    makers = [f for n, f in own.items() if inspect.isfunction(f) and MAKER.search(n)]
    for made in list_made(makers, jax.random.PRNGKey(0)):
        leaves, rng = name_leaves(made, ""), generator(0, 5)
        if isinstance(made, Mapping | list | tuple) and all(np.ndim(a) for a in leaves.values()):
            return nest(made, {name: rng.normal(0.1, 0.6, np.shape(a)) for name, a in leaves.items()})
    return None


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
    held = {
        n: a
        for t, keys in tree.members.items()
        for n, a in zip(keys, name_leaves(tree.made[t], t).values(), strict=True)
    }
    known = {name: a for name, a in held.items() if a is not ...}
    run.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [inspect.Parameter(n, either, default=known.get(n, inspect.Parameter.empty)) for n in tree.flat]
    )
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
        tree = find_tree(value.fun, file.own) if is_custom_vjp(value) else None
        return flatten(value, tree) if tree else None


KINDS = (TreeVjpKind(),)
