"""Inputs as they are made up from names, and changed where a forward asks for others."""

import numpy as np

from chainrule.check.files.inputs import make_positive


def test_a_number_that_is_an_array_stays_one_where_it_is_made_positive():
    drawn = make_positive({"x": np.array([-1.0, 2.0]), "w": np.array(-3.0)}, {})
    assert all(isinstance(value, np.ndarray) and np.all(value > 0) for value in drawn.values())
