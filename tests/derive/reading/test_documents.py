"""Documents: formulas with their headings and places."""

import json

import pytest

from chainrule.derive.reading.documents import has_code_blocks, has_latex, read_formulas
from chainrule.errors import UserError


def places(text, suffix=".md"):
    return [(f.latex.strip(), f.line, f.heading, f.label) for f in read_formulas(text, suffix)]


def test_markdown_formulas_have_heading_label_and_line():
    text = "# One\n\nwords\n\n$$a = b$$\n\n## Two\n\ncase 1\n\n\\[\nc = d\n\\]\n"
    assert places(text) == [("a = b", 5, "One", "words"), ("c = d", 11, "Two", "case 1")]


def test_formulas_in_code_are_no_formulas_but_math_fences_are():
    text = "```python\n$$a = b$$\n```\n\n```math\nc = d\n```\n"
    assert [latex for latex, *_ in places(text)] == ["c = d"]


def test_a_paper_is_read_from_its_document_on_without_comments():
    text = "\\newcommand{\\x}{$$no$$}\n\\begin{document}\n\\section{S}\n"
    text += "\\begin{align}\na &= b % c\n\\end{align}\n\\end{document}"
    assert places(text, ".tex") == [("a &= b", 4, "S", "")]


def test_a_notebook_is_read_by_its_markdown_cells():
    cells = [
        {"cell_type": "markdown", "source": ["# H\n", "text\n"]},
        {"cell_type": "code", "source": ["x = 1"]},
        {"cell_type": "markdown", "source": ["$$a = b$$"]},
    ]
    (formula,) = read_formulas(json.dumps({"cells": cells}), ".ipynb")
    assert (formula.cell, formula.line, formula.heading) == (3, 1, "H")


@pytest.mark.parametrize("text", ["", "[]", "{", '{"cells": 3}', '{"cells": [1]}'])
def test_a_broken_notebook_is_one_sentence(text):
    with pytest.raises(UserError, match="no notebook"):
        read_formulas(text, ".ipynb")


def test_latex_is_told_from_the_language():
    assert has_latex(r"Y_{ij} = \sum_k X_{ik}")
    assert not has_latex("forward\n    Y[i] = exp(X[i])")
    assert has_code_blocks("# T\n\n```chainrule\nforward\n    Y[i] = X[i]\ngradient dX[i]\n    = dY[i]\n```\n")
    assert not has_code_blocks("# T\n\n$$a = b$$\n")
