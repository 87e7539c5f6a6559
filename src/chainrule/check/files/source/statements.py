"""Which statements of a file are run to take its definitions: those that they need, and what costs nothing.

A script that trains or reads data as it is imported defines its layers too: definitions and imports are always taken,
loops and calls of the file's own functions only where a definition needs what they make.
"""

from __future__ import annotations

import ast
import re
import symtable
from collections.abc import Iterator
from dataclasses import dataclass, field

DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
IMPORTS = (ast.Import, ast.ImportFrom)
LOOPS = (ast.For, ast.While, ast.AsyncFor)
GUARDED = (ast.If, ast.Try, ast.With)
TRAINING = re.compile(r"^(train|fit|main|run|test|evaluate|optimi[sz]e|solve)", re.IGNORECASE)
COSTLY = re.compile(
    r"^(load|read|fetch|download|urlopen|urlretrieve|loadtxt|"
    r"imread|listdir|glob|input|sleep|genfromtxt)|(dataset|loader|mnist|cifar\d*)$",
    re.IGNORECASE,
)
LEARNING = re.compile(r"\.(forward|backward|step|fit|train|update|predict)\w*$")  # methods of what is trained in a loop
COMPLETING = re.compile(r"^(defvjps?|defjvps?|register_\w+|register|setattr)$")  # they finish a definition


@dataclass
class Statement:
    """A statement of the file itself, with the names that it binds or changes, and those that it reads."""

    node: ast.stmt
    binds: set[str] = field(default_factory=set)
    reads: set[str] = field(default_factory=set)
    calls: set[str] = field(default_factory=set)  # as they stand: f of f(x), net.fit of net.fit(x)

    @property
    def defines(self) -> bool:
        """Whether something is defined or imported in it, perhaps behind a condition."""
        return any(isinstance(each, (*DEFINITIONS, *IMPORTS)) for each in ast.walk(self.node))


def select_statements(text: str) -> Iterator[tuple[ast.stmt, bool]]:
    """Yield the statements of a file in order, each with whether it is run. Raises SyntaxError."""
    tree = ast.parse(text)
    statements = [_read(node) for node in tree.body]
    needed, defined = list_globals(text), {n.name for n in tree.body if isinstance(n, DEFINITIONS)}
    classes = {n.name for n in tree.body if isinstance(n, ast.ClassDef)}
    imported = {name for s in statements if isinstance(s.node, (*IMPORTS, *GUARDED)) and s.defines for name in s.binds}
    own = defined | {name for s in statements if not s.defines for name in s.binds} - imported
    grown = True
    while grown:  # what is needed needs in turn
        more = {n for s in statements if s.binds & needed and not s.defines for n in s.reads} - needed
        grown, needed = bool(more), needed | more
    for each in statements:
        calls = {call for call in each.calls if not ("." in call and call.partition(".")[0] in imported)}
        trains = any(TRAINING.search(call.rpartition(".")[2]) for call in calls)
        yield each.node, _is_run(each, trains, needed, own, defined, classes)


def _is_run(
    each: Statement, trains: bool, needed: set[str], own: set[str], defined: set[str], classes: set[str]
) -> bool:
    """Tell whether a statement is run; `trains` is whether it calls what trains by its name."""
    if _is_main(each.node) or (isinstance(each.node, ast.While) and isinstance(each.node.test, ast.Constant)):
        return False  # `while True` is for what trains
    if each.defines:
        return True
    is_needed = bool(each.binds & (needed | defined))
    costly = trains or any(COSTLY.search(call.rpartition(".")[2]) for call in each.calls)
    completes = any(COMPLETING.search(call.rpartition(".")[2]) for call in each.calls)
    ours = {call for call in each.calls if call.partition(".")[0] in own and call not in classes}
    if isinstance(each.node, LOOPS):
        learns = any(call in defined - classes or LEARNING.search(call) for call in each.calls)
        return completes or (is_needed and not costly and not learns)
    if completes:
        return True
    if isinstance(each.node, ast.Assign | ast.AnnAssign | ast.AugAssign) and is_needed:
        return not any(re.match("train|fit", call.rpartition(".")[2]) for call in each.calls)
    if isinstance(each.node, GUARDED) and is_needed:  # what is read in one branch may be made in the other
        return not trains and not any(call in defined - classes for call in each.calls)
    if isinstance(each.node, ast.Expr) and is_needed:  # TABLE.append(…), not net.fit(…)
        return not costly and not any(call in defined for call in each.calls)
    return not costly and not ours


def _is_main(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and "__name__" in ast.unparse(node.test) and "__main__" in ast.unparse(node.test)


def _read(node: ast.stmt) -> Statement:
    found = Statement(node)
    if isinstance(node, DEFINITIONS):
        found.binds.add(node.name)
        return found
    for each in ast.walk(node):
        if isinstance(each, ast.Expr) and isinstance(each.value, ast.Call) and "." in _dotted(each.value.func):
            found.binds.add(_root(each.value.func))  # TABLE.append(…) changes TABLE
        if isinstance(each, ast.Name):
            (found.reads if isinstance(each.ctx, ast.Load) else found.binds).add(each.id)
        elif isinstance(each, ast.Attribute | ast.Subscript) and not isinstance(each.ctx, ast.Load):
            found.binds.add(_root(each))
        elif isinstance(each, ast.Call):
            found.calls.add(_dotted(each.func))
        elif isinstance(each, ast.alias):
            found.binds.add(each.asname or each.name.partition(".")[0])
        elif isinstance(each, DEFINITIONS):
            found.binds.add(each.name)
    return found


def _root(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Call):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


def _dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else _root(node)


def list_globals(text: str) -> set[str]:
    """Return the names of the file itself that its functions and classes use."""
    found: set[str] = set()

    def visit(table: symtable.SymbolTable) -> None:
        if table.get_type() != "module":
            found.update(s.get_name() for s in table.get_symbols() if s.is_global() and s.is_referenced())
        for child in table.get_children():
            visit(child)

    visit(symtable.symtable(text, "theirs", "exec"))
    tree = ast.parse(text)
    for node in (n for n in ast.walk(tree) if isinstance(n, DEFINITIONS)):  # decorators, defaults and bases
        outside: list[ast.expr | None] = [*node.decorator_list]
        outside += node.bases if isinstance(node, ast.ClassDef) else [*node.args.defaults, *node.args.kw_defaults]
        found |= {n.id for e in outside if e for n in ast.walk(e) if isinstance(n, ast.Name)}
    return found
