"""One thing in a backward's source is another than it should be: with it changed, the gradient is right.

The functions that backward runs and forward does not are run again, each time with one edit of their source. Where one
function does both, what the forward returns must stay as it is.
"""

from __future__ import annotations

import ast
import itertools
import sys
import types
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import numpy as np

from chainrule.check.diagnosis.case import Case
from chainrule.check.diagnosis.guess import Guess
from chainrule.check.diagnosis.late_edits import list_late_edits, list_long_edits
from chainrule.check.diagnosis.source_edits import Edit, Function, find_owner, list_edits
from chainrule.check.diagnosis.spots import list_unlikely
from chainrule.check.model.budget import is_time_over, within_seconds
from chainrule.check.model.failure import Failure, call_theirs
from chainrule.check.model.problem import Array, Problem, SourceFile
from chainrule.check.model.target import copies

MANY, FEW = 1500, 300  # edits that are tried where nothing explains the numbers, and where something does
SECONDS = 2.0  # of processor time for one gradient, where each takes long
NEAR = 1e-3  # share of a gradient by which an edit may miss it where one looks once for all gradients
LONGEST = 70  # signs of an expression that is shown around what is changed in it
Code = types.CodeType
Listing = Callable[[Function, frozenset[str]], Iterator[Edit]]


@dataclass(frozen=True, eq=False)
class Unit:
    """A function or a method of the file: the live one, its syntax tree, and the classes that it stands in."""

    function: types.FunctionType
    node: Function
    classes: tuple[ast.ClassDef, ...]
    is_forward: bool

    def compile(self) -> Code | None:
        """Return the code of the tree as it is now; None where it would need other variables from around it."""
        body: ast.stmt = _without_decorators(self.node)
        for outer in reversed(self.classes):
            body = ast.ClassDef(**{**vars(outer), "bases": [], "keywords": [], "decorator_list": [], "body": [body]})
        code = compile(ast.Module([body], []), self.function.__code__.co_filename, "exec", dont_inherit=True)
        for name in (*(outer.name for outer in self.classes), self.node.name):
            code = next(c for c in code.co_consts if isinstance(c, Code) and c.co_name == name)
        return code if code.co_freevars == self.function.__code__.co_freevars else None

    @property
    def attributes(self) -> frozenset[str]:
        """What its class keeps in self, functions left out, or in ctx."""
        owner = find_owner(self.node)
        nodes = [node for outer in self.classes for node in ast.walk(outer)]
        methods = {node.name for node in nodes if isinstance(node, ast.FunctionDef)}
        held = (node for node in nodes if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name))
        own = [node for node in held if node.value.id == owner]  # type: ignore[attr-defined]
        return frozenset(node.attr for node in own if owner == "self" or isinstance(node.ctx, ast.Store)) - methods


@dataclass(frozen=True, eq=False)
class Trial:
    """One edit of one function; what backward gives with it is looked at once for all gradients of a point."""

    unit: Unit
    edit: Edit
    problem: Problem

    @cached_property
    def errors(self) -> dict[str, float]:
        """How far each gradient is from the true one, as a share of its own size; of those that are there."""
        with _edited(self.unit, self.edit) as is_changed:
            found = _run_backward(self.problem) if is_changed else {}
        right = {} if isinstance(found, Failure) else self.problem.expected
        errors = {name: call_theirs(lambda name=name: _measure(found[name], right[name])) for name in right}  # type: ignore[index,misc]
        return {name: error for name, error in errors.items() if isinstance(error, float)}

    def mends(self, case: Case) -> bool:
        """Tell whether the gradient of a case at the point is right with it, and nothing that was right is wrong."""
        return self.errors.get(case.name, np.inf) <= max(NEAR, 100 * case.slack) and _is_mended(
            self.unit, self.edit, case
        )


class Trials:
    """The edits of the functions that a backward runs, each made once; the likeliest first."""

    def __init__(self, problem: Problem, source: SourceFile) -> None:
        self.problem, self.units = problem, _list_units(problem, source)
        self._made: dict[Listing, tuple[list[Trial], Iterator[Trial]]] = {}

    def list(self, listing: Listing) -> Iterator[Trial]:
        """Yield those of one kind."""
        made, rest = self._made.setdefault(listing, ([], self._make(listing)))
        for number in itertools.count():
            if number == len(made):
                made += itertools.islice(rest, 1)
            if number == len(made):
                return
            yield made[number]

    def _make(self, listing: Listing) -> Iterator[Trial]:
        for unit in self.units:
            yield from (Trial(unit, edit, self.problem) for edit in listing(unit.node, unit.attributes))


