"""Planted mistakes in LaTeX and matrix notation are refused at their row, most are repaired; no right one is refused.

The quick test takes a few; `python -m tests.faults.derivations --latex 240` and `--matrix 240` print the tables.
"""

import pytest

from chainrule.derive import prove, prove_document

from .notations import in_latex, in_matrices, run_in, writes_names_apart
from .planting import right_derivations
from .run import table


@pytest.mark.parametrize("notation", ["--latex", "--matrix"])
def test_mistakes_are_refused_at_their_row_and_repaired(notation):
    outcomes = run_in(notation, 6, seed=5)
    text = table(outcomes)
    assert len(outcomes) == 6
    assert all(outcome.refused and outcome.named for outcome in outcomes), text
    assert sum(outcome.repaired for outcome in outcomes) >= 5, text


def test_no_right_derivation_in_latex_is_refused():
    texts = {name: in_latex(text) for name, text in right_derivations().items() if writes_names_apart(text)}
    assert len(texts) >= 20
    assert [name for name, text in texts.items() if not prove_document(text.source, forward=text.forward).ok] == []


def test_no_right_derivation_in_matrix_notation_is_refused():
    texts = {name: text for name, right in right_derivations().items() if (text := in_matrices(right))}
    assert len(texts) >= 20
    assert [name for name, text in texts.items() if not prove(text.source, repairs=False).ok] == []
