"""Every planted mistake is refused at its line, most are repaired, and no right derivation is refused.

The quick test takes twenty of them; `python -m tests.faults.derivations` prints the table of all.
"""

from functools import cache

import pytest

from chainrule.derive import prove

from .mutations import KINDS
from .planting import plant, right_derivations
from .run import judge_planted, table

PARTS = [0, *(pytest.param(number, marks=pytest.mark.slow) for number in range(1, 15))]


@cache
def planted():
    return [*plant(240, seed=0), *plant(60, seed=1)]


@pytest.mark.parametrize("part", PARTS)
def test_planted_mistakes_are_refused_named_and_repaired(part):
    outcomes = [judge_planted(mistake) for mistake in planted()[20 * part : 20 * (part + 1)]]
    text = table(outcomes)
    assert len(outcomes) == 20
    assert all(outcome.refused for outcome in outcomes), text
    assert all(outcome.named for outcome in outcomes), text
    assert sum(outcome.repaired for outcome in outcomes) >= 0.8 * len(outcomes), text


def test_mistakes_of_every_kind_are_planted():
    assert {mistake.kind for mistake in planted()} == set(KINDS)


def test_no_right_derivation_is_refused():
    texts = right_derivations()
    assert len(texts) >= 20
    assert [name for name, text in texts.items() if not prove(text).ok] == []
