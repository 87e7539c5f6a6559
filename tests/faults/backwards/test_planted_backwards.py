"""Planted mistakes are explained and named; right backwards are not blamed. `make faults` prints the table of all."""

import numpy as np
import pytest

from chainrule.check.diagnosis import diagnose

from . import specimens
from .planting import load_specimen, plant
from .run import bench, false_alarms, make_problem, table


def assert_rates(outcomes, named):
    text = table(outcomes)
    assert all(outcome.found for outcome in outcomes), text
    assert sum(outcome.named for outcome in outcomes) >= named * len(outcomes), text


def test_planted_mistakes_are_found_and_named():
    outcomes = bench(80, seed=1)
    assert len({outcome.planted.kind for outcome in outcomes}) >= 25
    assert_rates(outcomes, named=0.85)


@pytest.mark.slow
def test_all_planted_mistakes_are_found_and_named():
    outcomes = bench(400, seed=0)
    assert len(outcomes) == 400
    assert len({outcome.planted.specimen.name for outcome in outcomes}) >= 15
    assert_rates(outcomes, named=0.9)


def test_the_same_seed_plants_the_same_mistakes():
    first, again = (plant(60, seed=3) for _ in range(2))
    assert [(p.specimen.name, p.kind, p.name, p.text) for p in first] == [
        (p.specimen.name, p.kind, p.name, p.text) for p in again
    ]


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
    for seed in range(5):
        specimen = load_specimen(name, seed)
        for key in specimen.backward(specimen.dY, **specimen.inputs):
            assert diagnose(make_problem(specimen, specimen.backward, key)) is None


def test_right_backwards_raise_no_alarm():
    count, alarms = false_alarms()
    assert count >= 200
    assert not alarms, "\n".join(alarms)
