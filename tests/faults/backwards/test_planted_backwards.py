"""Planted mistakes are found and named in every style; right backwards raise no alarm. `make faults` plants more."""

from collections import Counter

import numpy as np
import pytest

from chainrule.check.diagnosis.search import diagnose
from chainrule.check.model.problem import Problem

from . import specimens
from .planting import load_specimen, plant
from .run import AVAILABLE, bench, false_alarms, table

NUMPY = tuple(style for style in AVAILABLE if style != "function")


@pytest.mark.slow
def test_planted_mistakes_are_found_and_named():
    outcomes = bench(38, seed=1, styles=AVAILABLE)
    assert len({outcome.planted.kind for outcome in outcomes}) == 38
    assert {outcome.planted.style for outcome in outcomes} == set(AVAILABLE)
    assert all(outcome.found for outcome in outcomes), table(outcomes)
    assert sum(outcome.named for outcome in outcomes) >= 0.9 * len(outcomes), table(outcomes)


@pytest.mark.slow
def test_right_backwards_raise_no_alarm():
    count, alarms = false_alarms(seeds=(1,))
    assert set(count.values()) == {len(specimens.NAMES)}
    assert not alarms, "\n".join(line for same in alarms.values() for line in same)


def test_the_same_seed_plants_the_same_mistakes():
    first, again = (plant(40, seed=3, styles=NUMPY) for _ in range(2))
    assert [(p.kind, p.name, p.text) for p in first] == [(p.kind, p.name, p.text) for p in again]


def test_every_kind_is_planted_in_every_style_in_turn():
    planted = plant(190, seed=2, styles=NUMPY)
    assert set(Counter(p.style for p in planted)) == set(NUMPY)
    assert len({p.specimen.name for p in planted}) >= 15


@pytest.mark.parametrize("name", specimens.NAMES)
def test_specimen_is_right_by_central_differences(name):
    specimen = load_specimen(name, seed=4)
    rng = np.random.default_rng(1)
    grads = specimen.backward(specimen.dY, **specimen.inputs)
    for key, gradient in grads.items():
        V = rng.normal(size=specimen.inputs[key].shape)

        def value(step, key=key, V=V):
            return np.sum(specimen.dY * specimen.forward(**{**specimen.inputs, key: specimen.inputs[key] + step * V}))

        assert np.sum(gradient * V) == pytest.approx((value(1e-5) - value(-1e-5)) / 2e-5, rel=1e-6, abs=1e-7)


@pytest.mark.parametrize("name", specimens.NAMES)
def test_right_backward_is_not_blamed(name):
    for seed in range(3):
        specimen = load_specimen(name, seed)
        right = specimen.backward(specimen.dY, **specimen.inputs)
        for key in right:
            problem = Problem(
                key, specimen.forward, specimen.inputs, specimen.dY, right, right, 1e-11, specimen.backward
            )  # fmt: skip
            assert diagnose(problem) is None
