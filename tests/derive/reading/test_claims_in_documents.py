"""However a document says what a derivative is, it is judged; what can't be read is not passed over."""

import pytest

from chainrule.derive import prove_document

TEXT = "The loss is $L = \\sum_i x_i^2$.\n\n$$\\frac{\\partial L}{\\partial x_i} = 2x_i$$\n\n"
D = r"\frac{\partial L}{\partial x_i}"
WAYS = (
    rf"$$\boxed{{{D} = @ x_i}}$$",
    rf"$$\boxed{{\begin{{aligned}}{D} &= 2x_i \\ &= @x_i\end{{aligned}}}}$$",
    rf"$$\fbox{{${D} = @x_i$}}$$",
    rf"$$\text{{Hence }} {D} = @x_i$$",
    rf"$$\text{{Therefore, we get}}\quad {D} = @x_i.$$",
    rf"$${D} = 2x_i \quad\text{{and hence}}\quad {D} = @ x_i$$",
    rf"$${D} = 2x_i \implies {D} = @ x_i$$",
    rf"$${D} = 2x_i \Rightarrow @x_i$$",
    rf"$$g_i = {D} = @x_i$$",
    rf"$$g_i := @x_i = {D}$$",
    rf"$$\begin{{aligned}}g_i &= {D} \\ &= @x_i\end{{aligned}}$$",
    rf"$$@x_i = {D}$$",
    r"$$\mathrm{d}L/\mathrm{d}x_i = @x_i$$",
    r"so that $dL/dx_i = @x_i$",
    r"$$\partial_{x_i} L = @x_i$$",
    r"$$\nabla L(x) = @x$$",
    r"$$[\nabla L]_i = @x_i$$",
)
UNREAD = (r"$$L'(x) = 3x$$",)


@pytest.mark.parametrize("way", WAYS)
def test_a_claim_is_judged_however_it_is_set(way):
    right = prove_document(TEXT + way.replace("@", "2"))
    wrong = prove_document(TEXT + way.replace("@", "3"))
    assert right.ok
    assert not right.unread
    assert not wrong.ok
    rows = [row for derivation in wrong.derivations for row in derivation.rows]
    assert [row.sign for row in rows].count("✗") == 1


@pytest.mark.parametrize("row", UNREAD)
def test_a_document_is_not_passed_where_a_claim_is_unread(row):
    judged = prove_document(TEXT + row)
    assert not judged.ok
    assert all(derivation.ok for derivation in judged.derivations)


def test_conditions_and_definitions_beside_a_derivative_are_no_claims():
    text = r"""Let $p_i = \frac{e^{z_i}}{\sum_k e^{z_k}}$.
$$\frac{\partial p_i}{\partial z_j} = p_i (1 - p_j) \quad \text{if } i = j$$
$$\frac{\partial p_i}{\partial z_j} = -p_i p_j \quad \text{if } i \neq j$$"""
    assert not prove_document(text.replace("-p_i p_j", "p_i p_j")).ok
