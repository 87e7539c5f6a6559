"""`pytest --chainrule` makes a test of each target; assert_layer and assert_function fail in words."""

import os
import subprocess
import sys

import numpy as np
import pytest

from chainrule import check

RIGHT = "def f(x):\n    return 2 * x\ndef f_backward(dout, x):\n    return 2 * dout\n"


@pytest.mark.slow
def test_targets_are_collected_and_checked(tmp_path):
    (tmp_path / "right.py").write_text(RIGHT)
    (tmp_path / "wrong.py").write_text(RIGHT.replace("2 * dout", "3 * dout"))
    (tmp_path / "unwritten.py").write_text("def g(x):\n    return x\ndef g_backward(dout, x):\n    ...\n")
    (tmp_path / "plain.py").write_text("x = 1\n")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-rs",
        "-p",
        "no:cacheprovider",
        "-p",
        "chainrule.check.pytest_plugin",
    ]
    plain = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    done = subprocess.run([*command, "--chainrule"], cwd=tmp_path, capture_output=True, text=True, env=plain)
    assert "1 failed, 1 passed, 1 skipped" in done.stdout, done.stdout
    assert "f_backward: wrong" in done.stdout
    assert "dx is the right gradient times 1.5" in done.stdout
    assert "is not written yet" in done.stdout
    assert subprocess.run(command, cwd=tmp_path, capture_output=True, env=plain).returncode == 5  # nothing collected


class Cube:
    def __init__(self, slope):
        self.slope = slope

    def forward(self, x):
        self.x = x
        return x**3

    def backward(self, dout):
        dx = self.slope * self.x**2 * dout
        return dx


def test_a_layer_is_asserted():
    X = np.random.default_rng(0).normal(size=(3, 4))
    check.assert_layer(Cube(3), X, equations="Y[s,n] = x[s,n]^3")
    with pytest.raises(AssertionError, match="dx is the right gradient times"):
        check.assert_layer(Cube(2), X)


@pytest.mark.torch
def test_a_function_is_asserted():
    import torch

    class Twice(torch.autograd.Function):
        factor = 2

        @staticmethod
        def forward(ctx, x):
            return 2 * x

        @staticmethod
        def backward(ctx, dy):
            return Twice.factor * dy

    x = torch.ones(2, 3)
    check.assert_function(Twice, x)
    Twice.factor = 3
    with pytest.raises(AssertionError, match="dx is the right gradient times"):
        check.assert_function(Twice, x)
