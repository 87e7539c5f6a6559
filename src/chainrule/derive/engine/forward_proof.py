"""Holds Jacobians and differentials to the program itself, by small steps and without any rule of calculus."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from chainrule.derive.engine.proof import STEP, Proof, WrongStepError, stepped
from chainrule.derive.evaluation.arithmetic import Adic, Array, Modular
from chainrule.derive.evaluation.evaluator import evaluate_block
from chainrule.derive.evaluation.points import ProgramPoint
from chainrule.derive.language.expressions import Expr, Ref
from chainrule.derive.language.printer import show

CLOSE = 1e-9


def can_step(point: ProgramPoint) -> bool:
    """Whether a derivative by steps has a value in the arithmetic of a point."""
    return isinstance(point.arithmetic, Adic) or not isinstance(point.arithmetic, Modular)


def held_to_steps(proof: Proof, target: Ref, node: Expr, name: str, by: str) -> float:
    """The largest relative error of a Jacobian against complex steps; raises WrongStepError where it is one."""
    errors = [0.0]
    for point in proof.points:
        if point.is_compared and can_step(point):
            found = point.value(node, target.axes, proof.letters.of).astype(float)
            errors.append(_error(found, _complex_jacobian(point, name, by)))
    return _checked(max(errors), target, node)


def _complex_jacobian(point: ProgramPoint, name: str, by: str) -> Array:
    slopes = np.moveaxis(stepped(point.program, point.inputs, point.sizes, by)[name].imag / STEP, 0, -1)
    return slopes.reshape(slopes.shape[:-1] + np.shape(point.inputs[by]))


def set_tangents(point: ProgramPoint, varied: Iterable[str], moved: Iterable[str], seed: int) -> None:
    """Draw the differentials of the inputs that vary; those of all that is `moved` follow by steps."""
    rng, arithmetic, moved = np.random.default_rng(seed), point.arithmetic, list(moved)
    tangents = {name: _small_numbers(rng, np.shape(point.arrays[name]), arithmetic) for name in varied}
    point.arrays |= {f"d{name}": tangent for name, tangent in tangents.items()}
    before = {name: point.arrays[name] for name in moved}
    for name in moved:

        def after(amount: Any, name: str = name) -> Array:
            changed = {n: arithmetic.reduced(point.arrays[n] + amount * tangent) for n, tangent in tangents.items()}
            return _computed(point, changed)[name]

        point.arrays[f"d{name}"] = arithmetic.differentiate(after, before[name])


def differential_error(proof: Proof, target: Ref, node: Expr) -> float:
    """The largest relative error of a differential against that by steps."""
    errors = [0.0]
    for point in proof.points:
        if point.is_compared:
            found = point.value(node, target.axes, proof.letters.of).astype(float)
            errors.append(_error(found, np.asarray(point.arrays[target.name]).astype(float)))
    return _checked(max(errors), target, node)


def _small_numbers(rng: np.random.Generator, shape: tuple[int, ...], arithmetic: Any) -> Array:
    whole = rng.integers(1, 9, size=shape) * rng.choice([-1, 1], size=shape)
    return arithmetic.reduced(arithmetic.array(np.asarray(whole)))


def _computed(point: ProgramPoint, changed: dict[str, Array]) -> dict[str, Array]:
    """All arrays of a program with some inputs changed."""
    program, arrays = point.program, {**point.arrays, **changed}
    sizes = {letter: point.sizes[home] for letter, home in program.dimensions.of.items()}
    for block in program.blocks:
        evaluate_block(block, arrays, sizes, point.arithmetic)
    return arrays


def _error(found: Array, expected: Array) -> float:
    largest = max(1.0, float(np.max(np.abs(expected), initial=0)))
    return float(np.max(np.abs(found - expected), initial=0)) / largest


def _checked(error: float, target: Ref, node: Expr) -> float:
    if not error < CLOSE:
        raise WrongStepError(f"{show(target)} = {show(node)} is not the derivative: off by {error:.1e}")
    return error
