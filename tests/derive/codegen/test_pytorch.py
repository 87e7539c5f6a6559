"""The PyTorch form computes what the NumPy form does, in float64, at a random cotangent."""

import inspect
import warnings
from typing import Any

import numpy as np
import pytest
from tests.contracts.programs import PROGRAMS, derive_program

from chainrule.derive import derive
from chainrule.derive.codegen.pytorch import write_pytorch
from chainrule.derive.evaluation.arithmetic import Floating
from chainrule.derive.evaluation.points import ProgramPoint

torch = pytest.importorskip("torch", reason="needs PyTorch")

QUICK = ("Softmax", "conv2d", "cross_entropy_labels", "linear_scan", "negative_binomial", "whitening")


def run(source: str, inputs: dict[str, Any], output: str, cotangent: Any) -> tuple[Any, dict[str, Any]]:
    """The output and the gradients that a source computes."""
    made: dict[str, Any] = {}
    exec(compile(source, "<generated>", "exec"), made)
    cache = made["forward"](**inputs)
    return cache[output], made["backward"](cotangent, cache)


@pytest.mark.parametrize(
    "name", [name if name in QUICK else pytest.param(name, marks=pytest.mark.slow) for name in PROGRAMS]
)
def test_a_program_gives_the_same_numbers_in_both(name: str) -> None:
    program, gradients = PROGRAMS[name].forward, derive_program(name)
    drawn = ProgramPoint(program, 1, Floating()).inputs
    arrays = {n: np.asarray(drawn[n]).astype(int if n in program.index_arrays else float) for n in program.inputs}
    numbers = {n: int(a) if a == int(a) else float(a) for n, a in arrays.items() if not a.ndim}
    tensors = {n: torch.from_numpy(a.copy()) if a.ndim else numbers[n] for n, a in arrays.items()}
    rng = np.random.default_rng(3)
    shape = np.shape(run_forward(gradients.numpy, {**arrays, **numbers})[program.output])
    cotangent = rng.normal(size=shape)
    assert gradients.pytorch, "it has a PyTorch form"
    ours, wanted = run(gradients.numpy, {**arrays, **numbers}, program.output, cotangent)
    with warnings.catch_warnings(action="error"):
        theirs, found = run(gradients.pytorch, tensors, program.output, torch.from_numpy(np.asarray(cotangent)))
    np.testing.assert_allclose(np.asarray(theirs), ours, rtol=1e-9, atol=1e-12)
    assert found.keys() == wanted.keys()
    for key, value in wanted.items():
        assert np.shape(found[key]) == np.shape(value)
        np.testing.assert_allclose(np.asarray(found[key]), value, rtol=1e-8, atol=1e-11)


def run_forward(source: str, inputs: dict[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    exec(compile(source, "<generated>", "exec"), made)
    return made["forward"](**{name: inputs[name] for name in inspect.signature(made["forward"]).parameters})


def test_what_has_no_counterpart_is_not_written() -> None:
    for line in ("np.ptp(X)", "X.searchsorted(Y)", "np.random.rand(3)", "X.real", "np.pad(X, 1)"):
        assert write_pytorch(f"import numpy as np\n\ndef forward(X, Y):\n    return {line}\n") == ""


def test_the_code_is_whole_and_imports_pytorch_alone() -> None:
    source = derive("Y[s,t] = sum[m](X[s,m+t] * W[m])").pytorch
    assert "np." not in source
    assert "Any" not in source
    assert source.startswith(("import torch\n", "import math\n\nimport torch\n"))
