"""Cells of a notebook, in an IPython shell without a kernel; and what things show of themselves."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from chainrule import check, derive, layers, nets
from chainrule.notebook.earlier import gather_earlier

IPython = pytest.importorskip("IPython")


@pytest.fixture
def shell(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    from IPython.core.interactiveshell import InteractiveShell

    InteractiveShell.clear_instance()
    made = InteractiveShell.instance()
    made.history_manager.enabled = False
    made.run_line_magic("load_ext", "chainrule")
    yield made
    InteractiveShell.clear_instance()


def test_derive_shows_gradients_as_formulas_with_steps_to_open(shell: Any) -> None:
    found = shell.run_cell_magic("derive", "--input W", "Y[s,n] = sum[m](X[s,m] * W[n,m])\n")
    assert list(found) == ["W"]
    assert "<math" in found._repr_html_()
    assert "<summary>Step by step</summary>" in found._repr_html_()
    assert found._repr_latex_().startswith("$$\\begin{aligned}")
    assert "# Gradients" in found._repr_markdown_()
    assert "<math" in found["W"]._repr_html_()
    assert "\\mathrm{d}W" in found["W"]._repr_markdown_()


@pytest.mark.parametrize("option", ["--jacobian", "--hessian --input X", "--jvp X", "--hvp X"])
def test_derive_takes_the_other_derivatives(shell: Any, option: str) -> None:
    text = "L = sum[i](X[i]^3)" if "h" in option[2:4] and "jvp" not in option else "Y[i] = X[i]^3"
    found = shell.run_cell_magic("derive", option, text)
    assert "<math" in found._repr_html_()


@pytest.mark.parametrize(
    ("cell", "line", "text", "told"),
    [
        ("derive", "", "Y[i] = exp(X[j])", "j"),
        ("derive", "--jacobian --hessian", "Y = X", "not allowed with"),
        ("derive", "", "  \n", "nothing to derive"),
        ("prove", "", "forward\n    Y[i] = \n", "line"),
        ("check", "--input x", "def f(x):\n    return x\n", "--input"),
        ("check", "--seed one", "x = 1", "invalid int"),
    ],
)
def test_what_is_wrong_is_one_sentence(shell: Any, capsys: Any, cell: str, line: str, text: str, told: str) -> None:
    assert shell.run_cell_magic(cell, line, text) is None
    printed = capsys.readouterr().err
    assert told in printed
    assert "Traceback" not in printed


def test_prove_colours_right_and_wrong_lines(shell: Any) -> None:
    wrong = "forward\n    Y[i] = X[i]^2\ngradient dX[i]\n    = dY[i] * X[i]\n"
    verdict = shell.run_cell_magic("prove", "", wrong)
    assert not verdict.ok
    assert '<span class="wrong">' in verdict._repr_html_()
    assert "2 * dY[i] * X[i]" in verdict._repr_markdown_()
    document = shell.run_cell_magic("prove", "", "$Y_i = X_i^2$\n\n$\\frac{\\partial L}{\\partial X_i} = 2 X_i dY_i$")
    shown, _ = shell.display_formatter.format(document)
    assert "text/html" in shown


def test_check_takes_what_earlier_cells_made(shell: Any) -> None:
    shell.run_cell("import numpy as np\nfrom math import tau\nSCALE = 3.0")
    text = (
        "def scale(x):\n    return np.sin(x) * SCALE\n\n\n"
        "def scale_backward(dout, x):\n    return dout * np.cos(x) * {}\n"
    )
    right = shell.run_cell_magic("check", "--input x=4x3", text.format("SCALE"))
    assert right.ok, right.text
    wrong = shell.run_cell_magic("check", "", text.format("tau"))
    assert not wrong.ok
    assert '<span class="wrong">' in wrong._repr_html_()
    assert callable(shell.user_ns["scale_backward"])


def test_source_of_earlier_names_is_gathered_with_what_they_use() -> None:
    known = {"np": np, "Layer": layers.Layer, "sizes": (1, 2), "unknown": object()}
    source = gather_earlier("class A(Layer):\n    def f(self, x):\n        return np.abs(x), sizes, unknown, A", known)
    assert sorted(source.splitlines()) == [
        "from chainrule.layers.base import Layer as Layer",
        "import numpy as np",
        "sizes = (1, 2)",
    ]


def test_a_network_shows_its_layers_arrays_and_equations() -> None:
    net = nets.MLP(4, [3], 2, norm="batch", rng=np.random.default_rng(0))
    shown = net._repr_html_()
    assert "BatchNorm1d(3)" in shown
    assert "running_mean (3,)" in shown
    assert f"<td>{4 * 3 + 3 + 3 + 3 + 3 * 2 + 2}</td>" in shown
    assert "dW[n,m] = sum[s](dY[s,n] * X[s,m])" in layers.Linear(2, 3)._repr_markdown_()


def test_what_a_person_wrote_is_no_markup() -> None:
    verdict = check.check_backward(lambda x: x**2, lambda dY, x: {"x": dY * x}, {"x": np.arange(3.0) + 1})
    assert "<lambda>" not in verdict._repr_html_()
    assert "&lt;" in verdict._repr_html_() or "lambda" not in verdict.text
    proof = derive.prove("forward\n    Y[i] = X[i]\ngradient dX[i]\n    = dY[i] # <script>alert(1)</script>\n")
    assert "<script>" not in proof._repr_html_()
