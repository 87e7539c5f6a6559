"""Whole documents: every derivation is found under its heading, and judged at the right row."""

import xml.etree.ElementTree as ElementTree
from functools import cache
from pathlib import Path

import pytest

from chainrule.catalogue import find_program
from chainrule.derive import read_program
from chainrule.derive.language.expressions import Neg, Ref
from chainrule.derive.language.subscripts import Affine
from chainrule.derive.reading import prove_document
from chainrule.derive.reading.matrices import Entry, Hadamard, Listing, Norm, Transposed
from chainrule.derive.render.judgement import judgement_dict, judgement_page, judgement_rows
from chainrule.derive.render.latex import latex
from chainrule.derive.render.mathml import mathml
from chainrule.errors import UserError

REPORTS = Path(__file__).parents[3] / "examples" / "reports"
LAYER_NORM = (
    "(dY[r,i] * gamma[i] - mean[j](dY[r,j] * gamma[j]) - Xhat[r,i] * mean[j](dY[r,j] * gamma[j] * Xhat[r,j])) / "
    "sqrt(var[r] + eps)"
)


@cache
def judged_report(name):
    path = REPORTS / name
    return prove_document(path.read_text(encoding="utf-8"), path.suffix, "", find_program)


def answer(name):
    return judgement_dict(judged_report(name))


def wrong_row(judged):
    return judged["rows"][judged["row"] - 1]["latex"] if judged["row"] else ""


@pytest.fixture(scope="module")
def practical():
    return answer("practical.md")["derivations"]


def test_the_practical_has_nine_derivations_under_their_headings(practical):
    titles = [judged["title"].split(" · ")[0] for judged in practical]
    layers = ["Linear layer"] * 3 + ["Activation", "Softmax", "Cross-entropy"] + ["Layer normalisation"] * 3
    assert titles == layers
    gradients = ["dW[i,j]", "dX[i,j]", "dB[i,j]", "dX[i,j]", "dX[m,n]", "dX[i,j]", "dr[i]", "dbeta[i]", "dX[r,i]"]
    assert [judged["gradient"] for judged in practical] == gradients


def test_four_derivations_of_the_practical_follow(practical):
    assert [judged["ok"] for judged in practical] == [True, True, False, False, False, True, False, True, False]


@pytest.mark.parametrize(
    ("number", "row", "repair"),
    [
        (2, r"\frac{\partial L}{\partial B} &= \left[", "sum[i](dY[i,j])"),
        (3, r"\Rightarrow \frac{\partial L}{\partial X}", "dY[i,j] * d(h(X[i,j]))/d(X[i,j])"),
        (4, r"[ \frac{\partial L}{\partial X} \right]_{mn}", "sum[j](dY[m,j] * Y[m,n] * (delta[n,j] - Y[m,j]))"),
        (6, r"= \sum_s \frac{\partial L}{\partial Y_{sj}} \cdot 1", "sum[s](dY[s,i] * 1 * Xhat[s,i])"),
        (8, r"[ \frac{\partial L}{\partial X} \right]_{ri} &= \sum_{sj} \frac{\partial L}", LAYER_NORM),
    ],
)  # fmt: skip
def test_a_wrong_row_of_the_practical_is_named_and_repaired(practical, number, row, repair):
    assert wrong_row(practical[number]).startswith(row)
    assert practical[number]["repair"] == repair


def test_a_part_with_a_name_is_judged_where_it_stands(practical):
    parts = [
        (row["follows"], row["reason"] if not row["follows"] else "") for row in practical[8]["rows"] if row["part"]
    ]
    assert [follows for follows, _ in parts] == [True, False, False]
    assert "treats var as a constant" in parts[1][1]


@pytest.mark.parametrize(
    ("name", "answers"),
    [
        ("losses.md", [("dY[s,k]", "2 / S * (Y[s,k] - T[s,k])"), ("dX[s,i]", "dY[s,i] * Y[s,i] * (1 - Y[s,i])"),
                       ("dZ[s,k]", None),
                       ("dX[s,i]", "where(X[s,i] > 0, dY[s,i], dY[s,i] * where(X[s,i] > 0, 1, a) + 0)")]),
        ("normalisation.tex", [("dX[s,i]", "1 / R[s] * (dY[s,i] - Y[s,i] * mean[j](dY[s,j] * Y[s,j]))"),
                               ("dW[n,m]", "sum[k](X[k,m] * dY[k,n])"), ("dX[s,i]", None)]),
        ("regression.ipynb", [("dw[m]", "2 * sum[s](R[s] * X[s,m]) + 2 * c * w[m]"), ("dX", None),
                              ("dW", "sum[l](dY[l,i] * X[l,j])"), ("dA[s,i]", None),
                              ("dB[s,i]", "dY[s,i] * (tanh(A[s,i]) - Y[s,i]) * sigmoid(B[s,i])")]),
    ],
)  # fmt: skip
def test_mistakes_in_other_documents_are_repaired(name, answers):
    found = answer(name)["derivations"]
    assert [(judged["gradient"], judged["repair"]) for judged in found] == answers
    assert [judged["ok"] for judged in found] == [repair is None for _, repair in answers]


