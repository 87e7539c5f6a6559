"""What may be a number or a size is told as either, where nothing but one size can be run."""

import numpy as np

from chainrule.check import check_backward

X = np.random.default_rng(3).normal(size=(4, 3))


def refuse_other_sizes(x):
    if x.shape != X.shape:
        raise ValueError("made for one size")
    return x * x


def test_at_one_size_alone_a_2_may_be_a_root_of_4():
    row = check_backward(refuse_other_sizes, lambda dY, x: 4 * x * dY, {"x": X}).rows[0]
    assert "times 2, or " in row.cause
    assert "could not be run to tell" in row.cause
    assert row.repair == "Take away what gives dx this factor."


def test_where_other_sizes_run_a_2_is_a_2():
    row = check_backward(lambda x: x * x, lambda dY, x: 4 * x * dY, {"x": X}).rows[0]
    assert row.cause.startswith("dx is the right gradient times 2.")


def test_a_quotient_of_sizes_is_taken_away_by_their_names():
    row = check_backward(lambda x: x * x, lambda dY, x: 2 * x * dY * x.shape[0] / x.shape[1], {"x": X}).rows[0]
    assert "4/3, where 4 is the number of rows of Y and 3 is the size of axis 1 of Y" in row.cause
    assert row.repair.startswith("Multiply dx by 3/4, where 3 is the size of axis 1 of Y and 4 is")
