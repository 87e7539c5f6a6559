"""No wrong gradient of a program with comparisons is passed, in whichever branch it is wrong, and no right one refused.

`python -m tests.faults.derivations --branches` judges six hundred, `--pointed` all those that were thought up.
"""

import random

from .branches import draw_pairs, list_misjudged
from .pointed import list_pairs


def test_wrong_gradients_are_refused_in_every_branch_and_right_ones_follow():
    pairs = random.Random(0).sample(draw_pairs(0, 600), 24)
    assert {right for _, right in pairs} == {True, False}
    assert list_misjudged(pairs) == []


def test_of_pointed_mistakes_none_is_passed():
    pairs = random.Random(1).sample(list(list_pairs()), 16)
    assert {right for _, right in pairs} == {True, False}
    assert list_misjudged(pairs) == []
