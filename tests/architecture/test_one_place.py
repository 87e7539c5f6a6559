"""What is said in one place: a new one of its kind is one row, and everything else follows."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import chainrule

ROW = """Function(
            "sech", lambda a: neg(mul(_call("sech", a), _call("tanh", a))), aliases=("hypsec",),
            numpy="1 / np.cosh(…)", floating=lambda x: 1 / np.cosh(x), latex=r"\\\\operatorname{sech}",
        ),
        Function("exp","""

USE = """
import numpy as np
from chainrule import derive
from chainrule.derive.render.mathml import mathml

d = derive.derive("Y[s,n] = hypsec(sum[m](X[s,m] * W[n,m]))")
rng = np.random.default_rng(0)
X, W, dY = rng.normal(size=(3, 4)), rng.normal(size=(2, 4)), rng.normal(size=(3, 2))
assert str(d.program) == "Y[s,n] = sech(sum[m](X[s,m] * W[n,m]))"
assert d["X"].points >= 2 and d["X"].error < 1e-12
assert derive.prove(d.text()).ok
wrong = derive.prove("forward\\n    Y[i] = sech(X[i])\\ngradient dX[i]\\n    = dY[i] * sech(X[i]) * tanh(X[i])")
assert not wrong.ok and wrong.repair == "-dY[i] * sech(X[i]) * tanh(X[i])", wrong.text
assert derive.prove("forward\\n    Y[i] = exp(X[i])\\ngradient dX[i]\\n    = dY[i] * sech(X[i])").repair
np.testing.assert_allclose(derive.evaluate(d.program, {"X": X, "W": W})["Y"], 1 / np.cosh(X @ W.T))
expected = -dY * np.tanh(X @ W.T) / np.cosh(X @ W.T)
np.testing.assert_allclose(d.evaluate({"X": X, "W": W}, dY)["X"], expected @ W)
assert "1 / np.cosh((X @ W.T))" in d.numpy
assert r"\\operatorname{sech}" in d.markdown() and ">sech<" in d.html()
"""


def test_a_function_of_the_language_is_one_row(tmp_path: Path) -> None:
    package = Path(chainrule.__file__).parent
    shutil.copytree(package, tmp_path / "chainrule", ignore=shutil.ignore_patterns("__pycache__"))
    table = tmp_path / "chainrule" / "derive" / "language" / "functions.py"
    table.write_text(table.read_text(encoding="utf-8").replace('Function("exp",', ROW, 1), encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", USE], env=environment, capture_output=True, text=True, check=False)
    assert not done.returncode, done.stderr


def test_what_is_called_slow_is_a_test() -> None:
    tests = Path(__file__).parents[1]
    for line in (tests / "slow.txt").read_text(encoding="utf-8").split():
        place, *_, test = line.split("::")
        text = (tests.parent / place).read_text(encoding="utf-8")
        assert f"def {test}(" in text, line
