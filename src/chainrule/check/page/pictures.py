"""Expected and found gradients as tables of cells that a page can show, large arrays reduced."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from chainrule.check.model.budget import count_entries
from chainrule.check.model.failure import Failure, call_theirs, succeeds
from chainrule.check.model.problem import Array, Arrays
from chainrule.check.model.target import Target, copies, generator
from chainrule.check.model.verdict import WRONG, Grid, Picture, Verdict
from chainrule.check.replay.detour import list_executions
from chainrule.check.replay.tape import count_work
from chainrule.check.trial.inputs import equalize, list_points
from chainrule.check.trial.judgement import Point, evaluate_at, judge_all

MOST_CELLS = 32  # along a side
MOST_ENTRIES = 5000  # of all gradients, each of which is differenced
EVALUATIONS = 20  # of the forward, for a central difference
MOST_WORK = 400_000_000  # entries that the operations of all those evaluations compute


def take_pictures(verdict: Verdict, target: Target, inputs: Arrays) -> tuple[Picture, ...]:
    """Return a picture of each gradient: where it is first wrong, or at the given inputs.

    There are none where backward fails, or where they would take too long, nor of what is wrong in a variant alone.
    """
    names = [row.name for row in verdict.rows if row.name in inputs and not row.variant]
    Y = target.run(inputs)
    if not succeeds(lambda: target.gradients(np.zeros(Y.shape), inputs)):  # wrong shapes fit where all sizes are equal
        square = equalize(target, inputs)
        return () if square is None else take_pictures(verdict, target, square)
    entries = sum(inputs[name].size for name in names)
    if entries > MOST_ENTRIES or EVALUATIONS * entries * _count_work(target, inputs) > MOST_WORK:
        return ()
    point = _find_point(verdict, target, inputs, names)
    return () if point is None else tuple(take_picture(point, name) for name in names if name in point.found)


def take_picture(point: Point, name: str) -> Picture:
    """Return the picture of one gradient at a point."""
    expected, found = point.truth.gradient(name)[0], np.asarray(point.found[name])
    if found.shape != expected.shape:
        return Picture(name, expected.shape, found.shape, _reduce(expected), _reduce(found), point.words)
    off = np.abs(found - expected)
    return Picture(name, expected.shape, found.shape, _reduce(expected, off), _reduce(found, off), point.words)


def _count_work(target: Target, inputs: Arrays) -> int:
    """Return how many entries an evaluation computes, as far as its operations can be seen."""
    executions = call_theirs(lambda: list_executions(target.forward, copies(inputs)))
    return count_entries(*inputs.values()) + (0 if isinstance(executions, Failure) else count_work(executions))


def _find_point(verdict: Verdict, target: Target, inputs: Arrays, names: list[str]) -> Point | None:
    rng, first = generator(verdict.seed), None
    for words, at, _ in list_points(target, inputs, names, verdict.seed):
        point = evaluate_at(target, at, names, words, rng)
        if isinstance(point, str):
            break
        first = first or point
        if verdict.kind != WRONG or any(row.kind == WRONG for row in judge_all(point, names, rng)):
            return point
    return first


def _reduce(array: Array, weights: Array | None = None) -> Grid:
    """Return an array as a matrix of at most MOST_CELLS rows and columns.

    The first axis goes down, all others across. A cell stands for a block of entries and shows the one whose weight is
    the largest: its distance from the right one, or its size.
    """
    matrix = _lay_out(array)
    heavy = _lay_out(np.nan_to_num(np.abs(array) if weights is None else weights, nan=np.inf))
    rows = [[_pick(matrix, heavy, down, across, array.shape) for across in _blocks(matrix.shape[1])]
            for down in _blocks(matrix.shape[0])]  # fmt: skip
    return Grid([[value for value, _ in row] for row in rows], [[place for _, place in row] for row in rows])


def _pick(matrix: Array, heavy: Array, down: Array, across: Array, shape: tuple[int, ...]) -> tuple[float, list[int]]:
    block = heavy[np.ix_(down, across)]
    i, j = np.unravel_index(int(np.argmax(block)), block.shape)
    row, column = int(down[i]), int(across[j])
    place: Any = np.unravel_index(row * matrix.shape[1] + column, shape) if shape else ()
    return float(matrix[row, column]), [int(k) for k in place]


def _lay_out(array: Array) -> Array:
    return array.reshape(1, -1) if array.ndim < 2 else array.reshape(len(array), -1)


def _blocks(size: int) -> Iterator[Array]:
    yield from np.array_split(np.arange(size), min(size, MOST_CELLS))
