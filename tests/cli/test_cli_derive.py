import io
import json
import re
import sys
import xml.etree.ElementTree as ET

import pytest

from chainrule import derive
from chainrule.catalogue import list_layers
from chainrule.cli import main

LINEAR = "Y[s,n] = sum[m](X[s,m] * W[n,m]) + b[n]"


@pytest.fixture
def run(monkeypatch, capsys):
    """Run `chainrule derive`; return exit code, what it printed, and what it complained of."""

    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["chainrule", "derive", *arguments])
        with pytest.raises(SystemExit) as end:
            main()
        out, err = capsys.readouterr()
        return int(end.value.code or 0), out, err

    return call


def test_softmax_is_derived_step_by_step_with_its_laws(run):
    code, out, _ = run("softmax")
    assert code == 0
    assert out.startswith("# Softmax: Positive numbers that sum to 1")
    lines = [line for line in out.splitlines() if line.startswith("    =")]
    assert re.search(r"= sum\[i,c\]\(dY\[i,c\] \* d\(Y\[i,c\]\)/d\(X\[s,k\]\)\) +# chain rule$", lines[0])
    assert "= Y[s,k] * (dY[s,k] - sum[c](dY[s,c] * Y[s,c]))" in lines[-1]
    assert all("# " in line for line in lines)
    assert "# dX = Y ∘ (dY - (dY ∘ Y) 1 1ᵀ)" in out
    assert re.search(
        r"# Proven: each line equals the one before at 2 random points .* to \d\.\de-1\d\.$", out, re.DOTALL
    )


@pytest.mark.parametrize("layer", [layer.__name__ for layer in list_layers()])
def test_every_layer_reads_in_100_columns_and_can_be_read_again(run, layer):
    code, out, _ = run(layer)
    assert code == 0
    assert max(map(len, out.splitlines())) <= 100
    for program in re.split(r"^forward", out, flags=re.MULTILINE)[1:]:
        derived = derive.parse_derivation(f"forward{program}")
        assert derived.claims
        assert all(line.remark for claim in derived.claims for line in claim.lines)


@pytest.mark.parametrize("layer", ["linear", "softmax", "layernorm", "mse", "silu"])
def test_what_is_derived_can_be_proven(run, layer):
    _, out, _ = run(layer)
    assert derive.prove(out).ok


def test_one_input_is_derived_alone(run):
    code, out, _ = run("linear", "--input", "W", "--no-steps")
    assert code == 0
    assert [line for line in out.splitlines() if line.startswith("d")] == ["dW[n,m] = sum[s](dY[s,n] * X[s,m])"]


def test_an_equation_a_file_and_standard_input_say_the_same(run, tmp_path, monkeypatch):
    (tmp_path / "affine.txt").write_text(LINEAR, encoding="utf-8")
    _, by_equation, _ = run(LINEAR)
    _, by_file, _ = run(str(tmp_path / "affine.txt"))
    monkeypatch.setattr(sys, "stdin", io.StringIO(LINEAR))
    _, by_input, _ = run("-")
    assert by_equation.splitlines()[1:] == by_file.splitlines()[1:] == by_input.splitlines()[1:]
    assert (by_equation.splitlines()[0], by_file.splitlines()[0]) == ("# Gradients of Y", "# affine")


def test_several_equations_make_one_program(run):
    code, out, _ = run("E[i] = sum[j](A[i,j] * x[j])", "L = sum[i](E[i]^2)", "--no-steps")
    assert code == 0
    assert "dA[i,j] = 2 * x[j] * E[i]" in out


