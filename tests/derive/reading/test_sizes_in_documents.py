"""A mean may be written without bounds, `\\frac{1}{N} \\sum_i`: N is how far i runs, and that is told."""

import pytest

from chainrule.derive import prove_document

MEAN = r"$$\mu = \frac1N\sum_i x_i, \qquad \sigma^2 = \frac1N\sum_i (x_i-\mu)^2$$ "
LAYER = (
    r"Let $\mu_s = \frac{1}{D}\sum_d x_{sd}$, $\sigma_s^2 = \frac1D \sum_d (x_{sd}-\mu_s)^2$, "
    r"$\hat{x}_{sd} = (x_{sd}-\mu_s)/\sigma_s$, $y_{sd} = \gamma_d \hat x_{sd} + \beta_d$. "
)


@pytest.mark.parametrize(
    ("text", "right", "wrong"),
    [
        (MEAN, r"$$\frac{\partial \sigma^2}{\partial x_k} = @ (x_k - \mu)$$", (r"\frac2N", r"\frac2{N^2}")),
        (
            r"$$\mu = \frac1N\sum_i x_i, \qquad y_i = x_i - \mu$$ ",
            r"$$\frac{\partial L}{\partial x_k} = \frac{\partial L}{\partial y_k} - \frac1N\sum_j "
            r"\frac{\partial L}{\partial y_j} = \frac{\partial L}{\partial y_k} - @ \sum_i\sum_j "
            r"\frac{\partial L}{\partial y_j}$$",
            (r"\frac{1}{N^2}", r"\frac{1}{N}"),
        ),
        (
            LAYER,
            r"$$\frac{\partial L}{\partial x_{sd}} = \frac{1}{\sigma_s}\left( \gamma_d \frac{\partial L}{\partial "
            r"y_{sd}} - \frac1D\sum_{e}\gamma_e\frac{\partial L}{\partial y_{se}} - \hat x_{sd} @ \sum_e \gamma_e"
            r"\frac{\partial L}{\partial y_{se}}\hat x_{se}\right)$$",
            (r"\frac1D", r"\frac{1}{D^2}"),
        ),
    ],
)
def test_the_number_below_a_sum_is_a_size(text, right, wrong):
    follows = prove_document(text + right.replace("@", wrong[0]))
    assert follows.ok
    assert "is read as how far" in " ".join(note for each in follows.derivations for note in each.notes)
    assert not prove_document(text + right.replace("@", wrong[1])).ok


def test_a_square_matrix_between_others_has_equal_sides():
    text = r"Let $X \in \mathbb{R}^{n\times n}$. $$\frac{\partial\det(AXB)}{\partial X} = @$$"
    assert not prove_document(text.replace("@", r"\det(AXB)X^{-T}")).ok  # of a wide A it is another
    assert prove_document(text.replace("@", r"\det(AXB) A^T (AXB)^{-T} B^T")).ok


def test_what_a_derivative_is_taken_by_is_no_size():
    text = r"$$L = \frac1T \sum_i (w x_i)^2$$ $$\frac{\partial L}{\partial T} = @\frac{1}{T^2}\sum_i (w x_i)^2$$"
    assert prove_document(text.replace("@", "-")).ok
    assert not prove_document(text.replace("@", "")).ok
