"""Where in a backward's source a mistake can stand: in what the wrong gradient hangs on, and no right one does.

Each value that is assigned or returned there is disturbed by itself; what changes with it tells the rest.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import Any

from chainrule.check.diagnosis.source_edits import Edit, Function

SHIFT, FACTOR = 0.3, 0.7  # nothing that is compared, ranked or normalized stays as it is under both
Stating = ast.Assign | ast.AugAssign | ast.AnnAssign | ast.Return


def list_unlikely(function: Function, is_likely: Callable[[Edit], bool]) -> frozenset[int]:
    """Return the ids of the nodes of a function in which no mistake stands.

    is_likely(edit) tells whether the wrong gradient changes where an edit disturbs a value, and no right one does; it
    is true also where the function does not run then, so that nothing is known.
    """
    unlikely = list[ast.AST]()
    for statement in [node for node in ast.walk(function) if isinstance(node, Stating)]:
        values = list(_list_values(statement))
        apart = [edit for edit, _ in values if not is_likely(edit)]
        unlikely += [statement] if len(apart) == len(values) > 0 else [node for edit, node in values if edit in apart]
    return frozenset(id(each) for node in unlikely for each in ast.walk(node) if isinstance(each, ast.expr | ast.stmt))


def _list_values(statement: Any) -> Iterator[tuple[Edit, ast.expr]]:
    """Yield the values that a statement assigns or returns, each with the edit that disturbs it."""
    value = statement.value
    if isinstance(value, ast.Tuple | ast.List):
        places: list[tuple[Any, str, int | None, Any]] = [(value, "elts", k, each) for k, each in enumerate(value.elts)]
    elif isinstance(value, ast.Dict):
        places = [(value, "values", k, each) for k, each in enumerate(value.values)]
    else:
        places = [(statement, "value", None, value)] if value is not None else []
    for parent, field, place, node in places:
        disturbed = ast.BinOp(ast.Constant(SHIFT), ast.Sub(), ast.BinOp(ast.Constant(FACTOR), ast.Mult(), node))
        yield Edit(parent, field, place, disturbed), node
