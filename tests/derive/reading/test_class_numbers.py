"""A class number in a document, as the y of `L = -log p_y`: right rows follow, and wrong ones at the class do not."""

import pytest

from chainrule.derive import prove, prove_document, read_program

SOFTMAX = r"$$p_k = \frac{e^{z_k}}{\sum_j e^{z_j}}, \quad L = -\log p_y$$ $$\frac{\partial L}{\partial z_k} = @$$"
DIRECT = r"$$L = -z_y + \log \sum_j e^{z_j}$$ $$\frac{\partial L}{\partial z_k} = @$$"
HINGE = r"$$L = \sum_{j \ne y} \max(0, s_j - s_y + 1)$$ $$\frac{\partial L}{\partial s_k} = @$$"
FOCAL = SOFTMAX.replace(r"-\log p_y", r"-(1 - p_y)^2 \log p_y")
OTHER_LETTER = r"$$p_i = \frac{e^{o_i}}{\sum_j e^{o_j}}, L = -\log p_c$$ $$\frac{\partial L}{\partial o_i} = @$$"
LAYER = r"$$z_k = \sum_d W_{kd} x_d$$ " + SOFTMAX.replace("partial z_k", "partial W_{kd}")
EMBEDDED = (
    r"$$J = -\sum_d u_{od} v_d + \log \sum_w \exp(\sum_d u_{wd} v_d)$$ $$\frac{\partial J}{\partial v_d} = "
    r"@ + \frac{\sum_w \exp(\sum_e u_{we} v_e) u_{wd}}{\sum_w \exp(\sum_e u_{we} v_e)}$$"
)
AT_THE_CLASS = r"- \mathbb{1}[k = y] \sum_{j \ne y} \mathbb{1}[s_j - s_y + 1 > 0]"
STEPS = r"-\frac{1}{p_y} \frac{\partial p_y}{\partial z_k} = -\frac{1}{p_y} p_y (\delta_{yk} @ p_k) = p_k - \delta_{ky}"
CLASSES = r"\begin{cases} p_k @ 1 & k = y \\ p_k & k \ne y \end{cases}"


@pytest.mark.parametrize(
    ("text", "right", "wrong"),
    [
        (SOFTMAX, r"p_k - \mathbb{1}[k = y]", "p_k"),
        (SOFTMAX, r"p_k - \delta_{ky}", r"\delta_{ky} - p_k"),
        (SOFTMAX, STEPS.replace("@", "-"), STEPS.replace("@", "+")),
        (SOFTMAX, CLASSES.replace("@", "-"), CLASSES.replace("@", "+")),
        (DIRECT, r"\frac{e^{z_k}}{\sum_j e^{z_j}} - \delta_{ky}", r"\frac{e^{z_k}}{\sum_j e^{z_j}}"),
        (
            HINGE,
            r"\mathbb{1}[k \ne y] \mathbb{1}[s_k - s_y + 1 > 0]" + AT_THE_CLASS,
            r"\mathbb{1}[k \ne y] \mathbb{1}[s_k - s_y + 1 > 0] - \mathbb{1}[k = y]",
        ),
        (
            FOCAL,
            r"(\delta_{ky} - p_k) p_y (2 (1 - p_y) \log p_y - \frac{(1 - p_y)^2}{p_y})",
            r"(\delta_{ky} - p_k) (2 (1 - p_y) \log p_y - \frac{(1 - p_y)^2}{p_y})",
        ),
        (SOFTMAX, r"p_k - \mathbf{1}_{k=y}", r"p_k - \mathbf{1}_{k \ne y}"),
        (SOFTMAX, r"p_k - \mathbb{1}_{\{y = k\}}", r"p_k + \mathbb{1}_{\{y = k\}}"),
        (SOFTMAX, r"p_k - 1\{k=y\}", r"\mathbf{1}\{k=y\} - p_k"),
        (SOFTMAX, r"p_k - I(k = y)", r"p_k - I(k \ne y)"),
        (OTHER_LETTER, r"p_i - \mathbb{1}[i = c]", r"p_i + \mathbb{1}[i = c]"),
        (LAYER, r"(p_k - \mathbb{1}[y = k]) x_d", r"(p_k - \mathbb{1}[y = d]) x_d"),
        (EMBEDDED, "-u_{od}", "-u_{od} v_d"),
    ],
)
def test_a_gradient_with_a_class_number_is_judged(text, right, wrong):
    (judged,) = prove_document(text.replace("@", right)).derivations
    assert judged.ok, judged.problem
    assert any("class number" in note for note in judged.notes)
    assert not any("y without indices" in note or "k, y" in note for note in judged.notes)
    (judged,) = prove_document(text.replace("@", wrong)).derivations
    assert "✗" in [row.sign for row in judged.rows]


