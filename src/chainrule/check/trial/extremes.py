"""Large and extreme inputs: where a forward or a backward overflows, or divides 0 by 0, though the answer is a number.

That a forward overflows says nothing against its backward, so each is told by itself. Of a forward, what float64
cannot hold is no fault: its text is run in extended precision, whose exponents reach far beyond, to see what is right.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from chainrule.check.model.explanation import Explanation
from chainrule.check.model.failure import Failure, call_theirs
from chainrule.check.model.names import WEIGHTS
from chainrule.check.model.problem import Array, Arrays
from chainrule.check.model.target import Target, generator, quiet
from chainrule.check.model.verdict import WRONG, Row
from chainrule.check.trial.inputs import are_probabilities

FAR = 800.0  # exp of it overflows, exp of its negative is 0
MOVE = 1e-4
NOUGHT, THROUGHOUT = "is 0", "are 0"
ENTRIES = "has entries of"  # so large that a forward may overflow there, which is told and no fault
REPAIR_FORWARD = (
    "Write it so that nothing overflows on the way: take the largest of each row away before exp, use exp of −|x| only."
)
REPAIR = "Compute each branch where it is needed only: 0 times infinity is no number."


LOGARITHMS = ("log", "ln_")  # how parameters are called of which exp is taken: there, and in weights, nobody meets 800


def probe_extremes(target: Target, inputs: Arrays, names: Sequence[str]) -> Iterator[Row | str]:
    """Yield a row for a forward, and one for a gradient, that is no number where the right one is; else a note."""
    told: set[str] = set()
    for words, at in _list_points(inputs, names):
        Y = call_theirs(lambda at=at: target.run(at))  # type: ignore[misc]
        if isinstance(Y, Failure) or Y.dtype.kind != "f":
            continue
        if not np.isfinite(Y).all():
            finding = _judge_forward(target, at, Y, words)
            key = "Y" if isinstance(finding, Row) else "a note on Y"
            if finding is not None and key not in told:
                told.add(key)
                yield finding
            continue
        dY = target.draw_cotangent(Y, generator(7))
        found = call_theirs(lambda at=at, dY=dY: target.gradients(dY, at))  # type: ignore[misc]
        if isinstance(found, Failure):
            continue
        for n in names:
            if n in told or n not in found or found[n].shape != at[n].shape or np.isfinite(found[n]).all():
                continue
            if _has_slope(target, at, dY, n) and not _is_cured(target, at, dY, n):
                told.add(n)
                is_kink = words.endswith(NOUGHT) and not _has_slope(target, at, dY, n, is_smooth=True)
                is_told = is_kink or words.endswith(THROUGHOUT)
                yield _tell_nought(n, words) if is_told else _blame(n, words, at[n], found[n])


def _is_cured(target: Target, at: Arrays, dY: Array, name: str) -> bool:
    """Tell whether a gradient is finite with 2 in place of the numbers: that of a power below 1 is rightly not."""
    other = {n: 2.0 if isinstance(value, float) else value for n, value in at.items()}
    found = call_theirs(lambda: target.gradients(dY, other)) if any(isinstance(v, float) for v in at.values()) else {}
    return not isinstance(found, Failure) and name in found and bool(np.isfinite(found[name]).all())


def _list_points(inputs: Arrays, names: Sequence[str]) -> Iterator[tuple[str, Arrays]]:
    """Yield points at which one input has entries far from 0, and in which one of its rows lies far below the rest."""
    for name in names:
        X = inputs[name]
        own = name.rpartition(".")[2].lower()
        if X.size < 2 or are_probabilities(X) or own.startswith(LOGARITHMS) or own in WEIGHTS:
            continue
        is_positive = bool(np.all(X > 0))
        far = X.copy()
        far.flat[0] = FAR
        if not is_positive:
            far.flat[-1] = -FAR
        yield f"where {name} {ENTRIES} {'' if is_positive else '±'}{FAR:g}", {**inputs, name: far}
        if not is_positive:
            nought, row = X.copy(), X.copy()
            nought.flat[0] = 0.0
            row[:1] = 0.0
            yield f"where an entry of {name} {NOUGHT}", {**inputs, name: nought}
            yield f"where all entries of a row of {name} {THROUGHOUT}", {**inputs, name: row}
        if X.ndim > 1 and len(X) > 1 and not is_positive:
            low = X + FAR / 2  # so that no entry overflows by itself
            low[0] -= FAR
            yield f"where a row of {name} lies {FAR:g} below the others", {**inputs, name: low}


def _judge_forward(target: Target, at: Arrays, Y: Array, words: str) -> Row | str | None:
    """Return what a forward that is not finite deserves: nothing, where the right answer is no number either."""
    right = _extend(target, at)
    if right is None:
        if not np.isnan(Y).any() or target.source is None:
            return None
        cause = "0 is divided by 0" if words.endswith((NOUGHT, THROUGHOUT)) else "something overflows"
        return f"Y is NaN {words}: {cause} on the way"
    if right.shape != Y.shape or not np.all(np.abs(right) < np.finfo(np.float64).max):
        return None
    if not np.isnan(Y).any() or ENTRIES in words or not _ignores_rows(target, at):
        value = "NaN" if np.isnan(Y).any() else "infinite"
        return f"Y is {value} {words}, where {_show(right, ~np.isfinite(Y))} is right: something overflows on the way"
    cause = f"There {_show(right, np.isnan(Y))} is right: infinity / infinity or 0 / 0 stands in its place."
    return Row("Y", WRONG, f"Y is NaN {words}", explanation=Explanation("overflow", cause, REPAIR_FORWARD, points=0))


def _ignores_rows(target: Target, at: Arrays) -> bool:
    """Tell whether Y stays the same when a row that lies far off comes back to the others, as that of a softmax does.

    There the place of a row says nothing, so that no answer may depend on it.
    """
    name = next(name for name, a in at.items() if isinstance(a, np.ndarray) and np.ptp(a) > FAR / 2)
    near, nearer = at[name] - FAR / 2, at[name] - FAR / 2
    near[0] += FAR
    nearer[0] += FAR + 1
    ys = [call_theirs(lambda X=X: target.run({**at, name: X})) for X in (near, nearer)]  # type: ignore[misc]
    ran = [Y for Y in ys if not isinstance(Y, Failure)]
    return len(ran) == 2 and bool(np.allclose(ran[0], ran[1], rtol=1e-9, atol=1e-12))


def _extend(target: Target, at: Arrays) -> Array | None:
    """Return Y in extended precision; None where the forward does not take it."""
    wide = {
        n: a.astype(np.longdouble) if isinstance(a, np.ndarray) and a.dtype.kind == "f" else a for n, a in at.items()
    }
    with quiet():
        Y = call_theirs(lambda: np.asarray(target.forward(**wide)))
    is_wide = not isinstance(Y, Failure) and Y.dtype == np.longdouble and np.isfinite(Y).all()
    return Y if is_wide and np.finfo(np.longdouble).maxexp > np.finfo(np.float64).maxexp else None  # type: ignore[return-value]


def _tell_nought(name: str, words: str) -> str:
    return (
        f"d{name} is no number {words}, as padding may be, though Y is one there: backward divides by 0; divide by the "
        "larger of that and a small number, or return 0 there"
    )


def _show(right: Array, where: Array) -> str:
    return f"{float(right[where].flat[0]):.4g}"


def _has_slope(target: Target, at: Arrays, dY: Array, name: str, is_smooth: bool = False) -> bool:
    """Tell whether Σ dY Y has a finite slope when the input moves, and, to be smooth, from both sides the same."""
    direction = generator(8).normal(size=at[name].shape)

    def value(t: float) -> float:
        Y = call_theirs(lambda: target.run({**at, name: at[name] + t * direction}))
        return float("nan") if isinstance(Y, Failure) else float(np.sum(dY * Y))

    up, here, down = value(MOVE), value(0.0), value(-MOVE)
    if is_smooth and abs(up + down - 2 * here) > 1e-2 * abs(up - down):
        return False
    return bool(np.isfinite([up, here, down]).all())


def _blame(name: str, words: str, X: Array, found: Array) -> Row:
    place = tuple(int(k) for k in np.argwhere(~np.isfinite(found))[0])
    entry = f"d{name}[{', '.join(map(str, place))}]"
    value = "NaN" if np.isnan(found[place]) else "infinite"
    cause = (
        f"{entry} is {value}, where {name} is {X[place]:.4g} and Y is finite all around: 0 · ∞, 0 / 0 or an overflow."
    )
    sentence = f"d{name} is not finite {words}; at ordinary inputs it is right"
    return Row(name, WRONG, sentence, explanation=Explanation("overflow", cause, REPAIR, points=0))
