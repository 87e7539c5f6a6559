import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chainrule.derive import EquationError, parse, show
from chainrule.derive.language.expressions import Expr
from chainrule.derive.language.lexer import cut_tokens
from chainrule.derive.language.parser import Parser
from chainrule.derive.language.scope import Scope

from .expressions import programs_of_one_line


def read(text: str) -> Expr:
    tokens, lines = cut_tokens(text)
    return Parser(tokens, Scope(lines, 1, {}), partials=True).comparison()


@given(programs_of_one_line)
def test_printing_and_parsing_gives_the_same_expression(expr):
    assert read(show(expr)) == expr


@pytest.mark.parametrize(
    ("unicode", "plain"),
    [
        ("Σ[k](X[i,k]·W[k])", "sum[k](X[i,k] * W[k])"),
        ("√(x) + √y²", "sqrt(x) + sqrt(y)^2"),
        ("x⁻¹² − 3×y ∘ z", "x^(-12) - 3 * y * z"),
        ("δ[i,j] * π", "delta[i,j] * pi"),
        ("∂Y[i,j]/∂X[m,n]", "d(Y[i,j])/d(X[m,n])"),
        ("∂(Y[i])/∂(X[m])", "d(Y[i])/d(X[m])"),
        ("where(x ≤ y, x ≠ y, x ≥ y)", "where(x <= y, x != y, x >= y)"),
        ("x**2", "x^2"),
        ("e^X[i] / (1 + e^(-x)) - e²", "exp(X[i]) / (1 + exp(-x)) - exp(2)"),
        ("e * x^e + e^2", "e * x^e + e^2"),
        ("X̂[i] / σ_b", "X̂[i] / σ_b"),
    ],
)
def test_unicode_spellings_mean_the_plain_ones(unicode, plain):
    assert show(read(unicode)) == plain


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("a - b - c", "a - b - c"),
        ("a - (b - c)", "a - (b - c)"),
        ("-a^2", "-a^2"),
        ("(-a)^2", "(-a)^2"),
        ("a^b^c", "a^(b^c)"),
        ("a / b * c", "a / b * c"),
        ("a / (b * c)", "a / (b * c)"),
        ("-a * b + c", "-a * b + c"),
        ("2*-3", "2 * (-3)"),
        ("1e-5 + 0.5 + 1e-9", "0.00001 + 0.5 + 1e-9"),
        ("1e6 + 1.5e19 - 1e300", "1000000 + 15e18 - 1e300"),
        ("X[2*i-1, i+stride*j]", "X[2*i-1,j*stride+i]"),
    ],
)
def test_operations_bind_as_in_mathematics(text, printed):
    assert show(read(text)) == printed


