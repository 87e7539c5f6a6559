"""What a function's own text says of its arguments: words that one is compared with, keys that are read of another."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from types import CodeType
from typing import Any

from chainrule.check.model.failure import Failure, call_theirs
from chainrule.check.model.names import KEYED, SETTINGS

WHOLE = 2
COUNT = r"\w *(?://|%) *{0}\b(?!\.)|\brange\({0}\)"  # a size that is divided by it, or a number of times
HALVES = re.compile(r"chunk\(2\b|split\(\w+, *2\b|\.shape\[-1\] *// *2|\bd(im)? *// *2|, *[01]?::2\]|\[[01]?::2\]")
LEADING = re.compile(r"d_?[A-Z]|d[a-z]$|grad|loss|cost|J$")  # dW of `dW / n + reg * W`
ADAPTED = re.compile(r"\bself\.(\w+)\s*(?:[-+]=|=\s*self\.\1\s*[-+])[^\n]*(?:\bsqrt|\bsign\b|\*\*\s*0\.5|hat\b)")
OF_GRADIENTS = re.compile(r"grad|norm|\bd[A-Z_]|delta|\b(?:ndim|shape|size|len|dim)\b")  # and sizes
COUNTED = re.compile(r"^[ \t]*self\.(\w+) = [^#\n]*\b(?:arange|linspace)\([^\n]*", re.MULTILINE)
FIXED = re.compile(
    r"^[ \t]*self\.(\w+)[^#\n]*=[^#\n]*#[^\n]*\b(?:fixed(?! seed| init)|frozen|not? (?:be )?(?:train|learn|updat)\w*|"
    r"(?:non-?|un)train\w*|no gradient)\b",
    re.MULTILINE | re.IGNORECASE,
)


def add_spelled(arguments: dict[str, Any], function: Callable[..., Any]) -> dict[str, Any]:
    """Return arguments with a value for those without a default that the function's text gives away.

    One that is compared with words is the first of them; one of which only settings are read is a dictionary of these;
    one that is annotated as a whole number is a small one.
    """
    whole = [n for n in _list_whole(function, arguments) if arguments.get(n) is ... and n.lower() not in SETTINGS]
    arguments = {**arguments, **dict.fromkeys(whole, WHOLE)}
    free = [name for name, default in arguments.items() if default is ...]
    tree = parse(function) if free else None
    if tree is None:
        return arguments
    words, keys = list_words(tree), _list_keys(tree)
    spelled: dict[str, Any] = {name: words[name][0] for name in free if words.get(name)}
    for name in free:
        known = SETTINGS.get(name)
        if isinstance(known, dict) and set(keys.get(name, ())) <= known.keys():
            continue  # its entries suit one another
        settings = {key: KEYED[key.lower()] for key in keys.get(name, ()) if key.lower() in KEYED}
        if settings and len(settings) == len(keys[name]):
            spelled[name] = settings
    return {name: spelled.get(name, default) for name, default in arguments.items()}


def _list_whole(function: Callable[..., Any], names: Iterable[str]) -> list[str]:
    """Return the arguments that are annotated as whole numbers, or that the text divides an axis by, or counts to."""
    parameters = call_theirs(lambda: list(inspect.signature(function).parameters.values()))
    annotated = [] if isinstance(parameters, Failure) else [p.name for p in parameters if p.annotation in (int, "int")]
    text = read_source(function)
    counted = [n for n in names if re.search(COUNT.format(re.escape(n)), text)]
    return [*annotated, *(n for n in counted if not re.search(rf"\b{re.escape(n)}(?:\[|\.\w)", text))]


@lru_cache(maxsize=256)
def read_words(text: str) -> dict[str, list[str]]:
    """Return the words with which each name is compared in a file; none where it is no Python."""
    tree = call_theirs(lambda: ast.parse(text))
    return {} if isinstance(tree, Failure) else list_words(tree)


def list_words(tree: ast.AST) -> dict[str, list[str]]:
    """Return the words among which each name chooses: `self.act == "relu"`, `mode in ("max", "average")`, `ACTS[name]`,
    `for mode in ("edge", "reflect")`.

    What a name is kept as has the same words: those of `self.act` are those of `kind` after `self.act = kind`.
    """
    tables, functions = _list_tables(tree), [n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)]
    named = [word for word in functions if any(word in other and word != other for other in functions)]
    found: dict[str, list[str]] = {}
    for node in ast.walk(tree):
        for name, words in _list_choices(node, tables, named):
            own = found.setdefault(name, [])
            own += [word for word in words if word not in own]
    kept = [pair for node in ast.walk(tree) if isinstance(node, ast.Assign) for pair in _list_pairs(node)]
    for place, name in kept:
        own = found.setdefault(name, []) if place in found else []
        own += [word for word in found.get(place, []) if word not in own]
    return found


def _list_choices(node: ast.AST, tables: dict[str, list[str]], functions: list[str]) -> Iterator[tuple[str, list[str]]]:
    """Yield names with the words of a comparison or a match, or of a table or an object in which they are looked up."""
    if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.Eq | ast.In | ast.NotIn):
        yield _say_name(node.left), _list_strings(node.comparators[0]) or tables.get(_say_name(node.comparators[0]), [])
    elif isinstance(node, ast.Match):
        patterns = [each for case in node.cases for each in ast.walk(case.pattern) if isinstance(each, ast.MatchValue)]
        yield _say_name(node.subject), [word for each in patterns for word in _list_strings(each.value)]
    elif isinstance(node, ast.Subscript):
        yield _say_name(node.slice), tables.get(_say_name(node.value), []) or _list_strings(node.value)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "get" and node.args:
        yield _say_name(node.args[0]), tables.get(_say_name(node.func.value), []) or _list_strings(node.func.value)
    elif isinstance(node, ast.For | ast.comprehension):
        yield _say_name(node.target), _list_strings(node.iter)
    elif isinstance(node, ast.Call) and _say_name(node.func) == "getattr" and len(node.args) > 1:
        yield _say_name(node.args[1]), functions


def _list_tables(tree: ast.AST) -> dict[str, list[str]]:
    """Return the keys of the tables, and the members of the lists, that a file writes out under a name."""
    assigned = [node for node in ast.walk(tree) if isinstance(node, ast.Assign)]
    return {_say_name(node.targets[0]): _list_strings(node.value) for node in assigned}


def _list_strings(node: ast.expr) -> list[str]:
    """Return a word, those in a list, or the keys of a table."""
    each = node.keys if isinstance(node, ast.Dict) else getattr(node, "elts", [node])
    return [e.value for e in each if isinstance(e, ast.Constant) and isinstance(e.value, str)]


def _list_pairs(node: ast.Assign) -> Iterator[tuple[str, str]]:
    """Yield the names of `self.act, self.slope = act.lower(), slope`, place and value."""
    places, values = (getattr(each, "elts", [each]) for each in (node.targets[0], node.value))
    for place, value in zip(places, values, strict=False):
        named = value.func.value if isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) else value
        if _say_name(place) and isinstance(named, ast.Name) and named.id != _say_name(place):
            yield _say_name(place), named.id


def _say_name(node: ast.expr) -> str:
    """Return the name of a variable, an attribute or an entry of a table, "" of anything else.

    `kind.lower()` is that of `kind`; `config["act"]` and `config.get("act", "relu")` are those of `act`.
    """
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        node = node.func.value if not node.args else node.args[0] if node.func.attr == "get" else node
    key = node.slice if isinstance(node, ast.Subscript) else node
    if isinstance(key, ast.Constant):
        return key.value if isinstance(key.value, str) else ""
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def list_read(function: Callable[..., Any]) -> dict[str, Any]:
    """Return what a function reads from its `**kwargs` by name, with the number, word or flag that is its default."""
    tree = parse(function)
    found: dict[str, Any] = {}
    for node in ast.walk(tree) if tree else ():
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("get", "pop"):
            name, *default = [each.value for each in node.args if isinstance(each, ast.Constant)] or [None]
            if _say_name(node.func.value) in ("kwargs", "kw", "options", "opts") and isinstance(name, str) and default:
                found[name] = default[0]
    return found


def list_thresholds(text: str, numbers: Mapping[str, Any]) -> list[float]:
    """Return the numbers with which a text compares anything but a gradient or its norm, in their order of size.

    `numbers` are those known by a name, as settings are: `z > threshold`, `z > self.threshold`; so are `LIMIT = 20.0`.
    """
    tree = call_theirs(lambda: ast.parse(textwrap.dedent(text)))
    nodes = [] if isinstance(tree, Failure) else list(ast.walk(tree))
    numbers = {**_read_constants(nodes), **numbers}
    found = list[float]()
    for node in (each for each in nodes if isinstance(each, ast.Compare)):
        sides = [node.left, *node.comparators]
        if not any(OF_GRADIENTS.search(ast.unparse(side)) for side in sides):
            values = [_read_bound(side, numbers) for side in sides]
            found += [abs(value) for value in values if isinstance(value, int | float) and value is not True]
    return sorted(set(found))


def _read_constants(nodes: Sequence[ast.AST]) -> dict[str, Any]:
    """Return the constants that a text gives names in capitals."""
    given = [(each.targets, each.value) for each in nodes if isinstance(each, ast.Assign)]
    pairs = [
        (t.id, own.value) for ts, own in given for t in ts if isinstance(t, ast.Name) and isinstance(own, ast.Constant)
    ]
    return {name: value for name, value in pairs if name.isupper()}


def _read_bound(side: ast.expr, numbers: Mapping[str, Any]) -> Any:
    """Return the number that stands on one side of a comparison, written out or by its name; None for all else."""
    bare = side.operand if isinstance(side, ast.UnaryOp) else side
    if isinstance(bare, ast.Constant):
        return bare.value
    return numbers.get(bare.id if isinstance(bare, ast.Name) else getattr(bare, "attr", ""))


def _list_keys(tree: ast.AST) -> dict[str, list[str]]:
    """Return the keys that are read of each name: `hparameters["stride"]`."""
    found: dict[str, list[str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
            key = getattr(node.slice, "value", None)
            found.setdefault(node.value.id, []).extend([key] if isinstance(key, str) else [])
    return found


@lru_cache(maxsize=16)
def list_fixed(text: str) -> frozenset[str]:
    """Return the names of what an object keeps that is not trained: as a comment says, or as it is made by counting.

    `self.Q = …  # fixed`, `self.inv_freq = 1 / base ** (np.arange(0, dim, 2) / dim)`.
    """
    counted = {match[1] for match in COUNTED.finditer(text) if "rand" not in match[0]}
    return frozenset(match[1] for match in FIXED.finditer(text)) | counted


@lru_cache(maxsize=16)
def list_adapted(text: str) -> frozenset[str]:
    """Return the names of what an object moves by no multiple of a gradient: `self.W -= lr * m / sqrt(v)`."""
    return frozenset(match[1] for match in ADAPTED.finditer(text))


def calls(function: Callable[..., Any], name: str) -> bool:
    """Tell whether a function's own lines speak of another by its name."""
    code = getattr(inspect.unwrap(function), "__code__", None)
    return code is not None and name in code.co_names


