"""Arrays within an object, wherever a person keeps them: in attributes, lists, dictionaries, objects of their own."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Iterator, Mapping, MutableMapping, MutableSequence, Sequence
from types import BuiltinFunctionType, CellType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

from chainrule.check.model.names import GRADIENT_HOLDERS, PARAMETER_HOLDERS, is_gradient_name, is_gradient_of
from chainrule.check.model.problem import Array

Path = tuple[str | int, ...]  # attributes, keys and places in lists, from the object inwards
MOST_DEPTH = 6
STATE = r"(?:[vm]|vel|velocity|mom|momentum|moment_?\d?|cache|acc|prev|last|old|sq|square_avg|exp_avg)"
CODE = (type, ModuleType, FunctionType, BuiltinFunctionType, MethodType)
CLOSED = ("forward", "backward")  # functions whose closures hold parameters
EMPTY = CellType()
PLAIN = (str, bytes, bool, int, float, complex, type(None), np.ndarray, np.generic)


def list_places(thing: Any, numbers: bool = False) -> Iterator[tuple[Path, Array]]:
    """Yield every array of floats within an object, with each of its paths.

    numbers: single numbers of NumPy's too, as a sum over everything leaves them.
    """
    seen: set[int] = set()

    def visit(value: Any, path: Path) -> Iterator[tuple[Path, Array]]:
        if isinstance(value, np.ndarray) and value.dtype.kind == "f" and value.size:
            yield path, value
            if len(path) < MOST_DEPTH and getattr(value, "__dict__", None):  # of a class that adds a gradient
                for name, member in vars(value).items():
                    yield from visit(member, (*path, name))
        elif numbers and isinstance(value, np.floating):
            yield path, np.asarray(value)
        elif len(path) < MOST_DEPTH and not isinstance(value, PLAIN) and id(value) not in seen:
            seen.add(id(value))
            for key, member in _list_members(value):
                yield from visit(member, (*path, key))

    yield from visit(thing, ())


def choose_names(places: Iterable[tuple[Path, Array]]) -> list[tuple[Path, Array]]:
    """Return each array once, under the path that names it best: one without places in a list, if there is one."""
    chosen: dict[int, tuple[Path, Array]] = {}
    for path, array in places:
        known = chosen.get(id(array))
        if known is None or (_is_numbered(known[0]) and not _is_numbered(path)):
            chosen[id(array)] = path, array
    return list(chosen.values())


def _is_numbered(path: Path) -> bool:
    return any(isinstance(part, int) for part in path)


def list_lengths(thing: Any) -> dict[Path, int]:
    """Return how many members each list within an object has, by its path."""
    lengths: dict[Path, int] = {}

    def visit(value: Any, path: Path) -> None:
        if isinstance(value, list):
            lengths[path] = len(value)
        if len(path) < MOST_DEPTH and not isinstance(value, PLAIN):
            for key, member in _list_members(value):
                visit(member, (*path, key))

    visit(thing, ())
    return lengths


def _list_members(value: Any) -> Iterable[tuple[str | int, Any]]:
    if isinstance(value, Mapping):
        return [(key, member) for key, member in value.items() if isinstance(key, str | int)]
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return list(zip(value._fields, value, strict=True))
    if isinstance(value, list | tuple):
        return list(enumerate(value))
    if isinstance(value, FunctionType) and value.__name__ in CLOSED:
        return [(name, cell.cell_contents) for name, cell in _list_cells(value).items()]
    if isinstance(value, CODE):
        return []
    slots = [name for name in getattr(type(value), "__slots__", ()) if isinstance(name, str) and hasattr(value, name)]
    return [*getattr(value, "__dict__", {}).items(), *((name, getattr(value, name)) for name in slots)]


def _list_cells(function: FunctionType) -> dict[str, CellType]:
    """Return what a function holds of those around it, by name."""
    cells = dict(zip(function.__code__.co_freevars, function.__closure__ or (), strict=True))
    return {name: cell for name, cell in cells.items() if cell != EMPTY}


def name_place(path: Path) -> str:
    """Return what a person would call a place: `W` of self.params["W"], `fc1.W` of self.fc1.W, `W` of self.W.data."""
    kept = [str(part) for part in path if str(part) not in PARAMETER_HOLDERS and part not in CLOSED]
    plain = kept if kept and not kept[-1].isdigit() else [str(part) for part in path]
    return ".".join(plain)


def store(thing: Any, path: Path, value: Array) -> None:
    """Put an array at a place, as one of the class of arrays that stands there."""
    own = read(thing, path)
    if isinstance(own, np.ndarray) and type(own) is not np.ndarray and type(value) is np.ndarray:
        value = value.view(type(own))
    _put(thing, path, value)


def _put(thing: Any, path: Path, value: Any) -> None:
    """Put a value at a place; what lies around it and cannot be changed is made anew."""
    *way, last = path
    holder = read(thing, tuple(way))
    if isinstance(holder, FunctionType):
        _list_cells(holder)[str(last)].cell_contents = value
    elif isinstance(holder, MutableMapping | MutableSequence):
        holder[last] = value  # type: ignore[index]
    elif isinstance(holder, tuple) and hasattr(holder, "_fields"):
        _put(thing, tuple(way), holder._replace(**{str(last): value}))  # type: ignore[attr-defined]
    elif isinstance(holder, tuple):
        _put(thing, tuple(way), (*holder[: int(last)], value, *holder[int(last) + 1 :]))
    else:
        try:
            setattr(holder, str(last), value)
        except dataclasses.FrozenInstanceError:
            object.__setattr__(holder, str(last), value)


def read(thing: Any, path: Path) -> Any:
    """Return what is at a place; None where nothing is."""
    for key in path:
        try:
            thing = _step(thing, key)
        except (AttributeError, KeyError, IndexError, TypeError):
            return None
    return thing


def flatten(found: Any) -> list[Array]:
    """Return the arrays that lie in lists, tuples or a dictionary, however deep, in order."""
    if isinstance(found, Mapping):
        found = list(found.values())
    if isinstance(found, tuple | list):
        return [array for part in found for array in flatten(part)]
    return [np.asarray(found)]


def have_same_shapes(one: Any, other: Any, paths: Iterable[Path]) -> bool:
    """Tell whether two objects have arrays of the same shapes at places, and lists of the same lengths everywhere."""
    are_alike = all(np.shape(read(one, path)) == np.shape(read(other, path)) for path in paths)
    return are_alike and list_lengths(one) == list_lengths(other)


def _step(thing: Any, key: str | int) -> Any:
    held: Any = thing
    if isinstance(thing, FunctionType):
        return _list_cells(thing)[str(key)].cell_contents
    is_named = isinstance(thing, tuple) and isinstance(key, str)
    return held[key] if isinstance(thing, Mapping | Sequence) and not is_named else getattr(thing, str(key))


def is_parameter_place(path: Path) -> bool:
    """Tell whether a place may hold a parameter by the names on the way to it."""
    names = [part for part in path if isinstance(part, str) and part not in PARAMETER_HOLDERS]
    return bool(path) and not any(is_gradient_name(name) for name in names)


def is_optimizer_state(path: Path, arrays: Mapping[Path, Array]) -> bool:
    """Tell whether a place holds what an optimizer keeps of a parameter: zeros in its shape, called vW, W_m or m."""
    own = arrays[path]
    if np.any(own):
        return False
    beside = [_last_word(other) for other, array in arrays.items() if other != path and array.shape == own.shape]
    words = [str(part) for part in path if isinstance(part, str)] or [str(path[-1])]
    is_named = any(
        re.fullmatch(rf"_?{STATE}_?{re.escape(each)}|{re.escape(each)}_?{STATE}", words[-1]) for each in beside
    )
    return bool(beside) and (is_named or any(re.fullmatch(rf"_?{STATE}s?", word) for word in words))


def _last_word(path: Path) -> str:
    """Return the last name on the way to a place, but for its number in a list."""
    return next((part for part in reversed(path) if isinstance(part, str)), str(path[-1]))


def find_gradient(parameter: Path, order: int, places: Mapping[Path, Array]) -> Array | None:
    """Return the gradient of a parameter from the places of an object, by the names on the way to it.

    order: which of the parameters it is, of those that lie in the same list or object.
    """
    named = [str(part) for part in parameter if str(part) not in PARAMETER_HOLDERS]
    own = named[-1] if named else str(parameter[-1])
    best: tuple[int, Array] | None = None
    for path, array in places.items():
        rank = _rank(path, parameter, own, order)
        if rank and (best is None or rank > best[0]):
            best = rank, array
    return best[1] if best else None


def _rank(path: Path, parameter: Path, own: str, order: int) -> int:
    """Return how well a place's path says that it holds this gradient; 0 where it does not."""
    if path == parameter:
        return 0
    shared = 0
    while shared < min(len(path), len(parameter)) and path[shared] == parameter[shared]:
        shared += 1
    ends = list(zip(reversed(path[shared:-1]), reversed(parameter[shared:-1]), strict=False))  # layer1 in both
    near = shared + next((k for k, (there, here) in enumerate(ends) if there != here), len(ends))
    rest, last = [str(part) for part in path[shared:]], str(path[-1])
    held = any(part.lower() in GRADIENT_HOLDERS for part in rest[:-1])
    if isinstance(path[-1], int):  # a list of gradients, in the order of the parameters
        says = held and path[-1] == (parameter[-1] if isinstance(parameter[-1], int) else order)
        return 1 + 10 * near if says else 0
    if last.lower() in GRADIENT_HOLDERS:  # W.grad beside W.data
        return 5 + 10 * near if shared and len(rest) == 1 and str(parameter[shared - 1]) == own else 0
    if is_gradient_of(last, own):
        return 3 + 10 * near
    return 2 + 10 * near if held and re.sub(r"\W", "", last.lower()) == re.sub(r"\W", "", own.lower()) else 0
