"""Every planted mistake is refused at its line, most are repaired, and no right derivation is refused.

The quick test takes a quarter of the mistakes; `python -m tests.faults.derivations` prints the table of all.
"""

import pytest

from chainrule.derive import prove

from .planting import right_derivations
from .run import run, table


def assert_rates(outcomes):
    text = table(outcomes)
    assert all(outcome.refused for outcome in outcomes), text
    assert all(outcome.named for outcome in outcomes), text
    assert sum(outcome.repaired for outcome in outcomes) >= 0.8 * len(outcomes), text


def test_planted_mistakes_are_refused_named_and_repaired():
    outcomes = run(60, seed=1)
    assert len(outcomes) == 60
    assert_rates(outcomes)


@pytest.mark.slow
def test_all_planted_mistakes_are_refused_named_and_repaired():
    outcomes = run(240, seed=0)
    assert len(outcomes) == 240
    assert len({outcome.planted.kind for outcome in outcomes}) >= 15
    assert_rates(outcomes)


def test_no_right_derivation_is_refused():
    texts = right_derivations()
    assert len(texts) >= 20
    assert [name for name, text in texts.items() if not prove(text).ok] == []
