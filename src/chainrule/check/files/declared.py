"""Shapes that a file itself says its arguments have: in docstrings, comments, annotations and Einstein sums.

`x: (N, D)`, `w -- weights of shape [D, M]`, `Float[Array, "n d"]` and `np.einsum("nd,kde,ne->nk", x, W, y)` name axes;
equal names are equal sizes.
"""

from __future__ import annotations

import ast
import inspect
import io
import itertools
import re
import textwrap
import tokenize
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from chainrule.check.files.given import Given
from chainrule.check.model.failure import Failure, call_theirs
from chainrule.check.model.literals import read_source
from chainrule.check.model.names import LABELS, MASKS, PLACES

FIRST_SIZES: tuple[dict[int, tuple[int, ...]], ...] = (  # of the first array, by its axes: as the schemes have them,
    {1: (5,), 2: (4, 5), 3: (2, 4, 5), 4: (2, 3, 6, 8)},
    {1: (9,), 2: (7, 9), 3: (2, 4, 9), 4: (2, 3, 8, 9)},  # with room for windows,
    {1: (6,), 2: (5, 6), 3: (2, 3, 4), 4: (2, 3, 5, 4)},  # and with an even number of features, as heads need
    {3: (6, 4, 5), 4: (2, 6, 4, 5)},  # and with heads of which two share one of three groups
)
WHOLE = r"\b(?:integers?|ints?|int32|int64|longs?|indices|(?:class|token|word) (?:ids?|numbers?|labels?))\b"
ELEMENTWISE = {"exp", "log", "abs", "sqrt", "array", "asarray", "softplus", "sigmoid", "tanh"}
PLACES_IN = 3  # rows of a table that places are drawn from
FEATURES = (dict.fromkeys(range(1, 5), (5,)),)  # of the first parameter that an object is made with
FURTHER_SIZES = (3, 2, 4, 5, 6, 7, *range(10, 40))
AXIS = r"[1-9]\d* ?\*? ?[A-Za-z_]\w*|[A-Za-z_]\w*|[1-9]\d*"  # 2d and 2*d are twice d
MULTIPLE = re.compile(r"([1-9]\d*) ?\*? ?([A-Za-z_]\w*)")
SHAPE = re.compile(rf"[(\[]\s*((?:{AXIS})(?:\s*,\s*(?:{AXIS}))*)\s*,?\s*[)\]]|\b([A-Z]\w?(?:\s*[x×]\s*[A-Z]\w?)+)\b")
WORDED = re.compile(r"(?<=shape)[: ]+\([a-z][\w ,]*\)")  # shape (word vector length, )
LINKS = r"(?:is|are|has|have|of|in|with|as|shape)\b"
RETURNED = r"returns?|yields?|outputs?|out|raises"
TYPES = {"array", "ndarray", "tensor", "int", "float", "bool", "str", "list", "tuple", "dict", "optional", "none"}
Axes = tuple[str, ...]


def list_declared(
    function: Callable[..., Any],
    names: Sequence[str],
    given: Mapping[str, Given],
    first_sizes: Sequence[Mapping[int, tuple[int, ...]]] = FIRST_SIZES,
    made_with: Mapping[str, Any] = MappingProxyType({}),
    besides: str = "",
) -> Iterator[Mapping[str, Given]]:
    """Yield what is given, with shapes that the file says of other arguments, there or `besides`, in a few sizes.

    An axis called like a size that an object is `made_with` has it.

    Labels are left out, unless an axis is theirs alone or each is beside a number: their names say more than shapes.
    """
    said, text = read_shapes(function, names, besides), read_source(function)
    binary = {name for name, axes in said.items() if name.lower() in LABELS and _is_one_for_each(name, axes, said)}
    labels = {name for name in said if name.lower() in LABELS and not _has_own_axis(name, said)} - binary
    axes = {name: own for name, own in said.items() if name not in labels}
    own = {_shorten(name): value for name, value in made_with.items() if type(value) is int}
    known = {axis: own[_shorten(axis)] for each in axes.values() for axis in each if _shorten(axis) in own}
    whole = _list_whole(function, names)
    own_names = {match[2] for each in axes.values() for axis in each if (match := MULTIPLE.fullmatch(axis))}
    known |= {axis: own[_shorten(axis)] for axis in own_names if _shorten(axis) in own}
    known |= {a: n for name in axes.keys() & given for a, n in zip(axes[name], given[name].shape, strict=False)}
    factors = {axis: _find_factor(axis, text, made_with) for each in axes.values() for axis in each}
    for first in first_sizes if axes.keys() - given.keys() else ():
        sizes = _size_axes([axes[name] for name in names if name in axes], known, first, factors)
        shapes = {name: tuple(sizes[axis] for axis in own) for name, own in axes.items()}
        counts = {
            name: PLACES_IN if _are_places(name, text) or name in whole else 2 * (name in binary) for name in shapes
        }
        yield {**{name: Given(each, counts[name]) for name, each in shapes.items()}, **given}


def _shorten(name: str) -> str:
    return re.sub(r"^(?:n|num|len)_|_(?:size|dim|features|units|len)$", "", name.lower())


