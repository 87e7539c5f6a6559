"""What people write in lecture notes, papers and answers is judged as it is: right ones follow, wrong ones do not.

`python -m tests.derive.reading.test_written` judges all of them.
"""

import pytest

from chainrule.derive import prove_document
from chainrule.errors import UserError

from .appendices import APPENDICES
from .further import FURTHER
from .homework import HOMEWORK
from .lecture_notes import FIRST
from .noted import NOTED
from .stacked import STACKED
from .written import ALL

QUICK = 7  # every seventh takes part in the quick tests, and what is wrong in it is repaired
LATER = [*NOTED[::3], *FURTHER[::3], *APPENDICES[::3], *HOMEWORK[::3], *STACKED]
CASES = [*ALL[:FIRST], *ALL[FIRST::3], *LATER]  # the command below judges all
SOME = [
    pytest.param(case, bool(k % QUICK), id=case.name, marks=[pytest.mark.slow] if k % QUICK else [])
    for k, case in enumerate(CASES)
]


@pytest.mark.parametrize(("case", "is_slow"), SOME)
def test_a_right_one_follows_and_a_wrong_one_does_not(case, is_slow):
    assert prove_document(case.text, case.suffix).ok
    for old, new in case.wrong:
        judged = prove_document(case.text.replace(old, new), case.suffix, repairs=not is_slow)
        assert not judged.ok
        assert "✗" in {row.sign for derivation in judged.derivations for row in derivation.rows}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (r"$$L = \sum_{i=2}^n x_i$$ $$\frac{\partial L}{\partial x_i} = 1$$", "a sum that begins at i = 2"),
        (r"$$L = \sum_i x_i$$ $$\nabla_x L = \sum_{i \text{ odd}} 1$$", "a sum over `iodd` is not read"),
        (r"$$L = \mathbb{E}[x_i]$$ $$\frac{\partial L}{\partial x_i} = 1$$", "an expectation"),
        (r"$$Y = XW$$ $$\frac{\partial L}{\partial W} = \nabla_Y L\frac{\partial Y}{\partial W}$$",
         "a derivative of one whole array by another"),
        (r"$$L = \sum_i x_i$$ $$\nabla^2 L = 0$$ $$\frac{\partial L}{\partial x_i} = \sqrt[3]{1}$$", "a root other"),
    ],
)  # fmt: skip
def test_what_is_not_read_is_told(text, why):
    judged = prove_document(text)
    said = [derivation.problem for derivation in judged.derivations]
    said += [row.problem for derivation in judged.derivations for row in derivation.rows]
    said += [part.problem for row in judged.unread for part in (row.left, *row.segments) if part]
    assert not judged.ok
    assert any(why in each for each in said), said


def test_two_equations_in_a_row_are_two():
    text = r"""\begin{align} L &= \frac12 \sum_i e_i^2, & e_i &= t_i - o_i \end{align}
$$\frac{\partial L}{\partial o_i} = -e_i$$"""
    assert prove_document(text).ok
    assert not prove_document(text.replace("= -e_i", "= e_i")).ok


def test_an_empty_formula_is_no_crash():
    with pytest.raises(UserError, match="no derivation"):
        prove_document("$$\n$$")


def test_a_program_that_is_given_may_assume_something():
    text = r"$$\frac{\partial L}{\partial z_k} = p_k - t_k$$"
    given = "p[k] = exp(z[k]) / sum[j](exp(z[j]))\nL = -sum[k](t[k] * log(p[k]))\n"
    assert prove_document(text, forward=given + "assume sum[k](t[k]) = 1").ok
    assert not prove_document(text, forward=given).ok


def test_a_gradient_that_is_set_to_zero_is_no_claim_that_it_is_zero():
    text = r"Let $L = \|Xw - y\|^2$. Setting $\nabla_w L = 0$ we solve for w. $$\nabla_w L = 2 X^T (Xw - y)$$"
    assert prove_document(text).ok
    assert not prove_document(text.replace("Setting", "Now")).ok


def test_abbreviations_without_end_are_told():
    bomb = "".join(
        rf"\newcommand{{\{a}}}{{\{b}\{b}\{b}\{b}\{b}\{b}\{b}\{b}}}"
        for a, b in zip("abcdefghi", "bcdefghia", strict=True)
    )
    with pytest.raises(UserError, match="without end"):
        prove_document(bomb + r"$$\frac{\partial L}{\partial x} = \a$$")


@pytest.mark.parametrize(
    "text",
    [r"$$q(x) = \frac{u(x)}{v(x)}$$ $$\frac{dq}{dx} = 0$$", r"$$y = u(x)^2$$ $$\frac{dy}{dx} = 2ux^2$$"],
)
def test_a_function_without_a_definition_is_no_factor(text):
    assert not prove_document(text).ok


if __name__ == "__main__":
    for each in (every := [*ALL, *NOTED, *FURTHER, *APPENDICES, *HOMEWORK, *STACKED]):
        test_a_right_one_follows_and_a_wrong_one_does_not(each, is_slow=True)
    print(f"{len(every)} documents, each right and wrong, judged rightly")
