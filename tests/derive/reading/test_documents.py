"""Documents: formulas with their headings and places."""

import json

import pytest

from chainrule.derive import prove_document
from chainrule.derive.reading.documents import has_code_blocks, has_latex, read_formulas
from chainrule.derive.render.judgement import judgement_page
from chainrule.errors import UserError


def places(text, suffix=".md"):
    return [(f.latex.strip(), f.line, f.heading, f.label) for f in read_formulas(text, suffix)]


def test_markdown_formulas_have_heading_label_and_line():
    text = "# One\n\nwords\n\n$$a = b$$\n\n## Two\n\ncase 1\n\n\\[\nc = d\n\\]\n"
    assert places(text) == [("a = b", 5, "One", "words"), ("c = d", 11, "Two", "case 1")]


def test_a_price_is_no_formula_and_a_formula_may_run_over_the_end_of_a_line():
    text = "For $5 or $6 a query we take $y\n= 2x$, or \\(z\n= 3x\\), at $7 each.\n\n$3x = 1$."
    assert [each.latex for each in read_formulas(text)] == ["y\n= 2x", "z\n= 3x", "3x = 1"]


def test_formulas_in_code_are_no_formulas_but_math_fences_are():
    text = "```python\n$$a = b$$\n```\n\n```math\nc = d\n```\n"
    assert [latex for latex, *_ in places(text)] == ["c = d"]


def test_a_paper_is_read_from_its_document_on_without_comments():
    text = "\\newcommand{\\x}{$$no$$}\n\\begin{document}\n\\section{S}\n"
    text += "\\begin{align}\na &= b % c\n\\end{align}\n\\end{document}"
    assert places(text, ".tex") == [("a &= b", 4, "S", "")]


def test_formulas_that_are_typed_without_latex_are_spelled_in_it():
    text = (
        """# One\n\nForward pass:\n\n    z₁ = W₁ x + b_out  # scores\n    L = ½‖z₁ − ŷ‖²\n\nThen\n\n∂L/∂z₁ = z₁ − ŷ\n"""
    )
    assert has_latex(text)
    assert places(text) == [
        ("z_{1} = W_{1} x + b_{\\mathrm{out}}\\\\\nL = \\frac{1}{2}‖z_{1} − \\hat{y}‖^{2}", 5, "One", "Forward pass:"),
        ("∂L/∂z_{1} = z_{1} − \\hat{y}", 10, "One", "Then"),
    ]


def test_words_behind_a_typed_claim_are_no_part_of_it():
    text = "dL/dz = p − y\n      = p + y because the rest cancels\nso the answer = 42 is told\n"
    assert [latex for latex, *_ in places(text)] == ["dL/dz = p − y\\\\\n= p + y"]


@pytest.mark.parametrize(
    "text", ["```python\ndL/dw = 2 * x\n```\n", "forward\n    Y[i] = X[i]\n∂L/∂X[i] = dY[i]\n", "a = b"]
)
def test_code_and_derivations_in_the_language_are_no_typed_formulas(text):
    assert not has_latex(text)


@pytest.mark.parametrize(
    ("before", "latex", "spelled"),
    [
        ("$L = \\|Xw - y\\|^2$ with respect to $X$:", r"\nabla L = 0", r"\nabla_{X} L = 0"),
        ("$L = \\|Xw - y\\|^2$", r"\nabla L = 0", r"\nabla_{w} L = 0"),
        ("$L = a$", r"\nabla L(b) = 0", r"\nabla_{b} L = 0"),
        ("$f(x) = a$", r"\nabla f(x) = 0", r"\nabla f(x) = 0"),
        ("$x(t) = a$", r"\dot x(t) = \ddot{x}", r"\frac{dx}{dt} = \frac{d^2 x}{dt^2}"),
        ("$y = a$", r"\dot x = a", r"\dot x = a"),
        ("$S = (y - Xb)'(y - Xb)$", r"X'y = F'(x)F(x)", r"X^\top y = F'(x)F(x)"),
        ("$f(x) = a$", r"f'(x) = b'", r"f'(x) = b'"),
    ],
)
def test_what_a_derivative_is_by_and_what_a_prime_means_is_spelled_out(before, latex, spelled):
    assert places(f"{before}\n\n$${latex}$$")[-1][0] == spelled


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


def test_a_row_is_told_with_the_matrix_that_the_person_wrote():
    text = "$L = \\sum_i (w^T x_i - y_i)^2$\n\n$$\\frac{\\partial L}{\\partial w} = X^T(Xw - y)$$\n"
    [row] = prove_document(text).derivations[0].rows
    page = judgement_page(prove_document(text), "regression")
    assert "2 Xᵀ (X w - y)" in page
    assert r"X^\top" in page
    assert row.readings == ["Xᵀ (X w - y)"]
    assert row.repair == "2 Xᵀ (X w - y)"
    assert "X" in row.row.segments[0].expr.names