def list_returned(function: Callable[..., Any]) -> list[str]:
    """Return the names of what a function returns, in order; [] where it does not return a tuple of them."""
    returned = _list_returns(parse(function))
    tuples = [value for value in returned if isinstance(value, ast.Tuple) and len(value.elts) > 1]
    return [_name_of(each) for each in tuples[-1].elts] if tuples else []


def _name_of(node: ast.expr) -> str:
    """Return the name of what is returned, or the one in front of an expression where that is of a loss or gradient."""
    first = node
    while isinstance(first, ast.BinOp):
        first = first.left
    if not isinstance(first, ast.Name):
        return ""
    return first.id if first is node or LEADING.match(first.id) else ""


def list_written(function: Callable[..., Any]) -> tuple[str, ...]:
    """Return the arguments into which a function that returns nothing writes: `dx += …`, `dx[:] = …`, `out=dx`."""
    return _list_written(parse(function))


@lru_cache(maxsize=256)
def _list_written(tree: ast.AST | None) -> tuple[str, ...]:
    if tree is None or any(value is not None for value in _list_returns(tree)):
        return ()
    found = set[str]()
    for node in ast.walk(tree):
        if isinstance(node, ast.AugAssign):
            found |= _names_of(node.target)
        elif isinstance(node, ast.Assign):
            found |= {n for t in node.targets if isinstance(t, ast.Subscript) for n in _names_of(t)}
        elif isinstance(node, ast.Call):
            places = [k.value for k in node.keywords if k.arg == "out"]
            in_place = ast.unparse(node.func).endswith((".at", "copyto", "put", "add_", "copy_"))
            found |= {n for each in (*places, *(node.args[:1] if in_place else ())) for n in _names_of(each)}
    own = [each.arg for node in ast.walk(tree) if isinstance(node, ast.arguments) for each in node.args]
    return tuple(name for name in own if name in found)


