"""Planted mistakes are found and named in every style; right backwards raise no alarm. `make faults` plants more."""

import importlib.util
import re
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from chainrule.check.diagnosis.search import diagnose
from chainrule.check.model.problem import Problem

from . import specimens
from .page import NUMPY, judge_shown, make_page
from .planting import load_specimen, plant
from .run import bench, false_alarms, table

SCRIPT = Path(__file__).parents[3] / "scripts" / "make_docs.py"


@pytest.mark.slow
def test_planted_mistakes_are_found_and_named_as_their_page_shows():
    outcomes = judge_shown()
    assert {outcome.planted.style for outcome in outcomes} == set(NUMPY)
    assert all(outcome.found for outcome in outcomes), table(outcomes)
    assert sum(outcome.named for outcome in outcomes) >= 0.9 * len(outcomes), table(outcomes)
    page = make_page(outcomes)
    assert len(re.findall(r'<h2 id="[a-zA-Z-]+">', page)) == page.count("<blockquote><p>") == 38
    spec = importlib.util.spec_from_file_location("make_docs", SCRIPT)
    make_docs = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(make_docs)
    assert make_docs.find_stale({"index.html": page}, make_docs.FAULTS) == [], "run python scripts/make_docs.py"


@pytest.mark.torch
@pytest.mark.slow
def test_planted_mistakes_are_found_and_named_in_pytorchs_functions():
    outcomes = bench(2, seed=1, styles=("function",))
    assert all(outcome.found for outcome in outcomes), table(outcomes)
    assert all(outcome.named for outcome in outcomes), table(outcomes)


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
