"""What a cell takes from earlier ones, as source: so that it can run in a process of its own."""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Mapping
from types import FunctionType, ModuleType
from typing import Any

PLAIN = (bool, int, float, complex, str, bytes, type(None))


def gather_earlier(text: str, known: Mapping[str, Any]) -> str:
    """Return source that defines the names of `known` which a cell uses but does not define itself."""
    lines: dict[str, str] = {}
    _gather(text, known, lines)
    return "".join(line + "\n" for line in lines.values())


def _gather(text: str, known: Mapping[str, Any], lines: dict[str, str]) -> None:
    tree = ast.parse(text)
    names = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
    own = {node.id for node in names if not isinstance(node.ctx, ast.Load)}
    own |= {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    own |= {(alias.asname or alias.name).split(".")[0] for node in ast.walk(tree)
            if isinstance(node, ast.Import | ast.ImportFrom) for alias in node.names}  # fmt: skip
    for name in dict.fromkeys(node.id for node in names):
        if name in known and name not in own and name not in lines and (source := _source_of(name, known[name])):
            if source.lstrip().startswith(("def ", "class ", "@")):
                lines[name] = ""  # where it uses itself
                _gather(source, known, lines)
                lines.pop(name)
            lines[name] = source


def _source_of(name: str, value: Any) -> str:
    """Return a statement that makes `name` this value; "" where there is none."""
    if isinstance(value, ModuleType):
        return f"import {value.__name__} as {name}"
    if isinstance(value, PLAIN):
        return f"{name} = {value!r}"
    if isinstance(value, tuple) and all(isinstance(each, PLAIN) for each in value):
        return f"{name} = {value!r}"
    home = str(getattr(value, "__module__", ""))
    if isinstance(value, type | FunctionType) and home == "__main__":
        try:
            return inspect.cleandoc("\n" + inspect.getsource(value))
        except (OSError, TypeError):
            return ""
    if home in sys.modules and getattr(sys.modules[home], own := str(getattr(value, "__name__", "")), None) is value:
        return f"from {home} import {own} as {name}"
    return ""
