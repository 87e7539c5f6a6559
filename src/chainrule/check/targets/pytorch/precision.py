"""The rounding error of a Function of PyTorch's in float32 and in half precision, judged against float64.

A backward in low precision may be off by what its inputs' own rounding does to the exact gradient, which is found by
moving them by one rounding in float64, and by a few roundings of the result. What is beyond that is lost on the way.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from chainrule.check.model.failure import Failure, call_theirs
from chainrule.check.model.problem import Array, Arrays
from chainrule.check.model.target import generator
from chainrule.check.model.tolerance import SAFETY
from chainrule.check.targets.pytorch.call import Caller, to_array, to_tensor

DTYPES = ("float32", "bfloat16", "float16")
FAR = 1e3  # a mean beside a deviation of 1, from which E[X²] − μ² has lost its digits in float32
DRAWS = 3
MOST_LOST = 1.0  # of a gradient, to rounding alone
CURES = {"float32": "digits cancel on the way"}
CURE = "compute in float32 and round at the end"


def probe_precision(caller: Caller, dY: Array, given: Mapping[str, Any]) -> Iterator[str]:
    """Yield a sentence for each precision in which a gradient is off by more than rounding explains."""
    if caller.run(given).random:  # another precision draws other numbers
        return
    for name in DTYPES:
        yield from _probe(caller, name, "", dY, given)
    first = caller.floats[0]
    far = {**given, first: given[first] + FAR}
    yield from _probe(caller, "float32", f" where {first} is about {FAR:g}", dY, far)


def _probe(caller: Caller, name: str, where: str, dY: Array, given: Mapping[str, Any]) -> Iterator[str]:
    import torch

    dtype = getattr(torch, name)
    low = {n: to_tensor(a).to(dtype) if n in caller.floats else a for n, a in given.items()}
    cotangent = to_tensor(dY).to(dtype)
    if not _runs(caller, low):
        return
    found = call_theirs(lambda: caller.find(low, cotangent, caller.floats))
    if isinstance(found, Failure) and name == "float32":
        return  # which is told as what is wrong
    if isinstance(found, Failure):
        yield f"backward fails in {name}, where forward runs: {found}"
        return
    exact = {n: to_array(a.to(torch.float64)) if n in caller.floats else a for n, a in low.items()}
    expected = _find_exact(caller, to_array(cotangent.to(torch.float64)), exact, float(torch.finfo(dtype).eps))
    for n, (gradient, allowed) in expected.items():
        size = float(np.max(np.abs(gradient), initial=0))
        if not np.isfinite(allowed) or not 0 < size < float(torch.finfo(dtype).max) / 10:
            continue
        off = float(np.max(np.abs(found[n] - gradient)))
        if not np.isfinite(off):
            yield f"in {name}{where}, d{n} is not finite: something overflows on the way"
        elif off > allowed and allowed < MOST_LOST * size:  # else float32 holds nothing there, which is no news
            share, explained = f"{off / size:.2g} of its largest entry", f"{allowed / size:.1g}"
            yield f"in {name}{where}, d{n} is off by {share}, rounding explains {explained}: {CURES.get(name, CURE)}"


def _runs(caller: Caller, low: Mapping[str, Any]) -> bool:
    """Whether forward runs in this precision, to finite numbers."""
    return call_theirs(lambda: bool(caller.run(low).Y.isfinite().all())) is True


def _find_exact(caller: Caller, dY: Array, exact: Mapping[str, Any], eps: float) -> dict[str, tuple[Array, float]]:
    """Return the gradients in float64, each with the error that is allowed."""
    rng, expected = generator(4), caller.find(exact, dY, caller.floats)
    others = [_find_moved(caller, dY, exact, eps, rng) for _ in range(DRAWS)]

    def allow(name: str, gradient: Array) -> float:
        moved = max(float(np.max(np.abs(other[name] - gradient), initial=0)) for other in others)
        return SAFETY * moved + 4 * eps * float(np.sqrt(gradient.size) * np.max(np.abs(gradient), initial=0))

    return {name: (gradient, allow(name, gradient)) for name, gradient in expected.items()}


def _find_moved(caller: Caller, dY: Array, exact: Mapping[str, Any], eps: float, rng: np.random.Generator) -> Arrays:
    """Return the gradients at inputs and a cotangent that are each moved by one rounding."""
    moved = {n: a * _near_one(a, eps, rng) if n in caller.floats else a for n, a in exact.items()}
    return caller.find(moved, dY * _near_one(dY, eps, rng), caller.floats)


def _near_one(a: Array, eps: float, rng: np.random.Generator) -> Array:
    return 1 + eps * rng.choice((-1.0, 1.0), np.shape(a))
