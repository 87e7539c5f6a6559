import math

import pytest

from chainrule import optim


def test_constant_stays():
    assert {optim.constant(0.3)(step) for step in range(5)} == {0.3}


def test_step_decay_takes_a_tenth_at_each_interval():
    rate = optim.step_decay(1.0, 2)
    assert [rate(step) for step in range(5)] == pytest.approx([1, 1, 0.1, 0.1, 0.01])


def test_cosine_starts_at_the_rate_and_ends_at_the_minimum():
    rate = optim.cosine(1.0, 10, minimum=0.2)
    assert rate(0) == pytest.approx(1.0)
    assert rate(5) == pytest.approx(0.6)
    assert rate(10) == rate(11) == pytest.approx(0.2)


def test_one_cycle_rises_to_its_rate_then_falls_to_almost_nothing():
    rates = [optim.one_cycle(1.0, 101, rise=0.3)(step) for step in range(101)]
    assert rates[0] == pytest.approx(1 / 25)
    assert max(rates) == pytest.approx(1.0, rel=1e-2)
    assert 28 <= rates.index(max(rates)) <= 30
    assert rates[-1] == pytest.approx(1 / 25 / 1e4)


@pytest.mark.parametrize("name", ["constant", "step", "cosine", "one-cycle", "linear", "triangular"])
@pytest.mark.parametrize("steps", [1, 2, 3, 4, 1000])
def test_every_schedule_is_finite_and_positive_on_runs_of_any_length(name, steps):
    rate = optim.schedule(name, 0.5, steps)
    assert all(math.isfinite(rate(step)) and 0 < rate(step) <= 0.5 + 1e-12 for step in range(steps))


def test_unknown_schedule_is_refused_with_those_there_are():
    with pytest.raises(ValueError, match=r"'exponential'.*constant, step, cosine, one-cycle"):
        optim.schedule("exponential", 0.1, 10)
