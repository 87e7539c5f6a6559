"""What is not wrong in the gradients of one clean call, but goes wrong in use."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from chainrule.check.model.explanation import Explanation
from chainrule.check.model.failure import Failure, call_theirs
from chainrule.check.model.problem import Array, Arrays, Backward
from chainrule.check.model.target import Target, copies, fix_seed, quiet
from chainrule.check.model.verdict import WRONG, Row

STALE = Explanation(
    "stale",
    "It belongs to another call of forward: what one call keeps, the other finds.",
    "Keep what backward needs anew at every call of forward, and for that call alone.",
)

SINGLE = Explanation(
    "precision",
    "PyTorch makes parameters and inputs in float32 unless it is told otherwise, and there it never runs.",
    "Give what backward makes the dtype of what it is multiplied with: dtype=x.dtype, or x.new_ones(…).",
    points=0,
)


def find_traps(target: Target, inputs: Arrays, dY: Array) -> Iterator[Row | str]:
    """Yield a sentence for each trap that the target's forward and backward set, a row for one that nothing escapes."""
    with quiet():
        yield from _changes_in_forward(target, inputs)
        yield from _changes_in_backward(target, inputs, dY)
        yield from _repeated(target, inputs, dY)
        yield from _strided(target, inputs, dY)
        yield from _single_precision(target, inputs, dY)


def probe_calls(once: Backward, later: Backward, dY: Array, inputs: Arrays) -> Iterator[Row]:
    """Yield a row for each gradient that changes when a forward at other inputs runs before it, or between."""
    calls = call_theirs(lambda: [fix_seed(run)(dY.copy(), **copies(inputs)) for run in (once, once, later)])
    if isinstance(calls, Failure):  # the other inputs may not suit
        return
    right, again, found = calls
    for name, gradient in found.items():
        if name in right and _agree(again[name], right[name]) and not _agree(gradient, right[name]):
            yield Row(name, WRONG, f"d{name} is wrong once forward has run at other inputs too", explanation=STALE)


def _agree(gradient: Array, right: Array, floor: float = 0.0) -> bool:
    return np.allclose(gradient, right, rtol=1e-6, atol=1e-9 * float(np.max(np.abs(right), initial=0)) + floor)


def _changes_in_forward(target: Target, inputs: Arrays) -> Iterator[str]:
    given = copies(inputs)
    target.forward(**given)
    for name in _changed(given, inputs):
        yield f"forward changes {name} in place: the caller's array is another one afterwards"


def _changes_in_backward(target: Target, inputs: Arrays, dY: Array) -> Iterator[str]:
    given, cotangent = copies(inputs), dY.copy()
    found = target.backward(cotangent, **given)
    if not np.array_equal(cotangent, dY):
        yield "backward changes dY in place: another branch that receives the same dY then goes wrong"
    for name in _changed(given, inputs):
        yield f"backward changes {name} in place"
    arrays = {name: gradient for name, gradient in found.items() if isinstance(gradient, np.ndarray)}
    for name, gradient in arrays.items():
        if other := next((n for n in arrays if n < name and np.shares_memory(arrays[n], gradient)), ""):
            yield f"d{other} and d{name} are one array: what changes one in place changes the other"
        if gradient.dtype.kind == "f" and gradient.dtype != np.float64:
            yield f"d{name} is {gradient.dtype} where {name} is float64"


def _repeated(target: Target, inputs: Arrays, dY: Array) -> Iterator[str]:
    if target.extras.run_twice is None:
        return
    once, run_twice = target.gradients(dY, inputs), target.extras.run_twice
    twice = call_theirs(lambda: run_twice(dY.copy(), **copies(inputs)))
    if isinstance(twice, Failure):
        yield f"a second backward fails, for the first takes away what it needs: {twice.describe(target.source)}"
        return
    rounding = 1e-10 * max((float(np.max(np.abs(gradient), initial=0)) for gradient in once.values()), default=0.0)
    for name, gradient in once.items():
        if np.allclose(twice[name], gradient, atol=rounding):
            continue
        if np.allclose(twice[name], 2 * gradient, atol=rounding):
            yield f"d{name} adds up: a second backward returns the sum of both"
        else:
            yield f"d{name} is another one when backward runs a second time: the first run changes what it needs"


def _strided(target: Target, inputs: Arrays, dY: Array) -> Iterator[str]:
    """Give every array as a view with gaps and in the other order of axes: the answer must stay."""
    views = {n: _with_gaps(a) if isinstance(a, np.ndarray) else a for n, a in inputs.items()}
    expected = target.gradients(dY, inputs)
    found = call_theirs(lambda: target.backward(_with_gaps(dY), **views))
    if isinstance(found, Failure):
        yield f"backward fails where arrays are not contiguous in memory: {found.describe()}"
        return
    largest = max((float(np.max(np.abs(gradient), initial=0)) for gradient in expected.values()), default=0.0)
    for name, gradient in expected.items():
        if not _agree(found[name], gradient, 1e-12 * largest):  # one that is 0 but for rounding may be another one
            yield f"d{name} is another one where arrays are not contiguous in memory"


def _single_precision(target: Target, inputs: Arrays, dY: Array) -> Iterator[Row | str]:
    singles = {n: a.astype(np.float32) if _is_double(a) else a for n, a in inputs.items()}
    found = call_theirs(lambda: target.backward(dY.astype(np.float32), **singles))
    if isinstance(found, Failure):
        forward = call_theirs(lambda: target.forward(**copies(singles)))
        if isinstance(forward, Failure):
            yield f"forward fails on float32, so nothing was tried there: {forward.describe(target.source)}"
        elif target.extras.is_single:
            yield Row("dY", WRONG, f"backward fails in float32: {found.describe(target.source)}", explanation=SINGLE)
        else:
            yield f"backward fails on float32: {found.describe()}"
        return
    wide = [name for name in found if getattr(found[name], "dtype", None) == np.float64 and np.ndim(found[name])]
    Y = call_theirs(lambda: target.forward(**copies(singles))) if wide else None
    if wide and not (isinstance(Y, np.ndarray) and Y.dtype == np.float64 and Y.ndim):  # as the output itself does
        yield f"on float32, {', '.join(f'd{name}' for name in wide)} {'come' if wide[1:] else 'comes'} out as float64"


def _changed(given: Arrays, inputs: Arrays) -> list[str]:
    return [n for n, a in inputs.items() if isinstance(a, np.ndarray) and not np.array_equal(given[n], a)]


def _is_double(array: object) -> bool:
    return isinstance(array, np.ndarray) and array.dtype == np.float64


def _with_gaps(array: Array) -> Array:
    """Return a view of equal entries that lies in memory with every other place left out, last axis first."""
    if array.ndim == 0:
        return array.copy()
    wide = np.zeros(tuple(2 * size for size in array.shape[::-1]), array.dtype).T
    view = wide[tuple(slice(None, None, 2) for _ in array.shape)]
    view[...] = array
    return view
