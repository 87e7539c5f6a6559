"""Forward mode through recurrences: the differential is a recurrence of its own."""

import numpy as np
import pytest

from chainrule.derive import EquationError, derive, evaluate, prove
from chainrule.derive.render.text import text_page

PROGRAMS = {
    "a scan": "h[t] = a[t] * h[t-1] + x[t]",
    "a filter": "y[t] = x[t] + p * y[t-1] + q * y[t-2]",
    "backward in time": "r[t] = x[t] + g * r[t+1]",
    "the first step given": "m[0] = g[0]\nm[t] = b * m[t-1] + (1 - b) * g[t]",
    "two that step together": (
        "c[-1,j] = c0[j]\nf[t,j] = sigmoid(x[t,j] + sum[k](U[j,k] * h[t-1,k]))\n"
        "c[t,j] = f[t,j] * c[t-1,j] + (1 - f[t,j]) * tanh(x[t,j])\nh[t,j] = tanh(c[t,j])\nL = sum[t,j](h[t,j] * w[j])"
    ),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_tangent_of_a_recurrence_is_that_of_a_complex_step(name):
    gradients = derive(PROGRAMS[name])
    program, rng = gradients.program, np.random.default_rng(3)
    shapes = {n: tuple({"t": 5, "j": 3, "k": 3}[axis] for axis in program.axes(n)) for n in program.inputs}
    inputs = {n: rng.uniform(0.2, 0.9, shape) for n, shape in shapes.items()}
    tangents = {n: rng.standard_normal(shape) for n, shape in shapes.items()}
    moved = evaluate(program, {n: inputs[n] + 1e-30j * tangents[n] for n in inputs})[program.output].imag / 1e-30
    assert np.allclose(gradients.jvp(inputs, tangents), moved, rtol=1e-12, atol=1e-12)
    assert prove(text_page(program, gradients.differential())).ok


def claim(line):
    return f"forward\n    h[t] = a[t] * h[t-1] + x[t]\ndifferential dh[t]\n    = {line}\n"


def test_a_differential_may_name_itself_at_other_steps_alone():
    assert prove(claim("da[t] * h[t-1] + a[t] * dh[t-1] + dx[t]")).ok
    assert not prove(claim("da[t] * h[t-1] + a[t-1] * dh[t-1] + dx[t]"), repairs=False).ok
    for circle in ("dh[t]", "sum[s](dh[s] * delta[s,t])", "dh[t-1] * 0 + dh[t]"):
        with pytest.raises(EquationError, match="cyclic"):
            prove(claim(circle))