def _names_of(node: ast.expr) -> set[str]:
    """Return the name that an expression is, or is a part of: `dx`, of `dx[i, j]`."""
    while isinstance(node, ast.Subscript | ast.Attribute):
        node = node.value
    return {node.id} if isinstance(node, ast.Name) else set()


def takes_halves(function: Callable[..., Any]) -> bool:
    """Tell whether a function, or one of its file that it names, takes an axis in two halves or in pairs."""
    return bool(HALVES.search(read_with_helpers(function)))


@lru_cache(maxsize=16)
def list_definitions(text: str) -> frozenset[str]:
    """Return the names of the classes and functions that a file defines at its top."""
    tree = call_theirs(lambda: ast.parse(text))
    nodes = tree.body if isinstance(tree, ast.Module) else []
    return frozenset(n.name for n in nodes if isinstance(n, ast.ClassDef | ast.FunctionDef))


def list_indices(text: str, names: Sequence[str]) -> list[str]:
    """Return the names that a text indexes by: `x[t][inputs[t]] = 1`, `W[ids.reshape(-1)]`, `p[range(n), word]`."""
    index = r"\[(?:[^\[\]]*, ?)?{}(?:\[\w+\]|\.(?:reshape|ravel|flatten|astype)\([^()]*\))?\]"
    return [name for name in names if re.search(r"[\w\]]" + index.format(re.escape(name)), text)]


