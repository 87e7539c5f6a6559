import random

import numpy as np
import pytest

from chainrule import derive
from chainrule.derive.engine.proof import complex_step

FUNCTIONS = ["exp", "tanh", "sigmoid", "sin", "softplus", "relu", "abs", "erf"]
ROWS, COLUMNS = "ijk", "mn"


def leaf(rng: random.Random, letters: str) -> str:
    choices = [f"A[{a},{b}]" for a in letters if a in ROWS for b in letters if b in COLUMNS]
    choices += [f"b[{a}]" for a in letters if a in COLUMNS] + [f"c[{a}]" for a in letters if a in ROWS]
    return rng.choice([*choices, "p", "2", "0.5"])


def expression(rng: random.Random, letters: str, depth: int) -> str:
    """An expression in which the letters may stand: sums, products, quotients, functions, cases, reductions."""

    def part(more: str = "") -> str:
        return expression(rng, letters + more, depth - 1)

    unused = [letter for letter in ROWS + COLUMNS if letter not in letters]
    match rng.randrange(9) if depth else 0:
        case 1 | 2:
            return f"({part()} {rng.choice('+-')} {part()})"
        case 3 | 4:
            return f"{part()} * {part()}"
        case 5:
            return f"({part()}) / (1 + ({part()})^2)"
        case 6:
            return f"{rng.choice(FUNCTIONS)}({part()})"
        case 7:
            return f"where({part()} > {part()}, {part()}, {part()})"
        case 8 if unused:
            letter = rng.choice(unused)
            anchor = f"b[{letter}]" if letter in COLUMNS else f"c[{letter}]"
            return f"{rng.choice(['sum', 'mean', 'max'])}[{letter}]({anchor} + {part(letter)})"
    return leaf(rng, letters)


def program(seed: int) -> str:
    """Two lines, the second of which uses the first."""
    rng = random.Random(seed)
    first = f"V[i,m] = A[i,m] * b[m] + c[i] * {expression(rng, 'im', 3)}"
    second = f"Y[i] = p * c[i] + {expression(rng, 'i', 2)} * {rng.choice(['sum', 'mean', 'max'])}[m](V[i,m] * b[m])"
    return f"{first}\n{second}"


@pytest.mark.parametrize("seed", range(12))
def test_any_program_is_derived_proven_and_generated(seed):
    d = derive.derive(program(seed))
    point = d._engine.proof.points[0]
    inputs = {n: np.asarray(v).astype(float) if np.ndim(v) else float(v) for n, v in point.inputs.items()}
    cotangent = inputs.pop("dY")
    found = d.evaluate(inputs, cotangent)
    for name in d:
        expected = complex_step(d.program, {**inputs, "dY": cotangent}, point.sizes, name)
        np.testing.assert_allclose(found[name], expected, rtol=1e-8, atol=1e-8)
