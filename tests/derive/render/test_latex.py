"""Formulas in LaTeX: names, and rows that fit on a page. Those of the gallery and the layers are tested with them."""

import pytest

from chainrule import derive
from chainrule.derive.render import latex_page
from chainrule.derive.render.latex import name
from chainrule.derive.render.line_breaks import _TOKEN, FACTOR, MARK, SUMMAND, _measured, rows, unmarked, width

from .tex import assert_sound


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("beta", r"\beta"),
        ("ε", r"\varepsilon"),
        ("dσ", r"\mathrm{d}\sigma"),
        ("dX", r"\mathrm{d}X"),
        ("dx'", r"\mathrm{d}x'"),
        ("dot", r"\mathit{dot}"),
        ("Xhat", r"\hat{X}"),
        ("running_mean", r"\mathit{running\_mean}"),
        ("σ_b", r"\mathit{\sigma \_b}"),
        ("naïve", r"\mathit{na\text{ï}ve}"),
    ],
)
def test_name_is_written_so_that_tex_takes_it(text, expected):
    assert name(text) == expected


def test_names_of_every_kind_are_sound():
    d = derive.derive("σ_b[i'] = dot_1[i'] * ε^λ * x2''\nY[i'] = log(1 + exp(σ_b[i']))")
    assert_sound(latex_page(d))
    assert_sound(latex_page(d, steps=False))


def test_short_formula_is_one_row():
    assert rows(f"a{SUMMAND} + b", 30) == ["a + b"]


def test_wide_sum_is_broken_before_its_signs():
    terms = [f"x_{{{k}}}" for k in range(60)]
    broken = rows(f"{SUMMAND} + ".join(terms), 30, room=200)
    assert " ".join(broken) == " + ".join(terms)
    assert len(broken) > 3
    assert all(row.startswith("+ ") for row in broken[1:])
    assert all(width(row) <= 200 for row in broken)


def test_sum_in_brackets_is_broken_where_nothing_outside_is_and_the_brackets_are_balanced():
    inner = f"{SUMMAND} + ".join(f"x_{{{k}}}" for k in range(40))
    first, *more = rows(rf"a{FACTOR}\,\left({inner}\right)", 30, room=200)
    assert first.startswith(r"a\,\left(x_{0}")
    assert first.endswith(r"\right.")
    assert all(row.startswith(r"\left. + ") for row in more)
    assert more[-1].endswith(r"\right)")


def test_product_goes_on_with_a_dot():
    factors = [f"X_{{{k}}}" for k in range(30)]
    broken = rows(rf"{FACTOR}\,".join(factors), 30, room=100)
    assert all(row.startswith(r"\cdot X") for row in broken[1:])


def test_fraction_and_cases_are_not_broken():
    inside = f"{SUMMAND} + ".join(["x"] * 60)
    for whole in (
        rf"\frac{{{inside}}}{{2}}",
        rf"\begin{{cases}}{inside} & \text{{if }} y\\0 & \text{{else}}\end{{cases}}",
    ):
        assert rows(whole, 0, room=100) == [unmarked(whole)]


@pytest.mark.parametrize(
    ("wide", "narrow"),
    [
        (r"\frac{a + b + c}{d}", r"\frac{a + b}{c + d}"),
        (r"\sum_{i,j,k,l,m,n} x", r"\sum_{i} x"),
        (r"\begin{cases}a + b & \text{if } c\\0 & \text{else}\end{cases}", r"\begin{cases}a & b\\0 & c\end{cases}"),
        (r"X_{i}", r"X"),
    ],
)
def test_width_grows_with_what_is_written(wide, narrow):
    assert width(wide) > width(narrow)


def test_step_that_two_gradients_share_is_written_once():
    page = latex_page(derive.derive("Z[i] = a * X[i]^2 + b\nY[i] = exp(Z[i]) * Z[i]"))
    assert page.count(r"\mathrm{d}Z_{i} &=") == 1
    assert r"\tag*{\footnotesize chain rule}" in page


def test_the_widths_of_all_beginnings_are_those_of_each_measured_alone():
    text = rf"\frac{{a{SUMMAND} + b}}{{c}}{FACTOR}\,\left(x_{{i}}{SUMMAND} - \sum_{{k}} y_{{ik}}^{{2}}"
    text += rf"{FACTOR}\,z\right){SUMMAND} + 1"
    tokens = _TOKEN.findall(text)
    before = dict(_measured(tokens))
    ends = [at for at in before if at == len(tokens) or tokens[at].startswith(MARK)]
    assert len(ends) == 5
    assert [before[at] for at in ends] == [width("".join(tokens[:at])) for at in ends]