def read_with_helpers(function: Callable[..., Any]) -> str:
    """Return the text of a function, and of those of its file that it names."""
    named = call_theirs(lambda: [getattr(function, "__globals__", {}).get(n) for n in function.__code__.co_names])
    helpers = [] if isinstance(named, Failure) else [each for each in named if inspect.isfunction(each)]
    own = [each for each in helpers if each.__module__ == function.__module__]
    return "\n".join(filter(None, map(read_source, (function, *own))))


def list_none(backward: Callable[..., Any]) -> list[bool]:
    """Return of each gradient that a backward returns whether its text says None; [] where that is unclear."""
    tuples = [value.elts for value in _list_returns(parse(backward)) if isinstance(value, ast.Tuple)]
    if not tuples or len({len(each) for each in tuples}) > 1:
        return []
    return [all(isinstance(e, ast.Constant) and e.value is None for e in each) for each in zip(*tuples, strict=True)]


@lru_cache(maxsize=256)
def _list_returns(tree: ast.AST | None) -> list[ast.expr | None]:
    """Return what a function's tree returns, not what the functions within it do."""
    found, queue = list[ast.expr | None](), list(ast.iter_child_nodes(tree)) if tree else []
    for top in queue:
        within = [top]
        while within:
            node = within.pop(0)
            if isinstance(node, ast.Return):
                found.append(node.value)
            if node is top or not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
                within += ast.iter_child_nodes(node)
    return found


def list_kept(forward: Callable[..., Any]) -> tuple[set[str], set[str]]:
    """Return the arguments that a forward puts on ctx as they are, and those that it uses for anything else."""
    tree = parse(forward)
    nodes = list(ast.walk(tree)) if tree else []
    kept, put = set[str](), set[ast.AST]()
    for node in nodes:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Attribute):
            values = node.value.elts if isinstance(node.value, ast.Tuple) else [node.value]
            put |= {value for value in values if isinstance(value, ast.Name)}
    kept = {node.id for node in put if isinstance(node, ast.Name)}
    used = {node.id for node in nodes if isinstance(node, ast.Name) and node not in put}
    return kept, used


def list_saved(forward: Callable[..., Any]) -> set[str]:
    """Return the names that a forward hands to ctx.save_for_backward."""
    tree = parse(forward)
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)] if tree else []
    saved = [call.args for call in calls if getattr(call.func, "attr", "") == "save_for_backward"]
    return {each.id for own in saved for each in own if isinstance(each, ast.Name)}


def list_unused(function: Callable[..., Any]) -> list[str]:
    """Return the names that a function assigns and never uses."""
    tree = parse(function)
    nodes = list(ast.walk(tree)) if tree else []
    stored = [t.id for n in nodes if isinstance(n, ast.Assign) for t in n.targets if isinstance(t, ast.Name)]
    used = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    return [name for name in dict.fromkeys(stored) if name not in used]


def parse(function: Callable[..., Any]) -> ast.AST | None:
    """Return the tree of a function's text; None where there is none. Nobody may change it: it is parsed once."""
    code = call_theirs(lambda: inspect.unwrap(function).__code__)
    return _parse_code(code.co_filename, code) if isinstance(code, CodeType) else _parse_source(function)


@lru_cache(maxsize=256)
def _parse_code(path: str, code: CodeType) -> ast.AST | None:
    """Return the tree of code in a file; another file may hold the same code."""
    return _parse_source(code)


def _parse_source(thing: Any) -> ast.AST | None:
    text = textwrap.dedent(read_source(thing))
    tree = call_theirs(lambda: ast.parse(text))
    return tree if text and not isinstance(tree, Failure) else None


def read_source(thing: Any) -> str:
    """Return the text of a function or a class as it stands in its file; "" where there is none."""
    code = call_theirs(lambda: inspect.unwrap(thing).__code__)
    text = call_theirs(lambda: _read_code(code.co_filename, code) if isinstance(code, CodeType) else _read_class(thing))
    return text if isinstance(text, str) else ""


@lru_cache(maxsize=512)
def _read_code(path: str, code: CodeType) -> str:
    """Return the text of code in a file; another file may hold the same code."""
    return inspect.getsource(code)


@lru_cache(maxsize=64)
def _read_class(kind: type) -> str:
    return inspect.getsource(kind)
