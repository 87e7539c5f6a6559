"""What a person has not written yet: bodies that only raise NotImplementedError, pass, or return names set to None.

What is unpacked of the arguments beside is no work; nor are zeros to be filled, where a comment says so.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
PLAIN = (ast.Name, ast.Attribute, ast.Subscript, ast.Slice, ast.Tuple, ast.List, ast.Constant, ast.expr_context)
MARKS = re.compile(r"#.*(?:TODO|FIXME|your (?:own )?code|implement|fill in)", re.IGNORECASE)
INTERFACE = re.compile(r"(?:typing\.)?Protocol\b|(?:abc\.)?ABC\b")
WORDS = ("forward", "backward", "back", "call", "prop")  # of methods that a check cannot do without


def list_unwritten(text: str) -> dict[str, str]:
    """Return a sentence for each function or class of a file that is not written yet, by its name.

    The sentence is "" for a class that others of the file are derived from, and for a protocol: it is not meant to be
    written.
    """
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {}
    bases = {ast.unparse(base) for node in ast.walk(tree) if isinstance(node, ast.ClassDef) for base in node.bases}
    found = {}
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and (methods := list(_list_missing(node, text))):
            words = " and ".join(f"{m.name} (line {m.lineno})" for m in methods)
            verb = "are" if methods[1:] else "is"
            is_base = node.name in bases or any(INTERFACE.match(ast.unparse(base)) for base in node.bases)
            found[node.name] = "" if is_base else f"{node.name}: {words} {verb} not written yet"
        elif isinstance(node, FUNCTIONS) and _is_unwritten(node, text):
            found[node.name] = f"{node.name} (line {node.lineno}) is not written yet"
    return found


def _list_missing(node: ast.ClassDef, text: str) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for each in node.body:
        if isinstance(each, FUNCTIONS):
            matters = any(word in each.name.lower() for word in WORDS)
            if (matters and _is_unwritten(each, text)) or (each.name == "__init__" and _raises(each.body[-1])):
                yield each


def _is_unwritten(node: ast.FunctionDef | ast.AsyncFunctionDef, text: str) -> bool:
    is_marked = bool(MARKS.search(ast.get_source_segment(text, node) or ""))
    empty, says = set[str](), False
    for each in node.body:
        if isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant):
            says = says or each.value.value is ...
        elif isinstance(each, ast.Pass) or _raises(each):
            says = True
        elif isinstance(each, ast.Assign) and (_is_nothing(each.value) or (is_marked and _is_zero(each.value))):
            empty |= {n.id for target in each.targets for n in ast.walk(target) if isinstance(n, ast.Name)}
        elif isinstance(each, ast.Assign) and all(isinstance(part, PLAIN) for part in ast.walk(each.value)):
            pass
        elif isinstance(each, ast.Return) and each.value is not None and _returns(each.value, empty):
            says = True
        else:
            return False
    return says


def _is_zero(node: ast.expr) -> bool:
    """Tell whether a value is 0, or an array of zeros, or several of these."""
    parts = node.elts if isinstance(node, ast.Tuple) else [node]
    return all(
        (isinstance(part, ast.Constant) and not part.value)
        or (isinstance(part, ast.Call) and re.search(r"zeros(_like)?$|^dict$", ast.unparse(part.func)))
        or (isinstance(part, ast.Dict) and not part.keys)
        for part in parts
    )


def _raises(node: ast.stmt) -> bool:
    return isinstance(node, ast.Raise) and node.exc is not None and "NotImplemented" in ast.unparse(node.exc)


def _is_nothing(node: ast.expr) -> bool:
    parts = node.elts if isinstance(node, ast.Tuple) else [node]
    return all(isinstance(part, ast.Constant) and part.value in (None, ...) for part in parts)


def _returns(node: ast.expr, empty: set[str]) -> bool:
    """Tell whether what is returned holds a name that was set to None alone."""
    return any(isinstance(part, ast.Name) and part.id in empty for part in ast.walk(node))


def list_written(text: str) -> list[str]:
    """Return the classes of a file that have a forward and a backward of their own, and that none inherits from."""
    try:
        classes = [node for node in ast.parse(text).body if isinstance(node, ast.ClassDef)]
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    bases = {base.id for node in classes for base in node.bases if isinstance(base, ast.Name)}
    methods = {node.name: {each.name for each in node.body if isinstance(each, ast.FunctionDef)} for node in classes}
    return [name for name, own in methods.items() if {"forward", "backward"} <= own and name not in bases]