def find_edits(case: Case, most: int = MANY, listing: Listing = list_edits) -> Iterator[Guess]:
    """Guess that one edit of so many makes the gradient right."""
    problem, source = case.problem, case.problem.source
    if problem.backward is None or source is None or problem.is_part:
        return
    with within_seconds(SECONDS):
        if "edits" not in problem.shared:
            problem.shared["edits"] = Trials(problem, source)
        trials = problem.shared["edits"]
        unlikely = frozenset[int]().union(*(list_unlikely(u.node, partial(_is_likely, u, case)) for u in trials.units))
        likely = (trial for trial in trials.list(listing) if id(_read(trial.edit)) not in unlikely)
        for trial in itertools.islice(likely, most):
            if is_time_over():
                return
            if trial.mends(case):
                yield _describe(case, trial.unit, trial.edit)


def find_late_edits(case: Case) -> Iterator[Guess]:
    """Guess that one of the edits makes it right that are tried where nothing shorter explains it."""
    for listing in (list_late_edits, list_long_edits):
        yield from find_edits(case, listing=listing)


def _is_mended(unit: Unit, edit: Edit, case: Case) -> bool:
    Y, slopes = case.Y, case.slopes  # before anything is changed
    with _edited(unit, edit) as is_changed:
        return is_changed and _is_right(case, slopes) and not (unit.is_forward and _differs(case, Y))


def _is_likely(unit: Unit, case: Case, edit: Edit) -> bool:
    """Tell whether the wrong gradient changes where a value is disturbed, and no right one, or it fails then."""
    with _edited(unit, edit) as is_changed:
        found = _run_backward(case.problem) if is_changed else {}
    if isinstance(found, Failure) or not is_changed or is_time_over():
        return True
    moves = not _are_close(found.get(case.name), case.found)
    return moves and all(_are_close(found.get(name), right) for name, right in _list_right(case).items())


def _differs(case: Case, Y: Array) -> bool:
    """Whether the forward returns something else now."""
    now = call_theirs(lambda: np.asarray(case.problem.forward(**copies(case.problem.inputs)), dtype=float))
    return isinstance(now, Failure) or not np.array_equal(now, Y)


@contextmanager
def _edited(unit: Unit, edit: Edit) -> Iterator[bool]:
    """Let the live function run the edited source within; tells whether it does."""
    before = unit.function.__code__
    with edit.made() as old:
        _locate(edit.new, old)
        code = call_theirs(unit.compile)  # not every edit is an expression that may stand there
        try:
            if isinstance(code, Code):
                unit.function.__code__ = code
            yield isinstance(code, Code)
        finally:
            unit.function.__code__ = before


def _locate(new: Any, old: Any) -> None:
    """Give a node, and what is new in it, the line of what it stands for, without which it cannot be compiled."""
    if isinstance(new, ast.AST):
        is_placed = hasattr(new, "lineno") or not isinstance(old, ast.AST)
        ast.fix_missing_locations(new if is_placed else ast.copy_location(new, old))


def _is_right(case: Case, true: Array) -> bool:
    """Whether the person's backward, as it now stands, gives the true slopes, and nothing else that it gave wrong."""
    gradients = _run_backward(case.problem)
    if isinstance(gradients, Failure):
        return False
    found = call_theirs(lambda: np.asarray(gradients[case.name], dtype=float))
    if isinstance(found, Failure) or found.shape != case.X.shape or not np.isfinite(found).all():
        return False
    slopes = np.array([np.sum(found * V) for V in case.directions])
    if np.max(np.abs(slopes - true)) > case.slack * (float(np.linalg.norm(found)) + 1e-300):
        return False
    return all(_are_close(gradients.get(name), right) for name, right in _list_right(case).items())


def _measure(found: Any, right: Array) -> float:
    """Return how far a gradient is from the true one, as a share of its own size; infinity where shapes differ."""
    found = np.asarray(found, dtype=float)
    if found.shape != right.shape or not np.isfinite(found).all():
        return float("inf")
    return float(np.linalg.norm(found - right)) / (float(np.linalg.norm(found)) + 1e-300)


def _run_backward(problem: Problem) -> dict[str, Any] | Failure:
    """Return what the person's backward, as it now stands, gives."""
    assert problem.backward is not None
    backward = problem.backward
    return call_theirs(lambda: dict(backward(np.array(problem.dY), **copies(problem.inputs))))


def _list_right(case: Case) -> dict[str, Array]:
    """Return the true gradients of the other inputs, where the person's are right."""
    problem = case.problem
    others = {name: right for name, right in problem.expected.items() if name != case.name}
    return {name: right for name, right in others.items() if _are_close(problem.found.get(name), right)}


def _are_close(found: Any, right: Array) -> bool:
    same = found is not None and np.shape(found) == np.shape(right)
    return same and np.allclose(found, right, rtol=1e-5, atol=1e-5 * float(np.max(np.abs(right), initial=0)))