def _has_own_axis(name: str, said: Mapping[str, Axes]) -> bool:
    first = next(iter(said.values()))
    return len(said[name]) > 1 and "1" not in said[name] and not set(said[name]) <= set(first)


def _are_places(name: str, text: str) -> bool:
    """Tell whether an argument is places in a table: by its name, by words, or by what it is used for."""
    own = re.escape(name)
    used = rf"\bbincount\({own}\b|\.at\(\w+, {own}\b|\w\[{own}\]|(?<!\w){own}\b[^,\n]*[)\]][^,\n]*\bintegers?\b"
    return name.lower() in PLACES or (name.lower() not in LABELS | MASKS and re.search(used, text) is not None)


def _is_one_for_each(name: str, axes: Axes, said: Mapping[str, Axes]) -> bool:
    """Tell whether labels are one for each number of an array with one axis: 0 or 1, that is."""
    return len(axes) == 1 and any(own == axes for other, own in said.items() if other != name)


def _find_factor(axis: str, text: str, numbers: Mapping[str, Any]) -> int:
    """Return what a text divides an axis by without a rest: 6 where `C = C3 // 3; size = C // heads` of two heads."""
    divided = re.search(rf"(?:(\w+) = )?\b{re.escape(axis)} *(?://|%) *(\w+)", text, re.IGNORECASE)
    if divided is None:
        return 1
    by = int(divided[2]) if divided[2].isdigit() else numbers.get(divided[2], 1)
    further = _find_factor(divided[1], text[divided.end() :], numbers) if divided[1] else 1
    return further * by if type(by) is int and by > 0 else further


def _size_axes(
    arrays: Sequence[Axes],
    known: Mapping[str, int],
    first: Mapping[int, tuple[int, ...]],
    factors: Mapping[str, int] = MappingProxyType({}),
) -> dict[str, int]:
    """Return a size for each name of an axis, in the order in which they come; all differ.

    One that has a factor is a multiple of it, and not that itself: a head of one feature hides what is summed over it.
    """
    sizes = {axis: int(axis) for own in arrays for axis in own if axis.isdigit()} | dict(known)
    free = [size for size in (*first.get(len(arrays[0]), ()), *FURTHER_SIZES) if size not in sizes.values()]
    multiples = {axis: match for own in arrays for axis in own if (match := MULTIPLE.fullmatch(axis))}
    named = [multiples[axis][2] if axis in multiples else axis for own in arrays for axis in own]
    new = dict.fromkeys(axis for axis in named if axis not in sizes)
    sizes |= dict(zip(new, dict.fromkeys(free), strict=False))
    for axis in [axis for axis in new if factors.get(axis, 1) > 1 and axis in sizes]:
        multiples_of_it = (factors[axis] * k for k in itertools.count(2))
        sizes[axis] = next(n for n in multiples_of_it if n not in sizes.values() or n == sizes[axis])
    return sizes | {axis: int(match[1]) * sizes.get(match[2], 1) for axis, match in multiples.items()}


def read_shapes(function: Callable[..., Any], names: Sequence[str], besides: str = "") -> dict[str, Axes]:
    """Return the names of the axes of each argument of which the function's text says them, or what stands besides."""
    text = textwrap.dedent(read_source(function))
    tree = call_theirs(lambda: ast.parse(text))
    if not text or isinstance(tree, Failure):
        return {}
    said: dict[str, Axes] = {}
    for prose in (inspect.getdoc(function) or "", *_list_comments(text), besides):
        said = {**_read_prose(prose, names), **said}
    said |= {name: own for name, own in _list_annotated(tree) if name in names}
    said = {**dict(_list_unpacked(tree, names)), **said}
    said = {**dict(_list_reshaped(tree, names, said)), **said}
    lower = {name: tuple(map(str.lower, own)) for name, own in said.items()}  # (N, D) in words is nd in a sum
    said = said if any(len(set(lower[name])) < len(set(own)) for name, own in said.items()) else lower
    summed = dict(_list_summed(tree, names))
    same = {a: b for name in said.keys() & summed for a, b in zip(summed[name], said[name], strict=False)}
    return {name: tuple(same.get(letter, letter) for letter in own) for name, own in summed.items()} | said


def _list_whole(function: Callable[..., Any], names: Sequence[str]) -> set[str]:
    """Return the arguments that the function's docstring says are whole numbers: `tags: (T,) integers`."""
    prose, every = inspect.getdoc(function) or "", "|".join(map(re.escape, names))
    return {n for n in names if re.search(rf"\b{re.escape(n)}\b(?:(?!\b(?:{every})\b)[^\n;])*?{WHOLE}", prose)}


def _list_comments(text: str) -> Iterator[str]:
    tokens = call_theirs(lambda: list(tokenize.generate_tokens(io.StringIO(text).readline)))
    if not isinstance(tokens, Failure):
        yield from (token.string.lstrip("# ") for token in tokens if token.type == tokenize.COMMENT)


