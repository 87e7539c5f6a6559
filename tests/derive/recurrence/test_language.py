"""How a recurrence is written, read, printed and evaluated; what is none is refused in a sentence."""

import numpy as np
import pytest

from chainrule.derive import EquationError, derive, evaluate, parse, prove
from chainrule.derive.derivatives import jacobians

SCAN = "h[-1] = h0\nh[t] = a[t] * h[t-1] + x[t]"
A, X = np.array([2.0, 3.0, 4.0]), np.array([1.0, 1.0, 1.0])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("h[t] = a[t] * h[t-1] + x[t]", [1, 4, 17]),
        (SCAN, [11, 34, 137]),
        ("h[0] = h0\nh[t] = a[t] * h[t-1] + x[t]", [5, 16, 65]),
        ("h[-1] = h0\nh[-2] = 2 * h0\nh[t] = a[t] * h[t-2] + h[t-1] + x[t]", [26, 42, 147]),
        ("h[t] = a[t] * h[t+1] + x[t]", [9, 4, 1]),
        ("u[t] = h[t-1] + x[t]\nh[t] = a[t] * u[t] + 0 * h0", [2, 9, 40]),
    ],
)
def test_values_are_those_of_the_loop_on_paper(text, expected):
    program = parse(text)
    values = {"a": A, "x": X, "h0": 5.0}
    found = evaluate(program, {name: values[name] for name in program.inputs})
    np.testing.assert_allclose(found["h"], expected)


@pytest.mark.parametrize(
    "text",
    [
        SCAN,
        "h[0] = h0\nh[t] = a[t] * h[t-1] + x[t]",
        "h[s,-1,n] = sum[k](B[n,k] * z[s,k])\nh[s,t,n] = tanh(sum[k](U[n,k] * h[s,t-1,k]) + x[s,t,n])",
        "h[-1] = p\nh[-2] = q\nh[t] = a * h[t-1] + b * h[t-2] + x[t]",
        "G[t] = r[t] + gamma * G[t+1]",
        "z[n] = tanh(v[n])\nh[-1,n] = z[n]\nh[t,n] = a[t] * h[t-1,n] + z[n]",
    ],
)
def test_a_program_is_printed_as_it_is_read(text):
    program = parse(text)
    again = parse(str(program))
    assert str(again) == str(program)
    assert again.statements == program.statements


def test_the_bound_letters_of_a_start_do_not_catch_those_of_its_reading():
    program = parse("h[-1,n] = sum[k](B[n,k] * z[k])\nh[t,n] = sum[k](U[n,k] * h[t-1,k]) + x[t,n]")
    rng = np.random.default_rng(0)
    B, z, U, x = (rng.normal(size=shape) for shape in ((2, 3), (3,), (2, 2), (1, 2)))
    found = evaluate(program, {"B": B, "z": z, "U": U, "x": x})["h"]
    np.testing.assert_allclose(found[0], U @ (B @ z) + x[0])


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("h[t] = h[t] + x[t]", "`h` is defined by itself (cyclic)"),
        ("h[t] = h[t-1] + h[t+1] + x[t]", "does not go step by step"),
        ("h[t] = sum[k](w[k] * h[t-k]) + x[t]", "h[t] reads h[t-k]; expected"),
        ("h[t] = sum[r](h[r-1]) + x[t]", "h[t] reads h[r-1]; expected"),
        ("h[t] = h[2*t] + x[t]", "does not go step by step"),
        ("h[i,j] = h[i-1,j] + h[i,j-1] + x[i,j]", "does not go step by step"),
        ("u[t] = h[t-1] + x[t]\nh[t] = u[t+1]", "does not go step by step"),
        ("Y[i] = X[i+1]\nX[i] = Z[i]", "`X` is defined after its use in line 1"),
        ("h[t+1] = a[t] * h[t] + x[t]", "write the line for h[t], as in h[t] = … h[t-1]"),
        ("h[-1] = h0\ny[t] = x[t]", "gives `h` at one place only"),
        ("h[-1] = h0\nh[t] = x[t]", "does not step along there"),
        ("h[-1] = h0\nh[-1] = h1\nh[t] = h[t-1] + x[t]", "`h[-1]` is given already, in line 1"),
        ("h[-1] = h0\nh[t] = h[t+1] + x[t]", "steps back from its last step"),
        ("h[-1,n] = h0\nh[t] = h[t-1] + x[t]", "another number of indices"),
        ("h[-1,-1] = 0\nh[i,j] = h[i-1,j] + x[i,j]", "expected one whole number on the left side"),
        ("h[n,-1] = h0[n]\nh[t,n] = h[t-1,n] + x[t,n]", "does not step along there"),
        ("h[-1] = h[0]\nh[t] = h[t-1] + x[t]", "defined after its use in line 1"),
    ],
)
def test_what_is_no_recurrence_is_refused_in_a_sentence(text, sentence):
    with pytest.raises(EquationError) as caught:
        parse(text)
    assert sentence in str(caught.value)


