"""Inequalities that are assumed, in a derivation and in the words of a document."""

import pytest

from chainrule.derive import prove, prove_document

TRIPLET = """forward
    L = max(0, sum[k]((a[k] - p[k])^2) - sum[k]((a[k] - n[k])^2) + m)
    assume {}
gradient da[k]
    = 2 * (n[k] - p[k])
"""
HINGE = r"""
$$L = \max(0, 1 - y\,w^Tx)$$
{}
$$\nabla_w L = -yx$$
"""


def test_what_an_assumption_decides_is_no_open_branch():
    assert prove(TRIPLET.format("L > 0")).ok


def test_an_assumption_that_does_not_decide_a_branch_proves_nothing():
    assert not prove(TRIPLET.format("m > 0")).ok


def test_a_wrong_line_is_refused_under_an_assumption():
    assert not prove(TRIPLET.format("L > 0").replace("= 2 *", "= 3 *")).ok


@pytest.mark.parametrize(
    "words", [r"If $y\,w^Tx < 1$:", "When the loss is positive,", "When the hinge is active, we have"]
)
def test_the_words_before_a_formula_may_say_when_it_holds(words):
    judged = prove_document(HINGE.format(words))
    assert judged.ok
    assert any("assumed, as the document says" in note for note in judged.derivations[0].notes)
    assert not prove_document(HINGE.format(words).replace("= -yx", "= yx")).ok


@pytest.mark.parametrize("words", ["Then", r"If $y\,w^Tx < 1$ this is $-yx$, and else 0:", r"For all $y$:"])
def test_other_words_assume_nothing(words):
    assert not prove_document(HINGE.format(words)).ok
