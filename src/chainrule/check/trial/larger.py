"""Wide features, many channels, long sequences: a backward may be right at small sizes alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from chainrule.check.model.explanation import Explanation
from chainrule.check.model.failure import Failure, call_theirs
from chainrule.check.model.problem import Arrays
from chainrule.check.model.target import Target, generator
from chainrule.check.model.verdict import WRONG, Place, Row
from chainrule.check.trial.inputs import output_at
from chainrule.check.trial.judgement import Point, judge, judge_all, leave_kinks, run_backward
from chainrule.check.trial.limits import find_limit
from chainrule.check.trial.sizes import stretch
from chainrule.check.trial.true_gradients import Truth

A_FEW, MORE, MORE_OF_MANY_AXES = 2, 32, 14  # entries more along each axis
MOST_ENTRIES = 60_000
GROSS = 1e-4
LARGER = "at larger sizes"
SAME = Explanation("limit", "It begins at the same size.", "")
Key = tuple[int, bool]  # a size, and whether it is one of a picture's rows and columns, or of a window in them


def try_larger(target: Target, inputs: Arrays, names: Sequence[str]) -> tuple[list[Row], list[Place]]:
    """Return a row for each gradient that is wrong at larger sizes, and where they were compared.

    All sizes grow at once where the forward takes that, else one at a time. Only targets that can be had in other sizes
    are tried, and only where backward goes along: it may have been made for a size.
    """
    rows, places = dict[str, Row](), list[Place]()
    if target.extras.resize is None:
        return [], []
    keys = _list_keys(inputs)
    for group in (keys, *([key] for key in keys if len(keys) > 1)):
        point = _compare(target, inputs, names, group, _more(inputs))
        if point is None:
            continue
        places.append(Place(LARGER, _list_shapes(point.truth.inputs)))
        for row in judge_all(point, names, generator(12)):
            if _is_grossly_wrong(row) and row.name not in rows:
                told = _explain(row, target, inputs, keys, group)
                same = any(each.cause == told.cause for each in rows.values()) and told.explanation is not None
                rows[row.name] = replace(told, explanation=SAME) if same else told
        if group is keys or rows:
            break
    return list(rows.values()), places[:1]


def list_remade(target: Target, inputs: Arrays) -> Iterator[tuple[Target, Arrays]]:
    """Yield an object's target made in somewhat larger sizes, all at once and one by one, with inputs for it."""
    if target.extras.resize is None:
        return
    keys = _list_keys(inputs)
    for group in (keys, *([key] for key in keys if len(keys) > 1)):
        made = call_theirs(lambda group=group: _enlarge(target, inputs, group, A_FEW))  # type: ignore[misc]
        if not isinstance(made, Failure) and made[0] is not target and output_at(*made) is not None:
            yield made


def _is_grossly_wrong(row: Row) -> bool:
    """Tell whether a gradient is wrong by more than what a large system of equations may lose to rounding."""
    return row.kind == WRONG and (row.error is None or row.error > GROSS)


def _more(inputs: Arrays) -> int:
    return MORE_OF_MANY_AXES if any(np.ndim(a) > 2 for a in inputs.values()) else MORE


def _list_keys(inputs: Arrays) -> list[Key]:
    arrays = [a for a in inputs.values() if isinstance(a, np.ndarray)]
    return sorted({(size, _is_space(a, axis)) for a in arrays for axis, size in enumerate(a.shape) if size > 1})


def _is_space(array: Any, axis: int) -> bool:
    return bool(array.ndim == 4 and axis > 1)


def _list_shapes(inputs: Arrays) -> dict[str, tuple[int, ...]]:
    return {name: np.shape(a) for name, a in inputs.items() if isinstance(a, np.ndarray)}


def _enlarge(target: Target, inputs: Arrays, group: Sequence[Key], more: int) -> tuple[Target, Arrays]:
    """Return a target and inputs in which sizes of a group are larger; the object is made anew with those sizes."""
    rng = generator(13)

    def resize(value: Any) -> Any:
        if isinstance(value, np.ndarray):
            grown = {k: n + more for k, n in enumerate(value.shape) if (n, _is_space(value, k)) in group}
            return stretch(value, grown, rng) if grown else value
        if isinstance(value, list | tuple):
            return type(value)(resize(each) for each in value)
        return value + more if type(value) is int and (value, False) in group else value

    assert target.extras.resize is not None
    larger, own = target.extras.resize(resize)
    drawn = {name: rng.normal(0.3, 1.0, np.shape(a)) / len(a) ** 0.5 for name, a in own.items()}
    return larger or target, {**{name: resize(a) if np.ndim(a) else a for name, a in inputs.items()}, **drawn}


def _compare(target: Target, inputs: Arrays, names: Sequence[str], group: Sequence[Key], more: int) -> Point | None:
    """Return the point at larger sizes; None where it is too large, or forward or backward does not take it."""
    made = call_theirs(lambda: _enlarge(target, inputs, group, more))
    if isinstance(made, Failure) or sum(np.size(a) for a in made[1].values()) > MOST_ENTRIES:
        return None
    larger, at = made
    Y = output_at(larger, at)
    if Y is None or Y.size > MOST_ENTRIES or Y.ndim != target.run(inputs).ndim:
        return None
    truth, _ = leave_kinks(Truth(larger, at, larger.draw_cotangent(Y, generator(14)), names, Y), 0)
    point = run_backward(truth, LARGER) if truth else ""
    if isinstance(point, str):
        return None
    return point if all(n in point.found and point.found[n].shape == at[n].shape for n in names) else None


def _explain(row: Row, target: Target, inputs: Arrays, keys: list[Key], group: Sequence[Key]) -> Row:
    """Return the row with the size from which on the gradient is wrong, of the one axis that matters."""

    def is_wrong(group: Sequence[Key]) -> Callable[[int], bool]:
        def judge_at(more: int) -> bool:
            point = _compare(target, inputs, [row.name], group, more)
            return point is not None and _is_grossly_wrong(judge(point, row.name, generator(12)))

        return judge_at

    most = _more(inputs)
    alone = next((key for key in keys if is_wrong([key])(most)), group[0] if len(group) == 1 else None)
    if alone is None:
        return row
    name, axis = next(
        (n, k) for n, a in inputs.items() if isinstance(a, np.ndarray)
        for k, size in enumerate(a.shape) if (size, _is_space(a, k)) == alone
    )  # fmt: skip
    return find_limit(row, target, is_wrong([alone]), most, alone[0], f"the size of axis {axis} of {name}")
