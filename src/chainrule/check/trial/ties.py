"""Inputs with equal entries, as the zeros behind a ReLU are: a largest one of several is to be counted once.

Where tied entries move together they stay tied, and a maximum over them has a slope, whichever it is taken from.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import numpy as np

from chainrule.check.model.failure import Failure, call_theirs
from chainrule.check.model.problem import Arrays
from chainrule.check.model.target import Target, generator
from chainrule.check.model.tolerance import SAFETY
from chainrule.check.trial.inputs import are_probabilities, output_at
from chainrule.check.trial.true_gradients import Truth

LEVELS = (-0.7, 0.4, 1.3)  # none of them 0, where others have a kink
PICKS = re.compile(r"\.(?:a?max|max_pool\w*|a?min|sort|topk|median|nanmax|maximum|partition)\(")
GROSS = 0.01  # of the slope
SAID = (
    "where entries of {0} are equal, d{0} counts some more than once: of several that are the largest, such as the "
    "zeros behind a ReLU, one alone should get dY, or each a share (PyTorch's pooling takes the first)"
)


def find_ties(target: Target, inputs: Arrays, names: Sequence[str]) -> Iterator[str]:
    """Yield a sentence for each input whose gradient is wrong where its entries are equal and move together."""
    rng = generator(17)
    for name in names if target.source and PICKS.search(target.source.text) else ():
        X = inputs[name]
        if X.size < 2 * len(LEVELS) or are_probabilities(X):
            continue
        levels = rng.integers(0, len(LEVELS), X.shape)
        at = {**inputs, name: np.array(LEVELS)[levels]}
        Y = output_at(target, at)
        if Y is None:
            continue
        dY = target.draw_cotangent(Y, rng)
        found = call_theirs(lambda at=at, dY=dY: target.gradients(dY, at))  # type: ignore[misc]
        gradient = None if isinstance(found, Failure) else found.get(name)
        if gradient is None or gradient.shape != X.shape or not np.isfinite(gradient).all():
            continue
        direction = rng.normal(size=len(LEVELS))[levels]
        truth = Truth(target, at, dY, [name], Y)
        slope = truth.near_slope(name, direction)
        promised = float(np.sum(gradient * direction))
        size = max(abs(promised), abs(slope.value), GROSS * float(np.linalg.norm(gradient * direction)))
        is_off = abs(promised - slope.value) > GROSS * size + SAFETY * slope.error
        if is_off and not truth.has_kink_along(name, direction):
            yield SAID.format(name)
