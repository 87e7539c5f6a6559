"""Averages of weights along a run, on paper."""

import numpy as np
import pytest

from chainrule import optim


def follow(make, values):
    """The averages after each of these values of one weight."""
    weight = {"p": np.array([0.0])}
    average = make(weight)
    found = []
    for value in values:
        weight["p"][...] = value
        average.update()
        average.exchange()
        found.append(float(weight["p"][0]))
        average.exchange()
        assert average.begun is False or weight["p"][0] == value
    return found


def test_the_tail_is_the_plain_mean_of_its_steps_and_before_it_there_is_none():
    assert follow(lambda w: optim.TailAverage(w, 5, 0.5), [1, 2, 3, 5, 10]) == pytest.approx([1, 2, 3, 4, 6])


def test_a_tail_of_less_than_a_step_is_the_last_one():
    assert follow(lambda w: optim.TailAverage(w, 4, 0.01), [1, 2, 3, 9]) == [1, 2, 3, 9]


def test_the_exponential_average_is_a_true_mean_from_the_first_step():
    found = follow(lambda w: optim.ExponentialAverage(w, 0.5), [4, 1, 7])
    assert found == pytest.approx([4, (1 + 0.5 * 4) / 1.5, (7 + 0.5 * 1 + 0.25 * 4) / 1.75])


def test_looking_ahead_goes_half_the_way_back_at_the_end_of_each_interval():
    weight = {"p": np.array([0.0])}
    average, seen = optim.Lookahead(weight, 2), []
    for _ in range(4):
        weight["p"] += 1
        average.update()
        seen.append(float(weight["p"][0]))
    assert seen == [1, 1, 2, 2]


def test_an_average_goes_on_from_what_it_was():
    rng, weight = np.random.default_rng(0), {"p": np.zeros(3)}
    once = optim.ExponentialAverage(weight, 0.9)
    for step in range(6):
        weight["p"][...] = rng.normal(size=3)
        once.update()
        if step == 2:
            again = optim.ExponentialAverage(weight, 0.9)
            again.load(once.means, once.steps)
        elif step > 2:
            again.update()
    np.testing.assert_array_equal(once.means["p"], again.means["p"])
    with pytest.raises(KeyError, match="missing or unknown"):
        again.load({"q": np.zeros(3)}, 1)


@pytest.mark.parametrize(
    ("make", "what"),
    [
        (lambda w: optim.TailAverage(w, 5, 0.0), "share is 0.0"),
        (lambda w: optim.ExponentialAverage(w, 1.0), "decay is 1.0"),
        (lambda w: optim.Lookahead(w, 0), "interval is 0"),
        (lambda w: optim.Lookahead(w, 2, 1.5), "alpha is 1.5"),
    ],
)
def test_wrong_settings_are_refused(make, what):
    with pytest.raises(ValueError, match=what):
        make({"p": np.zeros(2)})
