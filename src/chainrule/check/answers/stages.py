"""A person's intermediate gradients held to the true ones: `dxhat` is dL/d(xhat) of what the forward calls xhat.

The names stand in the person's functions: local names, or those in attributes and dictionaries (`stages` among them).
A forward's intermediate result is moved by an offset, of which the gradient is the true stage.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from chainrule.check.answers.asked import Stages
from chainrule.check.answers.local_names import Local, read_dictionary, read_locals
from chainrule.check.diagnosis.explain import explain
from chainrule.check.model.names import GRADIENT_MARKS, RESULTS_ALIKE, STAGES
from chainrule.check.model.problem import Array, Arrays, SourceFile
from chainrule.check.model.target import Target, copies, generator, quiet
from chainrule.check.model.verdict import WRONG, Row
from chainrule.check.replay.detour import list_executions, move_result
from chainrule.check.replay.tape import Execution, call_it
from chainrule.check.trial.judgement import Point, judge
from chainrule.check.trial.true_gradients import Truth
from chainrule.errors import UserError


@dataclass(frozen=True, eq=False)
class Stage:
    """One intermediate gradient: its name, what it is of, the operation with its number, and the line it stands in."""

    name: str
    of: str
    number: int
    execution: Execution
    line: int | None


def check_stages(target: Target, inputs: Arrays, stages: Stages, seed: int = 0) -> tuple[Row, ...]:
    """Return a row for each stage, in the order of the backward pass; the first that is wrong is explained.

    `stages` are names of the person's functions, or stages(dY, **inputs) -> {"dxhat": array}. Raises UserError for a
    name that the backward does not have, or that belongs to nothing that the forward computes.
    """
    dY = target.draw_cotangent(target.run(inputs), generator(seed))
    values = _read(target, inputs, dY, stages)
    rows: list[Row] = []
    for stage in _match(target, inputs, values, stages if not callable(stages) else list(values)):
        first = not any(row.kind == WRONG for row in rows)
        rows.append(_check(target, inputs, dY, stage, values[stage.name].value, first))
    return tuple(rows)


def find_stages(target: Target, inputs: Arrays) -> tuple[str, ...]:
    """Return the keys of the dictionary `stages` that a person's backward keeps, in a local name or an attribute."""
    if target.source is None or STAGES not in target.source.text:
        return ()
    dY = np.ones(target.run(inputs).shape)
    with quiet():
        return read_dictionary(lambda: target.backward(dY, **copies(inputs)), STAGES)


def _read(target: Target, inputs: Arrays, dY: Array, stages: Stages) -> dict[str, Local]:
    with quiet():
        if callable(stages):
            return {n: Local(n, np.asarray(a), 0) for n, a in stages(dY.copy(), **copies(inputs)).items()}
        found = read_locals(lambda: target.backward(dY.copy(), **copies(inputs)))
    if plain := next((name for name in stages if not GRADIENT_MARKS.search(name)), ""):
        raise UserError(
            f"--stages {plain}: expected the name of a gradient, such as d{plain} for what is called {plain}"
        )
    if missing := [name for name in stages if name not in found]:
        gradients = sorted(name for name in found if GRADIENT_MARKS.search(name)) or sorted(found)
        raise UserError(
            f"{target.name}: --stages {missing[0]}: backward has no array of that name; it has {', '.join(gradients)}"
        )
    return found


def _match(target: Target, inputs: Arrays, values: Mapping[str, Local], names: Sequence[str]) -> list[Stage]:
    """Return the stages from the output back to the input."""
    with quiet():
        executions = list_executions(target.forward, copies(inputs))
        held = read_locals(lambda: target.forward(**copies(inputs)))
    computed = {name: number for name, local in held.items() if (number := _find(executions, local.value)) is not None}
    for number, execution in enumerate(executions):
        computed.setdefault(call_it(execution.site), number)
    stages = []
    for name, of in ((name, GRADIENT_MARKS.sub("", name)) for name in names):
        if of in inputs:
            continue  # it has a row of its own
        known = next((n for n in computed if _is_meant(of, n)), None)
        if known is None:
            there = [n for n in computed if n in held and n not in inputs]
            raise UserError(
                f"{target.name}: --stages {name}: the forward computes nothing of the name {of}; it computes "
                f"{', '.join(there) or 'nothing that has a name'}"
            )
        number = computed[known]
        line = _find_line(target.source, name, values[name].line)
        stages.append(Stage(name, of, number, executions[number], line))
    return sorted(stages, key=lambda stage: -stage.number)


def _check(target: Target, inputs: Arrays, dY: Array, stage: Stage, found: Array, explained: bool) -> Row:
    """Return the row of one stage; the offset of its operation stands among the inputs under the stage's name."""
    shape = np.shape(stage.execution.result)
    operation = stage.execution.site.operation
    moved = replace(
        target.with_extras(autograd=None), forward=move_result(target.forward, stage.number, operation, stage.of)
    )
    found = found.reshape(shape) if found.size == int(np.prod(shape)) else found
    at = {**inputs, stage.of: np.zeros(shape)}
    point = Point("", Truth(moved, at, dY, [stage.of]), {stage.of: found})
    row = judge(point, stage.of, generator(2))
    row = explain(point, row) if explained else row
    return replace(row, name=stage.name, sentence=_say(row, stage, explained))


def _say(row: Row, stage: Stage, first: bool) -> str:
    if row.kind != WRONG:
        return row.sentence
    line = f" (line {stage.line})" if stage.line else ""
    return f"{row.sentence}{line}{': the first stage that departs' if first else ', as a stage before it is'}"


def _find(executions: Sequence[Execution], value: Array) -> int | None:
    """Return the number of the first operation with this result, whatever its shape."""
    for number, execution in enumerate(executions):
        result = np.asarray(execution.result)
        if result.size == value.size and result.dtype.kind == "f" and np.array_equal(result.ravel(), value.ravel()):
            return number
    return None


def _is_meant(name: str, other: str) -> bool:
    a, b = (re.sub(r"[^a-z0-9]", "", n.lower()) for n in (name, other))
    return a == b or any(a in group and b in group for group in RESULTS_ALIKE)


def _find_line(source: SourceFile | None, name: str, function: int) -> int | None:
    """Return the last line within the function that begins at a line where the name is assigned."""
    lines = list(_assignments(source, name, function))
    return max(lines, default=None)


def _assignments(source: SourceFile | None, name: str, function: int) -> Iterator[int]:
    for node in ast.walk(ast.parse(source.text)) if source else ():
        if isinstance(node, ast.FunctionDef) and function == _first_line(node):
            for inner in ast.walk(node):
                if isinstance(inner, ast.Name) and inner.id == name and isinstance(inner.ctx, ast.Store):
                    yield inner.lineno


def _first_line(node: ast.FunctionDef) -> int:
    """Return the line that Python gives for a function: that of its first decorator, where there is one."""
    return min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