def test_a_python_file_is_read_by_its_docstring(run, tmp_path):
    text = (
        f'"""A layer.\n\nForward\n    {LINEAR}\n\nBackward\n    db[n] = sum[s](dY[s,n])\n"""\nimport nothing_at_all\n'
    )
    (tmp_path / "layer.py").write_text(text, encoding="utf-8")
    code, out, _ = run(str(tmp_path / "layer.py"), "--no-steps")
    assert code == 0
    assert "db[n] = sum[s](dY[s,n])" in out
    assert "dW" not in out  # what the docstring does not state is not asked for


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("latex", r"\mathrm{d}W_{n,m} &= \sum_{s,k}"),
        ("markdown", "# Linear\n\nAffine map of each row of a batch.\n\ns sample · m input feature"),
        ("html", "<!DOCTYPE html>"),
        ("numpy", "dW = dY.T @ X"),
        ("matrix", "dX = dY W\ndW = dYᵀ X\ndb = 1ᵀ dY"),
    ],
)
def test_every_form_is_printed(run, form, expected):
    code, out, _ = run("linear", "--form", form)
    assert code == 0
    assert expected in out


def test_where_there_is_no_matrix_form_that_is_said(run):
    _, out, _ = run("relu", "--form", "matrix")
    assert out == "dX[s,n] = dY[s,n] * where(X[s,n] > 0, 1, 0)  # no matrix form\n"


def test_a_page_is_well_formed_and_asks_for_nothing(run, tmp_path):
    path = tmp_path / "gelu.html"
    code, out, _ = run("gelu", "--html", str(path))
    assert (code, out) == (0, f"wrote {path}\n")
    page = path.read_text(encoding="utf-8")
    root = ET.fromstring(page.removeprefix("<!DOCTYPE html>\n"))
    headings = ["".join(heading.itertext()) for heading in root.iter("h2")]
    assert headings[:2] == ["Forward", "Gradients"]
    assert 'Step by step, approximate="tanh"' in headings
    targets = {element.get("id") for element in root.iter()}
    assert {link.get("href").removeprefix("#") for link in root.iter("a")} <= targets
    assert not re.search(r"<script|<link|<img|https?:", page)
    assert "Proven: each line equals the one before" in page


def test_json_has_every_form_and_the_proof(run):
    code, out, _ = run("linear", "--json")
    gradients = json.loads(out)["programs"][0]["gradients"]
    assert code == 0
    assert list(gradients) == ["X", "W", "b"]
    assert gradients["W"]["matrix"] == ["dW = dYᵀ X"]
    assert gradients["W"]["steps"][0]["law"] == "chain rule"
    assert gradients["W"]["proof"]["points"] == 3
    assert gradients["W"]["proof"]["error"] < 1e-14


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["Y[i,j] = exp(X[i,k])"], "line 1, column 18: the index `k` is free on the right side only"),
        (["Y[i] = dX[i] * X[i]"], "line 1, column 8: `dX` is the name of the gradient of `X`"),
        (["dX[i] = Z[i]", "Y[i] = X[i] * dX[i]"], "`dX` is the name of the gradient of `X`"),
        (
            ["Y[i] = 2 X[i]"],
            "line 1, column 10: expected an operator or the end of the line, found `X`; a product needs",
        ),
        (["L = sum(X[i])"], "line 1, column 5: expected the index that `sum` runs over, as in sum[i](…)"),
        (["y = |x|"], "line 1, column 5: `|` is no sign of the language; write abs(…)"),
        ([" "], "nothing to derive; expected the name of a layer"),
        (["nothing.txt"], "cannot read nothing.txt"),
        (["nothing.md"], "cannot read nothing.md"),
        (["sofmax"], "did you mean Softmax"),
        (["linear", "--input", "Z"], "no gradient of `Z`; the inputs are X, W, b"),
        (["linear", "--html", "no/such/folder/page.html"], "cannot write no/such/folder/page.html"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(run, arguments, complaint):
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert complaint in err
    assert "Traceback" not in err


def test_an_error_in_an_equation_has_a_caret_under_its_place(run):
    _, _, err = run("Y[i] = X[i] * W[i")
    assert err.splitlines()[1:] == ["    Y[i] = X[i] * W[i", "                     ^"]


def test_a_file_that_is_no_program_is_refused(run, tmp_path):
    (tmp_path / "bytes.txt").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "broken.py").write_text("def", encoding="utf-8")
    assert "is not text in UTF-8" in run(str(tmp_path / "bytes.txt"))[2]
    (tmp_path / "mute.py").write_text('"""A layer."""\n', encoding="utf-8")
    assert "is not Python: line 1" in run(str(tmp_path / "broken.py"))[2]
    assert "has no docstring with the sections Forward and Backward" in run(str(tmp_path / "mute.py"))[2]


