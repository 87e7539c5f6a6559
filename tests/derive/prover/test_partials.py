"""Derivatives worked out by the prover, against complex steps of the forward program."""

import numpy as np
import pytest

from chainrule.derive import evaluate, parse
from chainrule.derive.prover.truth import Model, Values

STEP = 1e-30
PROGRAMS = [
    "Y[s,n] = sum[m](X[s,m] * W[n,m])",
    "Q[s] = mean[i](X[s,i]^3)\nY[s,i] = X[s,i] / sqrt(Q[s]^2 + 1)",
    "Y[s,i] = exp(X[s,i]) / sum[k](exp(X[s,k])) - log(1 + X[s,i]^2)",
    "M[s] = max[k](X[s,k])\nY[s,k] = max(X[s,k], 0.3 * M[s], 0.1)",
    "Y[s,i] = where(X[s,i] > 0, tanh(X[s,i]), sin(X[s,i]) * cosh(X[s,i]))",
    "Y[s,i] = (1 + X[s,i]^2)^(sigmoid(X[s,i])) + erf(X[s,i]) + abs(X[s,i])",
    "Y[s,i] = softplus(X[s,i]) * relu(X[s,i]) + arctan(X[s,i]) / (2 - cos(X[s,i]))",
    "Y[s,i] = expm1(X[s,i]) + log1p(X[s,i]^2) - sinh(X[s,i]) + tan(X[s,i] / 3)",
    "Y[s,i] = sum[a](X[s,2*i+a-1] * K[a])",
    "Y[s,j] = min[i](X[s,i]) * X[s,j] * delta[j,j] - sign(X[s,j]) * X[s,j]",
]


@pytest.mark.parametrize("text", PROGRAMS)
def test_gradient_by_forward_derivatives_equals_complex_steps(text):
    rng = np.random.default_rng(3)
    program = parse(text)
    shapes = {"X": (3, 4), "W": (2, 4), "K": (2,)}
    arrays = {name: rng.standard_normal(shapes[name]) for name in program.inputs}
    output = evaluate(program, arrays)["Y"]
    cotangent = rng.standard_normal(output.shape)
    homes = {home: size for name in program.ranks for home, size in sized(program, name, arrays, output, text)}
    values = Values(Model(program), homes, {**arrays, "dY": cotangent})
    stepped = np.empty((3, 4))
    for entry in np.ndindex(3, 4):
        moved = arrays["X"].astype(complex)
        moved[entry] += 1j * STEP
        stepped[entry] = (cotangent * evaluate(program, {**arrays, "X": moved})["Y"].imag).sum() / STEP
    np.testing.assert_allclose(values["dX"], stepped, rtol=1e-12, atol=1e-13)


def sized(program, name, arrays, output, text):
    shape = arrays[name].shape if name in arrays else output.shape if name == "Y" else (3,)
    letters = [program.dimensions.of[a] for a in program.axes(name)]
    extra = [(program.dimensions.of["a"], 2)] if "K[a]" in text else []
    return [*zip(letters, shape, strict=True), *extra]