@pytest.mark.parametrize(
    ("text", "line", "column", "problem"),
    [
        ("Y[i] = X[i,j]", 1, 12, "`j` is free on the right side only"),
        ("Y[i,j] = X[i]", 1, 1, "`j` is free on the left side only"),
        ("Y[i,i] = X[i]", 1, 5, "`i` is used twice over on the left"),
        ("Y[i] = sum[i](X[i])", 1, 12, "used already on the left side"),
        ("Y = sum[i](sum[i](X[i]))", 1, 16, "used already by the sum around"),
        ("Y = sum[i,i](X[i])", 1, 11, "bound twice over"),
        ("Y[i] = sum[j](X[j]) * Z[i,j]", 1, 27, "outside of the sum that binds it"),
        ("Y[i] = sum[j](X[i,j]) * j", 1, 25, "outside of the sum that binds it"),
        ("A[i] = exp(X[i])\nY[i] = A[i] + foo(X[i])", 2, 15, "`foo` is no function"),
        ("Y[i] = Y[i] + 1", 1, 8, "cyclic"),
        ("A[i] = B[i]\nB[i] = X[i]", 1, 8, "before it is used"),
        ("A[i] = X[i]\nA[i] = X[i]", 2, 1, "defined already, in line 1"),
        ("Y[i] = X[i] + sum[j](X[i,j])", 1, 22, "`X` has 2 indices here, but 1 index elsewhere"),
        ("Y[i] = X[i] $ 2", 1, 13, "`$` is no sign"),
        ("Y[i] = X[i] 2", 1, 13, "expected an operator or the end of the line"),
        ("Y[i] = (X[i]", 1, 13, "expected `)`"),
        ("Y[i] = (X[i] Z[i])", 1, 14, "expected `)` to close the bracket, found `Z`; a product needs a *"),
        ("Y = sum[i](2 X[i])", 1, 14, "a product needs a *"),
        ("Y[i] = exp(X[i], 2)", 1, 8, "takes one argument"),
        ("Y[i] = max(X[i])", 1, 8, "expected max[index]"),
        ("Y[i] = X[i*i]", 1, 13, "two indices multiplied"),
        ("Y[i] = X[0.5]", 1, 10, "whole number"),
        ("Y[i] = d(X[i])/d(X[i])", 1, 8, "in a derivation only"),
        ("sum[i] = X[i]", 1, 1, "expected a line such as"),
        ("Y[3] = X[3]", 1, 1, "at one place only"),
        ("Y[0.5] = X[0]", 1, 3, "expected an index"),
        ("Y[i] = e^X[i] + e", 1, 17, "`e` is Euler's number in line 1"),
        ("A[i] = e^X[i]\ne[i] = A[i]", 2, 1, "`e` is Euler's number in line 1"),
        ("assume X[i] + 2", 1, 16, "expected = or a comparison"),
    ],
)
def test_an_error_names_line_column_and_problem(text, line, column, problem):
    with pytest.raises(EquationError) as caught:
        parse(text)
    assert (caught.value.line, caught.value.column) == (line, column)
    assert problem in caught.value.problem
    shown, source, caret = str(caught.value).split("\n")
    assert shown.startswith(f"line {line}, column {column}: ")
    assert caret.index("^") - 4 == column - 1
    assert source[4:] == text.split("\n")[line - 1]


HOSTILE = {
    "brackets": "Y = " + "(" * 50_000,
    "calls": "Y = " + "exp(" * 9_000,
    "roots": "Y = " + "√" * 15_000 + "x",
    "sums": "Y = " + "".join(f"sum[i{k}](" for k in range(4_000)),
    "powers": "Y = x" + "^2" * 9_000,
    "superscripts": "Y = x" + "²" * 9_000,
    "quotients": "Y = x" + "/2" * 9_000,
    "digits": "Y = " + "9" * 100_000,
    "exponent": "Y = 1e999999999",
    "index product": "Y = X[" + "99999*" * 9_000 + "1]",
    "index sum": "Y = X[" + "+".join(f"n{k}x" for k in range(9_000)),
    "characters": "Y = x" + " " * 300_000,
    "tokens": "Y = " + "x + " * 30_000,
    "wheres": "Y = " + "where(1," * 5_000,
    "names": "Y[" * 9_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_ends_in_a_clear_error(text):
    with pytest.raises(EquationError) as caught:
        parse(text)
    assert len(str(caught.value)) < 600


def test_long_flat_text_is_read():
    program = parse("Y = " + "-" * 9_000 + "x" + " + x*2" * 2_000)
    assert len(program.statements[0].value.children) == 2_001


@settings(max_examples=200)
@given(st.text(alphabet="Yijd XW=[](),+-*/^0.5e#Σ²√∂δ\n<>'assumexp", max_size=80))
def test_any_text_gives_a_program_or_an_equation_error(text):
    try:
        program = parse(text)
    except EquationError:
        return
    assert str(parse(str(program))) == str(program)


def test_depth_leaves_room_in_the_interpreters_stack():
    """The deepest text that is allowed parses, prints and evaluates."""
    program = parse("Y = " + "exp(-(" * 19 + "x" + "))" * 19)
    assert parse(str(program)).statements == program.statements
    assert sys.getrecursionlimit() >= 1000


def test_an_index_or_an_input_e_stays_what_it_is():
    for text in ("Y[e] = e^2 * X[e]", "assume e > 0\nY[i] = e^X[i]"):
        assert "e^" in str(parse(text))
        assert "exp" not in str(parse(text))