FORWARDLESS = r"$$\frac{\partial L}{\partial W_{ij}} = \sum_m \frac{\partial L}{\partial Y_{mi}} X_{mj}$$"


def test_a_derivation_without_a_forward_asks_for_it_and_takes_it():
    (judged,) = prove_document(FORWARDLESS).derivations
    assert not judged.ok
    assert "--forward" in judged.problem
    for forward in ("Y[s,n] = sum[m](X[s,m] * W[n,m])", r"Y_{sn} = \sum_m X_{sm} W_{nm}", "$$Y_{sn} = (X W^T)_{sn}$$"):
        assert prove_document(FORWARDLESS, forward=read_program(forward)).ok


def test_the_heading_names_a_layer_whose_forward_is_known():
    text = "# Gradient of the ReLU\n\n" + r"$$\frac{\partial L}{\partial X_{si}} = 0$$"
    (judged,) = prove_document(text, known=find_program).derivations
    assert judged.rows[0].sign in "✗?"
    assert find_program("The derivative of softmax").output == "Y"
    assert find_program("Exercise 3") is None


def test_a_row_that_cannot_be_read_is_quoted_and_the_rest_judged():
    text = r"""$$Y_{ij} = X_{ij}^2$$
$$\begin{aligned} \frac{\partial L}{\partial X_{ij}} &= 2 X_{ij} \frac{\partial L}{\partial Y_{ij}} \\
&= \oint X_{ij} \\ &= 2 \frac{\partial L}{\partial Y_{ij}} X_{ij} \end{aligned}$$"""
    (judged,) = prove_document(text).derivations
    assert [row.sign for row in judged.rows] == ["✓", "?", "✓"]
    assert "oint" in judged.rows[1].problem
    assert not judged.ok  # what was not read is not certain


def test_a_letter_that_is_index_and_number_is_told():
    text = r"$$Y_{i} = X_{i}^2$$ $$\frac{\partial L}{\partial X_i} = 2 i \frac{\partial L}{\partial Y_i}$$"
    (judged,) = prove_document(text).derivations
    assert "index and a number" in judged.rows[0].problem


def test_the_answer_is_rows_and_a_page():
    document = judged_report("losses.md")
    rows = list(judgement_rows(document))
    assert rows[-1] == ("1 of 4 derivations follow.", "wrong")
    assert any("LaTeX: \\frac{2}{S}" in text for text, _ in rows)
    page = judgement_page(document, "losses")
    assert page.count("<math") >= 10
    assert "\\frac{2}{S}" in page
    assert "✗" in page


@pytest.mark.parametrize("name", sorted(path.name for path in REPORTS.iterdir()))
def test_every_report_is_a_page_that_shows_each_row_as_formulas(name):
    document = judged_report(name)
    page = judgement_page(document, name)
    assert page.count('class="told') == sum(len(judged.rows) for judged in document.derivations)


def test_what_documents_alone_have_is_written_in_both_languages_of_pages():
    """X^T, [X^T]_{ij}, A ⊙ B, a norm and a listed row."""
    x, at = Ref("X", ()), (Affine.of("i"), Affine.of("j"))
    nodes = [Transposed(x), Entry(Transposed(x), at), Hadamard(x, Neg(x)), Norm(x, "F"), Listing((x, x))]
    assert [latex(node) for node in nodes] == [
        r"X^\top",
        r"(X^\top)_{i,j}",
        r"X\odot (-X)",
        r"\lVert X\rVert_F",
        r"[X\; X\; \dots]",
    ]
    for node in nodes:
        assert "X" in ElementTree.fromstring(f"<math>{mathml(node)}</math>").itertext()


def test_no_derivation_is_one_sentence():
    with pytest.raises(UserError, match="no derivation"):
        prove_document("# Words\n\n$$a = b$$")