def test_a_file_with_a_byte_order_mark_is_read(run, tmp_path):
    (tmp_path / "marked.txt").write_text("Y[i] = X[i]^2\n", encoding="utf-8-sig")
    assert run(str(tmp_path / "marked.txt"), "--no-steps")[0] == 0


@pytest.mark.parametrize(
    "equation",
    [
        "Y = " + " + ".join(f"x{k}" for k in range(2000)),
        "Y[i] = " + " * ".join(["X[i]"] * 1500),
        "Y[i] = " + " + ".join(f"exp({k} * X[i])" for k in range(1000)),
        "A0[i] = X[i]\n" + "\n".join(f"A{k}[i] = A{k - 1}[i]^2 + X[i]" for k in range(1, 400)),
    ],
    ids=["inputs", "factors", "terms", "lines"],
)
def test_a_program_that_would_take_minutes_is_refused(run, equation):
    code, out, err = run(equation)
    assert (code, out) == (2, "")
    assert "the program is too large to be derived" in err


def test_programs_of_the_gallery_are_known_by_name(run):
    code, out, _ = run("hinge", "--no-steps")
    assert code == 0
    assert out.startswith("# hinge: Multi-class hinge loss on margins")
    assert "dX[s,k] = -T[s,k] * where(1 - T[s,k] * X[s,k] > 0, 1, 0) / (size[s] * size[k])" in out


def test_matrix_notation_is_answered_in_matrix_form_first(run):
    code, out, _ = run("Y = X W^T", "--no-steps")
    assert code == 0
    assert out.startswith(
        "# Gradients of Y\n\n# in matrix notation\n#     Y = X W^T\n#\n#     dX = dY W\n#     dW = dYᵀ X\n"
        "# read as: X (M×N), W (K×N) matrices\n\nforward\n    Y[m,k] = sum[n](X[m,n] * W[k,n])\n"
    )


def test_a_file_in_matrix_notation_is_read(run, tmp_path):
    (tmp_path / "inverse.txt").write_text("L = sum[i,j](a[i] * inv(X)[i,j] * b[j]) + log(det(X))\n", encoding="utf-8")
    _, out, _ = run(str(tmp_path / "inverse.txt"), "--form", "matrix")
    assert out == "da = X⁻¹ b\ndX = X⁻ᵀ - X⁻ᵀ a bᵀ X⁻ᵀ\ndb = X⁻ᵀ a\n"


SQUARES = "L = sum[i]((y[i] - sum[m](X[i,m] * w[m]))^2)"


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["p[i] = exp(o[i]) / sum[j](exp(o[j]))", "--jacobian"], "jacobian d(p[i])/d(o[j])"),
        ([SQUARES, "--hessian", "--input", "w", "--form", "matrix"], "d2L_dw_dw = 2 (Xᵀ X)"),
        ([SQUARES, "--jvp", "w", "--no-steps"], "dL = -2 * sum["),
        ([SQUARES, "--hvp", "w", "--form", "matrix"], "dw = 2 ((Xᵀ X) v)"),
    ],
)
def test_other_derivatives_than_the_gradient_are_derived(run, arguments, expected):
    code, out, _ = run(*arguments)
    assert code == 0
    assert expected in out


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ([SQUARES, "--hessian", "--jacobian"], "four different derivatives"),
        ([SQUARES, "--jvp", "w", "--input", "w"], "--input belongs to gradients"),
        ([SQUARES, "--jvp", "q"], "`q` is no input"),
        (["softmax", "--hessian"], "a Hessian is that of a scalar"),
    ],
)
def test_a_wrong_wish_for_a_derivative_is_told(run, arguments, problem):
    code, _, err = run(*arguments)
    assert code == 2
    assert problem in err