def _read_prose(prose: str, names: Sequence[str]) -> dict[str, Axes]:
    """Return shapes by name from lines such as `x, y: (N, D)`, `W (D, M), b (M,)` and `- x: data of shape [N, D]`."""
    found: dict[str, Axes] = {}
    name = "|".join(sorted(map(re.escape, names), key=len, reverse=True))
    several, typed = rf"(?:{name})(?:`*\s*(?:,|/|and)\s*`*(?:{name}))*", r"(?:\s*\([^()]*\))?"
    head = re.compile(rf"(?<![\w.])[`'\"]*({several})[`'\"]*{typed}(?:\s*|\s+{LINKS}.*|\s*[:=–—-].*)$")
    goes_on = re.compile(rf"\n(?!\W*(?:{name}|{RETURNED})\b)", re.IGNORECASE)
    joined = WORDED.sub(lambda axes: re.sub(r"(?<=\w) (?=\w)", "_", axes[0]), goes_on.sub(" ", prose))
    for line in joined.splitlines() if names else ():
        end = 0
        for shape in () if re.match(rf"\W*(?:{RETURNED})\b", line, re.IGNORECASE) else SHAPE.finditer(line):
            axes = tuple(re.split(r"\s*,\s*", shape[1]) if shape[1] else re.split(r"\s*[x×]\s*", shape[2]))
            if set(axes) & set(names) or {axis.lower() for axis in axes} & TYPES:
                continue
            if own := head.search(line[end : shape.start()]):
                found |= {each: axes for each in re.findall(rf"\b(?:{name})\b", own[1]) if each not in found}
            end = shape.end()
    return found


def _list_annotated(tree: ast.AST) -> Iterator[tuple[str, Axes]]:
    """Yield arguments with axes in their annotations: `x: Float[Array, "n d"]`."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.arg) or node.annotation is None:
            continue
        words = re.search(r"""\[[^"']*["']([^"']*)["']\]""", ast.unparse(node.annotation).replace("\\", ""))
        axes = tuple(words[1].replace(",", " ").split()) if words else ()
        if axes and all(re.fullmatch(AXIS, axis) for axis in axes):
            yield node.arg, axes


def _list_unpacked(tree: ast.AST, names: Sequence[str]) -> Iterator[tuple[str, Axes]]:
    """Yield arguments whose shape, or that themselves, are taken apart: `N, D = x.shape`, `l, s, n = np.exp(theta)`.

    Axes that the text asserts to be equal are one.
    """
    equal = [
        node.test for node in ast.walk(tree) if isinstance(node, ast.Assert) and isinstance(node.test, ast.Compare)
    ]
    pairs = [(each.left, each.comparators[0]) for each in equal if isinstance(each.ops[0], ast.Eq)]
    same = {b.id: a.id for a, b in pairs if isinstance(a, ast.Name) and isinstance(b, ast.Name)}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Assign) or not isinstance(node.targets[0], ast.Tuple):
            continue
        parts, value = node.targets[0].elts, node.value
        is_shape = isinstance(value, ast.Attribute) and value.attr == "shape"
        while isinstance(value, ast.Call) and getattr(value.func, "attr", "") in ELEMENTWISE and len(value.args) == 1:
            value = value.args[0]
        value = value.value if is_shape and isinstance(value, ast.Attribute) else value
        if not isinstance(value, ast.Name) or value.id not in names or not all(isinstance(p, ast.Name) for p in parts):
            continue
        axes = [p.id if p.id != "_" else f"{value.id}_{k}" for k, p in enumerate(parts) if isinstance(p, ast.Name)]
        for k, part in enumerate(parts):
            if k > 1 and getattr(part, "id", "") == "_":  # nobody looks at it: pictures and windows are square
                axes[k] = axes[k - 1]
        yield value.id, tuple(same.get(axis, axis) for axis in axes) if is_shape else (str(len(axes)),)


def _list_reshaped(tree: ast.AST, names: Sequence[str], said: Mapping[str, Axes]) -> Iterator[tuple[str, Axes]]:
    """Yield arguments that are reshaped to axes of others with ones between: `h.reshape(N, 1, H)` beside (N, T, H)."""
    known = {axis for axes in said.values() for axis in axes}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        owner, sizes = node.func.value, node.args
        if node.func.attr not in ("reshape", "view") or not isinstance(owner, ast.Name) or owner.id not in names:
            continue
        parts = sizes[0].elts if len(sizes) == 1 and isinstance(sizes[0], ast.Tuple) else sizes
        axes = tuple(each for each in map(ast.unparse, parts) if each != "1")
        if len(axes) < len(parts) and axes and set(axes) <= known:
            yield owner.id, axes


def _list_summed(tree: ast.AST, names: Sequence[str]) -> Iterator[tuple[str, Axes]]:
    """Yield arguments that an Einstein sum takes as they are, with its letters."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not node.args or not isinstance(node.args[0], ast.Constant):
            continue
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        letters = node.args[0].value
        if called not in ("einsum", "contract") or not isinstance(letters, str) or "." in letters:
            continue
        for own, operand in zip(letters.split("->")[0].replace(" ", "").split(","), node.args[1:], strict=False):
            if isinstance(operand, ast.Name) and operand.id in names and own.isalpha():
                yield operand.id, tuple(own)
