"""Parameters that a file's own functions make, nested in dictionaries, lists and tuples: each array has a name.

`init_params([5, 4, 3])` may make {"W1": …, "b1": …}, or a list of layers, each a pair (W, b) or a dictionary.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from chainrule.check.model.failure import Failure, call_theirs
from chainrule.check.model.problem import Arrays
from chainrule.check.targets.kinds import list_arguments

MAKER = re.compile(r"init|create_param|make_param", re.IGNORECASE)
TABLES = {
    "parameters",
    "params",
    "param",
    "params_values",
    "param_values",
    "weights_and_biases",
    "weights",
    "theta",
    "model",
    "network",
    "net",
    "w",
    "pesos",
    "parametros",
    "gewichte",
    "parametre",
    "parametres",
    "poids",
}  # arguments that hold them
KEYS = {"key", "rng", "rng_key", "prng_key", "seed", "random_state"}
SIZES = (5, 4, 3)  # features in, hidden, out


def list_made(makers: Iterable[Callable[..., Any]], key: Any = 0) -> Iterator[Any]:
    """Yield what functions make of sizes that all differ, in a list or one by one; `key` is for random numbers."""
    for maker in makers:
        takes = [n for n, default in list_arguments(maker).items() if default is ...]
        said = {name: value for name in takes if (value := find_global(maker, name)) is not None}
        sizes = [name for name in takes if name.lower() not in KEYS and name not in said]
        ways: list[list[Any]] = [[]]
        if len(sizes) == 1:
            ways = [[list(SIZES)], [list(SIZES[:2])], [[*SIZES[:-1], 1]]]  # the sizes of all layers
        elif sizes:
            own = [SIZES[0], SIZES[-1]] if len(sizes) == 2 else list(SIZES[: len(sizes)])
            ways = [own, [*own[:-1], 1]]  # a cost of one output may be a number for that one alone
        for way in ways:
            keys = {name: key for name in takes if name not in sizes}
            given = {**dict(zip(sizes, way, strict=False)), **keys, **said}
            made = call_theirs(lambda maker=maker, given=given: maker(**given))  # type: ignore[misc]
            if not isinstance(made, Failure) and made is not None:
                yield made


def find_global(function: Callable[..., Any], name: str) -> Any:
    """Return what a file has under the name of an argument in capitals: `nn_architecture` is NN_ARCHITECTURE."""
    found = getattr(function, "__globals__", {}).get(name.upper()) if len(name) > 1 else None
    return copy.deepcopy(found) if isinstance(found, list | tuple | dict | int | float) and found else None


def name_leaves(made: Any, table: str) -> dict[str, Any]:
    """Return what is nested by its names: `W1` of a dictionary of arrays, else `params[0]['W']`."""
    if isinstance(made, Mapping) and not any(isinstance(part, Mapping | list | tuple) for part in made.values()):
        return {str(key): part for key, part in made.items()}
    return dict(_list_leaves(made, table))


def _list_leaves(made: Any, name: str) -> Iterator[tuple[str, Any]]:
    if not isinstance(made, Mapping | list | tuple):
        yield name, made
        return
    for key, part in made.items() if isinstance(made, Mapping) else enumerate(made):
        yield from _list_leaves(part, f"{name}[{key!r}]")


def nest(made: Any, arrays: Arrays) -> Any:
    """Return what is nested as `made` is, with other arrays, which come in the order of its own."""
    return _nest(made, iter(arrays.values()))


def _nest(made: Any, arrays: Iterator[Any]) -> Any:
    if isinstance(made, Mapping):
        return {key: _nest(part, arrays) for key, part in made.items()}
    if isinstance(made, list | tuple):
        parts = [_nest(part, arrays) for part in made]
        return type(made)(*parts) if hasattr(made, "_fields") else type(made)(parts)
    return next(arrays)
