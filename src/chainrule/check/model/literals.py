"""What a function's own text says of its arguments: words that one is compared with, keys that are read of another."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Callable
from typing import Any

from chainrule.check.model.failure import Failure, call_theirs
from chainrule.check.model.names import KEYED, SETTINGS

WHOLE = 2
ADAPTED = re.compile(r"\bself\.(\w+)\s*(?:[-+]=|=\s*self\.\1\s*[-+])[^\n]*(?:\bsqrt|\bsign\b|\*\*\s*0\.5|hat\b)")
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
    whole = [name for name in _list_whole(function) if arguments.get(name) is ... and name.lower() not in SETTINGS]
    arguments = {**arguments, **dict.fromkeys(whole, WHOLE)}
    free = [name for name, default in arguments.items() if default is ...]
    tree = _parse(function) if free else None
    if tree is None:
        return arguments
    words, keys = list_words(tree), _list_keys(tree)
    spelled: dict[str, Any] = {name: words[name][0] for name in free if words.get(name)}
    for name in free:
        settings = {key: KEYED[key.lower()] for key in keys.get(name, ()) if key.lower() in KEYED}
        if settings and len(settings) == len(keys[name]):
            spelled[name] = settings
    return {name: spelled.get(name, default) for name, default in arguments.items()}


def _list_whole(function: Callable[..., Any]) -> list[str]:
    """Return the arguments that are annotated as whole numbers."""
    parameters = call_theirs(lambda: list(inspect.signature(function).parameters.values()))
    return [] if isinstance(parameters, Failure) else [p.name for p in parameters if p.annotation in (int, "int")]


def read_words(text: str) -> dict[str, list[str]]:
    """Return the words with which each name is compared in a file; none where it is no Python."""
    tree = call_theirs(lambda: ast.parse(text))
    return {} if isinstance(tree, Failure) else list_words(tree)


def list_words(tree: ast.AST) -> dict[str, list[str]]:
    """Return the words with which each name is compared: `activation == "relu"`, `mode in ("max", "average")`."""
    found: dict[str, list[str]] = {}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Compare) or not isinstance(node.left, ast.Name):
            continue
        if not isinstance(node.ops[0], ast.Eq | ast.In):
            continue
        other = node.comparators[0]
        each = other.elts if isinstance(other, ast.Tuple | ast.List | ast.Set) else [other]
        words = [e.value for e in each if isinstance(e, ast.Constant) and isinstance(e.value, str)]
        own = found.setdefault(node.left.id, [])
        own += [word for word in words if word not in own]
    return found


def _list_keys(tree: ast.AST) -> dict[str, list[str]]:
    """Return the keys that are read of each name: `hparameters["stride"]`."""
    found: dict[str, list[str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
            key = getattr(node.slice, "value", None)
            found.setdefault(node.value.id, []).extend([key] if isinstance(key, str) else [])
    return found


def list_fixed(text: str) -> set[str]:
    """Return the names of what an object keeps that a comment beside says is not trained: `self.Q = …  # fixed`."""
    return {match[1] for match in FIXED.finditer(text)}


def list_adapted(text: str) -> set[str]:
    """Return the names of what an object moves by no multiple of a gradient: `self.W -= lr * m / sqrt(v)`."""
    return {match[1] for match in ADAPTED.finditer(text)}


def list_returned(function: Callable[..., Any]) -> list[str]:
    """Return the names of what a function returns, in order; [] where it does not return a tuple of them."""
    tree = _parse(function)
    returned = [n.value for n in ast.walk(tree) if isinstance(n, ast.Return)] if tree else []
    tuples = [value for value in returned if isinstance(value, ast.Tuple) and len(value.elts) > 1]
    return [each.id if isinstance(each, ast.Name) else "" for each in tuples[-1].elts] if tuples else []


def _parse(function: Callable[..., Any]) -> ast.AST | None:
    text = call_theirs(lambda: inspect.getsource(function))
    if isinstance(text, Failure):
        return None
    tree = call_theirs(lambda: ast.parse(textwrap.dedent(text)))
    return None if isinstance(tree, Failure) else tree
