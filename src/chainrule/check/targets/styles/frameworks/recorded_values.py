"""Values that record their operations as closures: `out._backward = _backward`, for numbers or arrays.

Every operation of such a class is checked, one behind the other in one target: the gradient of each operand, whether
it is added to what is there, and `backward()` of a whole expression.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from chainrule.check.model.explanation import Explanation
from chainrule.check.model.failure import Failure, call_theirs
from chainrule.check.model.literals import read_source
from chainrule.check.model.problem import Array, Arrays
from chainrule.check.model.target import Extras, Setting, Target, generator, quiet
from chainrule.check.model.verdict import WRONG, Row
from chainrule.check.targets.kinds import Kind, Made, Namespace, list_arguments
from chainrule.check.targets.pair import find_source
from chainrule.check.trial.settings.values import list_other_values
from chainrule.errors import UserError

DATA, GRADIENT = ("data", "value", "val", "_data", "v", "x"), ("grad", "gradient", "_grad", "g", "derivative")
CLOSURES = ("_backward", "_backward_fn", "backward_fn", "_grad_fn", "grad_fn", "_bw", "_back")
SUMS = re.compile(r"unbroadcast|sum_to|reduce_grad|un_?broadcast|\.sum\(axis")  # in a file that means it
SPREAD = "where an operand of {0} is spread along an axis, the gradient of {1}"
STORED = re.compile(rf"\.({'|'.join(CLOSURES)})\s*=")
AXES = ("axis", "dim", "axes", "dims")
WITHIN = r"(?:(?!\bdef ).)*?"  # of one function
GIVEN = re.compile(rf"\bdef (\w+)\(\w*\):{WITHIN}\.(?:grad|gradient|_grad|g)\b{WITHIN}\.(\w+) = \1\b", re.DOTALL)
COUNT = 5  # entries of each operand
SHAPES: tuple[tuple[tuple[int, ...], tuple[int, ...]], ...] = (((3, 4), (3, 4)), ((3, 4), (4, 2)))


@dataclass(frozen=True)
class Record:
    """Where a class of values keeps its number, its gradient and its closure."""

    kind: Any
    data: str
    grad: str
    closure: str

    def make(self, number: Any) -> Any:
        """Return a value."""
        return self.kind(number)


@dataclass(frozen=True)
class Operation:
    """A method of the class: its operands by name with their arrays; `of_numbers` where each entry is a value.

    `settings` are arguments that have a default, where they are given.
    """

    record: Record
    method: str
    operands: dict[str, Array]
    of_numbers: bool
    constant: Any = None
    settings: Mapping[str, Any] = field(default_factory=dict)

    def run(self, operands: Arrays, dY: Array | None = None, start: float = 0.0) -> tuple[Array, dict[str, Array]]:
        """Return the output, and the gradients of the operands for dY where it is given; they begin with `start`."""
        if not self.of_numbers:
            return self._run(operands, dY, start)
        size = len(next(iter(operands.values())))
        parts = []
        for k in range(size):
            numbers = {n: a[k].item() for n, a in operands.items()}
            parts.append(self._run(numbers, None if dY is None else dY[k].item(), start))
        return np.array([Y for Y, _ in parts]), {n: np.array([found[n] for _, found in parts]) for n in parts[0][1]}

    def _run(self, operands: Any, dY: Any, start: float) -> tuple[Any, dict[str, Any]]:
        values = {n: self.record.make(a) for n, a in operands.items()}
        mine, *others = values.values()
        others += [self.constant] if self.constant is not None else []
        out = getattr(mine, self.method)(*others, **self.settings)
        Y = getattr(out, self.record.data)
        if dY is None:
            return Y, {}
        for value in values.values():
            if start or getattr(value, self.record.grad) is None:
                setattr(value, self.record.grad, np.full_like(getattr(value, self.record.data), start) + 0.0)
        setattr(out, self.record.grad, dY)
        self._pull(out, dY)
        return Y, {n: getattr(value, self.record.grad) - start for n, value in values.items()}

    def _pull(self, out: Any, dY: Any) -> None:
        closure = getattr(out, self.record.closure)
        takes = [n for n, default in list_arguments(closure).items() if default is ...]
        closure(dY) if takes else closure()


def find_record(kind: Any) -> Record | None:
    """Return where a class keeps what; None where it records nothing."""
    stored = find_stored(read_source(kind))
    made = call_theirs(lambda: kind(np.float64(0.5)))
    if not stored or isinstance(made, Failure):
        return None
    data, grad = (next((n for n in names if hasattr(made, n)), "") for names in (DATA, GRADIENT))
    return Record(kind, data, grad, stored) if data and grad else None


def find_stored(text: str) -> str:
    """Return the attribute that takes the closure of an operation, by its name or by what is put there."""
    if named := STORED.search(text):
        return named[1]
    given = GIVEN.search(text)
    return given[2] if given else ""


def list_operations(record: Record) -> tuple[list[Operation], list[str]]:
    """Return the operations of a class that can be run, and the names of those for which no operands were found."""
    found, missed = [], []
    for name, method in vars(record.kind).items():
        text = read_source(method) if inspect.isfunction(method) else ""
        if find_stored(text) != record.closure or name == "__init__":
            continue
        operation = next(_try_operands(record, name, method), None)
        found += [operation] if operation else []
        missed += [] if operation else [name]
    return found, missed


def _try_operands(record: Record, name: str, method: Any) -> Iterator[Operation]:
    takes = [n for n, default in list_arguments(method).items() if default is ...]
    names = ["self", *takes[1:]]
    rng = generator(0, 4)
    for of_numbers in (False, True):
        for shapes in [((COUNT,), (COUNT,))] if of_numbers else SHAPES:
            for positive in (False, True):
                drawn = [rng.normal(0.2, 1.0, shape) for shape in (shapes * 2)[: len(names)]]
                drawn = [np.abs(a) + 0.4 for a in drawn] if positive else drawn
                operands = dict(zip(names, drawn, strict=False))
                own = [Operation(record, name, operands, of_numbers)]
                if len(names) == 2:
                    own += [Operation(record, name, {"self": drawn[0]}, of_numbers, constant) for constant in (3, 0)]
                yield from filter(_is_sound, own)


def _is_sound(operation: Operation) -> bool:
    with quiet():
        Y = call_theirs(lambda: operation.run(operation.operands)[0])
    if isinstance(Y, Failure) or not isinstance(Y, np.ndarray | np.generic) or Y.dtype.kind != "f":
        return False
    return bool(np.all(np.isfinite(Y)) and np.size(Y))


def _list_settings(operation: Operation, text: str) -> Iterator[tuple[str, Any, Operation]]:
    """Yield the name and the default of each argument of a method that has one, and the method with others given.

    An axis is given along with what else may be said of it: keepdims.
    """
    method = getattr(operation.record.kind, operation.method)
    own = {name: default for name, default in list_arguments(method).items() if default is not ...}
    axis = next((name for name in own if name in AXES), "")
    for name, default in own.items():
        beside = {axis: 0} if axis and name != axis else {}
        others = (0, 1, -1) if name == axis else tuple(list_other_values(name, default, text))
        for other in (each for each in others if each != default):
            given = replace(operation, settings={**beside, name: other})
            if _is_sound(given):
                called = operation.method + "".join(f"({n} = {v})" for n, v in beside.items())
                yield f"{called}'s {name}", default, given


def make_recorded(record: Record) -> Made:
    """Return the target of all operations of a class, one behind the other."""
    operations, missed = list_operations(record)
    if not operations:
        raise UserError(f"{record.kind.__name__}: none of its operations runs on two numbers or arrays")
    return _make(record, operations, missed)


def _make(record: Record, operations: list[Operation], missed: list[str]) -> Made:
    named = {f"{o.method}.{n}": (o, n) for o in operations for n in o.operands}
    inputs = {key: operation.operands[n] for key, (operation, n) in named.items()}

    def pick(operation: Operation, given: Arrays) -> Arrays:
        return {n: given[f"{operation.method}.{n}"] for n in operation.operands}

    def forward(**given: Any) -> Array:
        return np.concatenate([np.ravel(o.run(pick(o, given))[0]) for o in operations])

    def pull(dY: Array, given: Arrays, start: float = 0.0) -> Arrays:
        found, place = dict[str, Array](), 0
        for operation in operations:
            Y = np.asarray(operation.run(pick(operation, given))[0])
            part, place = dY[place : place + Y.size].reshape(Y.shape), place + Y.size
            _, gradients = operation.run(pick(operation, given), part, start)
            found |= {f"{operation.method}.{n}": np.asarray(g) for n, g in gradients.items()}
        return found

    def probe(dY: Array, given: Arrays) -> Iterator[Row | str]:
        yield from _find_overwritten(pull(dY, given), pull(dY, given, 0.75), operations)
        yield from _check_whole(record, operations)
        yield from _check_spread(operations, bool(source and SUMS.search(source.text)))
        if missed:
            yield f"not checked, since no operands were found: {', '.join(missed)}"

    def leave_others(name: str) -> Target | None:
        operation = named[name][0]
        own = tuple(n for n in inputs if named[n][0] is operation)
        if len(operations) == 1:
            return None
        return Target(
            operation.method,
            lambda **given: np.asarray(operation.run(pick(operation, given))[0]),
            lambda dY, **given: {
                f"{operation.method}.{n}": np.asarray(g)
                for n, g in operation.run(pick(operation, given), dY, 0.0)[1].items()
            },
            own,
            source=source,
        )

    def vary(given: Arrays) -> Iterator[Setting]:
        for k, operation in enumerate(operations):
            for name, default, other in _list_settings(operation, source.text if source else ""):
                there, _ = _make(record, [*operations[:k], other, *operations[k + 1 :]], [])
                value = list(other.settings.values())[-1]
                yield Setting(name, default, value, there, given)

    source = find_source(record.kind)
    target = Target(record.kind.__name__, forward, lambda dY, **given: pull(dY, given), tuple(inputs), source=source)
    return target.with_extras(**vars(Extras(probe=probe, settings=vary, alone=leave_others))), inputs


def _find_overwritten(first: Arrays, again: Arrays, operations: list[Operation]) -> Iterator[Row]:
    for name, gradient in first.items():
        if gradient.shape != again[name].shape or not np.allclose(gradient, again[name], rtol=1e-9, atol=1e-9):
            method, _, own = name.partition(".")
            line = next(
                (inspect.getsourcelines(getattr(o.record.kind, method))[1] for o in operations if o.method == method),
                None,
            )
            grad = f"{own}.{operations[0].record.grad}"
            said = (
                f"{method} overwrites {grad}, so that a value that is used twice loses the gradient of its first use."
            )
            explanation = Explanation("overwritten", said, f"Add to it: {grad} += …", line)
            yield Row(name, WRONG, f"d{name} is wrong where {grad} holds something already", explanation=explanation)


def _check_whole(record: Record, operations: list[Operation]) -> Iterator[Row]:
    """Yield a row where backward() of (ab + a)·ab + b is wrong though sum and product are right."""
    both = [o for o in operations if o.method in ("__add__", "__mul__")]
    if len(both) < 2 or not callable(getattr(record.kind, "backward", None)) or not all(map(_is_right, both)):
        return
    a, b = 1.25, -0.75
    numbers = all(o.of_numbers for o in both)

    def run() -> tuple[float, float]:
        first, second = (record.make(x if numbers else np.array(x)) for x in (a, b))
        product = first * second
        ((product + first) * product + second).backward()
        return float(getattr(first, record.grad)), float(getattr(second, record.grad))

    found = call_theirs(run)
    right = 2 * a * b**2 + 2 * a * b, 2 * a**2 * b + a**2 + 1
    if not isinstance(found, Failure) and not np.allclose(found, right, rtol=1e-9):
        explanation = Explanation(
            "overwritten",
            f"For (ab + a)·ab + b at a = {a}, b = {b}, it gives {found[0]:.5g} and {found[1]:.5g} where {right[0]:.5g} "
            f"and {right[1]:.5g} are right.",
            "Visit each value after all values that use it (topological order), and add to the gradients.",
        )
        yield Row("backward", WRONG, "backward() of a whole expression is wrong", explanation=explanation)


def _check_spread(operations: list[Operation], is_meant: bool) -> Iterator[Row | str]:
    """Yield what is wrong where one of two operands is spread along an axis of the other: a row, if that is `meant`.

    The gradient of what is spread is the sum of what it would be if it had been spread before.
    """
    for operation in operations:
        names = list(operation.operands)
        shapes = [np.shape(a) for a in operation.operands.values()]
        if operation.of_numbers or len(names) != 2 or shapes[0] != shapes[1] or len(shapes[0]) < 2:
            continue
        wrong = [name for name, own in _list_spread(operation) if not _sums_over(operation, name, own)]
        for name in dict.fromkeys(wrong):
            said = SPREAD.format(operation.method, name)
            if is_meant:
                repair = "Sum it over the axes along which it is spread, and over no other."
                cause = "It is not the sum of the gradients of all that it is spread to."
                explanation = Explanation("missing sum", cause, repair)
                yield Row(f"{operation.method}.{name}", WRONG, f"{said} is wrong", explanation=explanation)
            else:
                yield f"{said} is not summed: operands of one shape alone are meant"


def _list_spread(operation: Operation) -> Iterator[tuple[str, Array]]:
    """Yield an operand with an entry for each column, and for each row, of the other."""
    for name, array in operation.operands.items():
        yield from ((name, part) for part in (array[0], array[:, :1]))


def _sums_over(operation: Operation, name: str, own: Array) -> bool:
    """Tell whether the gradient of an operand that is spread is right; also where its forward does not take it."""
    spread = {**operation.operands, name: np.broadcast_to(own, operation.operands[name].shape).copy()}
    Y = call_theirs(lambda: operation.run({**operation.operands, name: own})[0])
    whole = call_theirs(lambda: operation.run(spread)[0])
    if isinstance(Y, Failure) or isinstance(whole, Failure) or not np.array_equal(Y, whole):
        return True
    dY = generator(0, 6).normal(size=np.shape(Y))
    found = call_theirs(lambda: operation.run({**operation.operands, name: own}, dY)[1])
    expected = operation.run(spread, dY)[1]
    if isinstance(found, Failure):
        return False
    summed = expected[name].sum(axis=0) if own.ndim == 1 else expected[name].sum(axis=1, keepdims=True)
    right = {**expected, name: summed}
    return all(np.shape(found[n]) == right[n].shape and np.allclose(found[n], right[n], rtol=1e-8) for n in right)


def _is_right(operation: Operation) -> bool:
    """Whether a sum or a product gives its operands their gradients."""
    a, b = operation.operands.values()
    dY = generator(0, 5).normal(size=a.shape)
    right = (dY, dY) if operation.method == "__add__" else (b * dY, a * dY)
    done = call_theirs(lambda: operation.run(operation.operands, dY))
    return not isinstance(done, Failure) and all(map(np.allclose, done[1].values(), right))


class RecordedKind(Kind):
    """A class of values that record their operations."""

    rank = 65
    is_function = True

    def find(self, name: str, value: Any, file: Namespace) -> Any:
        """Return such a class."""
        return value if inspect.isclass(value) and find_record(value) else None

    def recognize(self, thing: Any) -> bool:
        """Tell whether a thing is such a class."""
        return inspect.isclass(thing) and find_record(thing) is not None

    def find_forward(self, thing: Any) -> Callable[..., Any]:
        """Return a function without arguments: operands are made for each operation."""
        return lambda: thing

    def make(self, thing: Any, inputs: dict[str, Any], name: str = "", labels: str = "") -> Made:
        """Return the target of all its operations."""
        record = find_record(thing)
        assert record is not None
        return make_recorded(record)


KINDS = (RecordedKind(),)