def test_a_start_that_nothing_gives_is_told():
    assert "# h[-1] is 0: no line says otherwise." in derive("h[t] = a[t] * h[t-1] + x[t]").text()
    assert "is 0" not in derive(SCAN).text()
    assert "# R is 0 beyond its last step." in derive("R[t] = r[t] + gamma * R[t+1]").text()


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (SCAN, ["g[t] = dh[t] + g[t+1] * a[t+1]", "dh0 = g[0] * a[0]", "da[t] = g[t] * h[t-1]", "dx[t] = g[t]"]),
        (
            "h[t,n] = A[n] * h[t-1,n] + B[t,n] * x[t]\ny[t] = sum[n](C[t,n] * h[t,n])",
            ["dh[t,n] = dh[t+1,n] * A[n] + dy[t] * C[t,n]", "dA[n] = sum[t](dh[t,n] * h[t-1,n])"],
        ),
        ("P[-1] = 1\nP[t] = P[t-1] * x[t]", ["g[t] = dP[t] + g[t+1] * x[t+1]", "dx[t] = g[t] * P[t-1]"]),
        ("R[t] = r[t] + gamma * R[t+1]", ["g[t] = dR[t] + g[t-1] * gamma", "dr[t] = g[t]"]),
        (
            "h[t,n] = tanh(sum[m](W[n,m] * x[t,m]) + sum[k](U[n,k] * h[t-1,k]))",
            [
                "g[t,n] = dh[t,n] + sum[k](g[t+1,k] * U[k,n] * (1 - h[t+1,k]^2))",
                "dU[n,k] = sum[t](g[t,n] * h[t-1,k] * (1 - h[t,n]^2))",
            ],
        ),
    ],
)
def test_the_gradient_is_the_backward_recurrence_of_a_textbook(text, lines):
    printed = derive(text).text(steps=False).split("\n")
    assert [line for line in lines if line not in printed] == []


def test_the_gradient_that_feeds_back_gets_a_name_that_is_free():
    assert "G[t] = dh[t] + G[t+1] * g[t+1]" in derive("h[t] = g[t] * h[t-1] + x[t]").text(steps=False)


def test_generated_code_loops_over_the_steps_alone():
    source = derive("h[s,t,n] = tanh(sum[k](U[n,k] * h[s,t-1,k]) + x[s,t,n])").numpy.partition("def forward")[2]
    loops = [line.strip() for line in source.split("\n") if line.strip().startswith("for ")]
    assert loops == ["for t in range(x.shape[1]):", "for t in reversed(range(dh.shape[1])):"]


def test_single_precision_stays_single_and_whole_numbers_become_floating():
    d = derive(SCAN)
    single = d.evaluate({"h0": np.float32(1), "a": A.astype("f"), "x": X.astype("f")}, np.ones(3, "f"))
    assert {gradient.dtype for gradient in single.values()} == {np.dtype("f")}
    whole = d.functions[0](5, np.array([1, 0, 1]), np.array([0.5, 0.5, 0.5]))
    np.testing.assert_allclose(whole["h"], [5.5, 0.5, 1.0])


@pytest.mark.parametrize(
    "text",
    [
        "h[-1,n] = h0[n]\nh[t,n] = tanh(E[y[t],n] + a[n] * h[t-1,n])",
        "h[t] = a * h[t-1] + sum[j<=t](x[j])",
        "c[t] = b[t] * c[t-1] + x[t]\nz[t] = tanh(c[t])\noutputs c, z",
        "function act\nh[t] = act(a[t] * h[t-1] + x[t])\nL = sum[t](h[t]^2)",
    ],
)
def test_a_recurrence_has_index_arrays_ranges_outputs_and_unknown_functions(text):
    assert prove(derive(text).text()).ok


def test_a_jacobian_through_a_recurrence_is_refused_in_a_sentence():
    with pytest.raises(EquationError, match="without recurrences; ask for the gradient instead"):
        jacobians(parse("h[t] = a[t] * h[t-1] + x[t]\nL = sum[t](h[t]^2)"))


def test_several_recurrences_are_told_in_the_order_of_their_lines():
    names = ["q", "c", "z", "a", "m", "k"]
    before = [*names[-1:], *names[:-1]]
    lines = [f"{name}[t] = tanh({other}[t-1]) + x[t]" for name, other in zip(names, before, strict=True)]
    program = parse("\n".join(lines))
    assert list(program.loops) == names