def test_a_letter_with_nothing_compared_stays_a_part_of_the_name():
    text = (
        r"$$L = \sum_w \exp(u_w v_c) - u_o v_c$$ $$\frac{\partial L}{\partial v_c} = \sum_w u_w \exp(u_w v_c) - u_o$$"
    )
    (judged,) = prove_document(text).derivations
    assert judged.ok
    assert not any("class number" in note for note in judged.notes)


def test_equations_with_a_class_number_are_a_program():
    program = str(read_program(r"p_k = \frac{e^{z_k}}{\sum_j e^{z_j}} \\ L = -\log p_y"))
    assert program.splitlines()[1:] == ["L = sum[n](-log(p[y[n]]))", "assume size[n] = 1"]
    assert prove(f"forward\n{program}\ngradient dz[k]\n    = p[k] - sum[n](k == y[n])", repairs=False).ok


CASES = SOFTMAX.replace(r" $$\frac{\partial L}{\partial z_k} = @$$", "\n\n@")
BY_Y, BY_K = r"\frac{\partial L}{\partial z_y} = ", r"\frac{\partial L}{\partial z_k} = "


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        (f"$${BY_Y}p_y - 1$$", f"$${BY_Y}p_y$$"),
        (
            rf"$${BY_Y}p_y - 1$$ and for $k \neq y$ $${BY_K}p_k$$",
            rf"$${BY_Y}p_y - 1$$ and for $k \neq y$ $${BY_K}-p_k$$",
        ),
        (rf"$${BY_K}p_k \quad \text{{for }} k \ne y$$", f"$${BY_K}p_k$$"),
        (rf"$${BY_K}p_k, \quad k \neq y$$ $${BY_K}p_k - 1 \quad (k = y)$$", rf"$${BY_K}p_k - 1, \quad k \neq y$$"),
        (
            f"Case $k = y$:\n$${BY_K}p_y - 1$$\nTogether:\n$${BY_K}p_k - \\delta_{{ky}}$$",
            f"Case $k = y$:\n$${BY_K}p_y$$",
        ),
    ],
)
def test_the_derivative_at_the_class_and_beside_it_is_judged(right, wrong):
    assert prove_document(CASES.replace("@", right)).ok
    judged = prove_document(CASES.replace("@", wrong))
    assert "✗" in {row.sign for derivation in judged.derivations for row in derivation.rows}


@pytest.mark.parametrize(
    "words", ["The sign is 1 if $k = y$ and 0 otherwise, so", r"With $\delta_{ky} = 1$ where $k = y$:"]
)
def test_words_that_explain_a_sign_state_no_case(words):
    assert not prove_document(CASES.replace("@", f"{words}\n$${BY_K}p_k - 1$$")).ok


def test_an_equation_that_belongs_to_no_derivation_is_told_as_not_judged():
    text = SOFTMAX.replace("@", "p_k - \\delta_{ky}") + r" Note that $$\sum_k z_k^2 = 3 \sum_k z_k$$"
    judged = prove_document(text)
    assert all(derivation.ok for derivation in judged.derivations)
    assert not judged.ok
    assert [row.latex for row in judged.unjudged] == [r"\sum_k z_k^2 = 3 \sum_k z_k"]