def _list_units(problem: Problem, source: SourceFile) -> list[Unit]:
    """Return the functions of the file that backward runs and forward does not, or all of them; the last run first."""
    assert problem.backward is not None
    backward = problem.backward
    seen = _codes_run(lambda: problem.forward(**copies(problem.inputs)), source)
    run = _codes_run(lambda: backward(np.array(problem.dY), **copies(problem.inputs)), source)
    own = [code for code in run if code not in seen]
    is_forward, own = not own, own or list(run)
    namespace = next((frame for frame in run.values()), {})
    tree = ast.parse(source.text)
    units = list[Unit]()
    for function in _list_functions(namespace, str(source.path)):
        found = _find_node(tree, function) if any(_holds(function.__code__, code) for code in own) else None
        if found and not any(isinstance(node, ast.While) for node in ast.walk(found[0])):  # it might never end
            is_both = is_forward or function.__code__ in seen  # a closure stands within the function that computes Y
            units.append(Unit(function, found[0], found[1], is_both))
    return sorted(units, key=lambda unit: -max(k for k, code in enumerate(own) if _holds(unit.function.__code__, code)))


def _codes_run(call: Any, source: SourceFile) -> dict[Code, dict[str, Any]]:
    """Run a call and return the code of the file's functions that it runs, each with its module's names."""
    found: dict[Code, dict[str, Any]] = {}

    def note(frame: types.FrameType, event: str, _: Any) -> None:
        if event == "call" and frame.f_code.co_filename == str(source.path):
            found.setdefault(frame.f_code, frame.f_globals)

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        call_theirs(call)
    finally:
        sys.setprofile(before)
    return found


def _list_functions(namespace: dict[str, Any], path: str) -> Iterator[types.FunctionType]:
    """Yield the functions and methods of a module that stand in a file, each once."""
    seen, queue = set[int](), list(namespace.values())
    while queue:
        held = _unwrap(queue.pop(0))
        if id(held) in seen:
            continue
        seen.add(id(held))
        if isinstance(held, types.FunctionType) and held.__code__.co_filename == path:
            yield held
        elif isinstance(held, type) and held.__module__ == namespace.get("__name__"):
            queue += vars(held).values()


def _unwrap(held: Any) -> Any:
    """Return the function of a method, of a property or within a decorator; nothing else is asked for attributes."""
    if isinstance(held, staticmethod | classmethod):
        return held.__func__
    if isinstance(held, property):
        return held.fget
    return held.__dict__.get("__wrapped__", held) if isinstance(held, types.FunctionType) else held


def _holds(outer: Code, code: Code) -> bool:
    return outer == code or any(_holds(c, code) for c in outer.co_consts if isinstance(c, Code))


def _find_node(tree: ast.AST, function: types.FunctionType, classes: tuple[ast.ClassDef, ...] = ()) -> Any:
    """Return the syntax tree of a function, and the classes that it stands in; None where it is not found."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, Function) and node.name == function.__code__.co_name:
            first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            if first == function.__code__.co_firstlineno:
                return node, classes
        inside = (*classes, node) if isinstance(node, ast.ClassDef) else classes
        if not isinstance(node, ast.expr | Function) and (found := _find_node(node, function, inside)):
            return found
    return None


def _without_decorators(node: Function) -> Function:
    return type(node)(**{**vars(node), "decorator_list": []})


def _describe(case: Case, unit: Unit, edit: Edit) -> Guess:
    """Say which line has what in place of what, and how it reads when mended."""
    old = _read(edit)
    if isinstance(old, list):
        one, other = (node.lineno for node, now in zip(old, edit.new, strict=True) if node is not now)
        sentence = f"With lines {one} and {other} the other way round, d{case.name} is right."
        return Guess("edit", sentence, "", partial(_is_mended, unit, edit), one, of_sizes=True)
    stated = isinstance(edit.new, ast.stmt)
    shown = edit.parent if _is_short(edit.parent) and not stated else None
    statement = _statement_around(unit.node, old)
    before = ast.unparse(shown or old)
    with edit.made():
        after = ast.unparse(shown or edit.new)
        mended = after if stated else ast.unparse(statement).splitlines()[0]
    name, line = f"d{case.name}", statement.lineno
    lines = sorted({line, *(_statement_around(unit.node, each.parent).lineno for each in edit.alike)})
    where = f"lines {', '.join(map(str, lines))}" if lines[1:] else f"line {line}"
    sentence = f"With `{after}` in place of `{before}` in {where}, {name} is right."
    if isinstance(edit.new, ast.Pass):
        sentence = f"Without `{before}` in line {line}, {name} is right."
    repair = f"Write `{mended}`." if mended != after and not lines[1:] else ""
    return Guess("edit", sentence, repair, partial(_is_mended, unit, edit), line, of_sizes=True)


def _read(edit: Edit) -> Any:
    """Return the node that stands where an edit puts another."""
    held = getattr(edit.parent, edit.field)
    return held if edit.place is None else held[edit.place]


def _is_short(node: Any) -> bool:
    return isinstance(node, ast.BinOp | ast.Subscript | ast.UnaryOp) and len(ast.unparse(node)) <= LONGEST


def _statement_around(function: Function, node: Any) -> Any:
    """Return the smallest statement that a node is in."""
    around = [each for each in ast.walk(function) if isinstance(each, ast.stmt) and node in list(ast.walk(each))]
    return min(around, key=lambda each: sum(1 for _ in ast.walk(each)))
