"""Random programs with ranges, products, shorthands and functions: each is derived, and its derivation follows.

`python -m tests.derive.engine.test_random_ranges 500 1` tries five hundred from seed 1.
"""

import random
import sys

import pytest

from chainrule.derive import EquationError, derive, prove

RANGES = ("j<=i", "j<i", "j>=i", "j!=i", "j>i", "j==i", "j<=i-1", "j<=i+1", "i-1<=j<=i+1", "0<j<=i", "j")
ELEMENTS = ("x[j]", "A[i,j]", "x[i]", "w[j]", "A[j,i]", "2", "eps", "delta[i,j]", "(1 - x[j])")
CALLS = (
    "exp({})",
    "tanh({})",
    "h({})",
    "sigmoid({})",
    "relu({})",
    "{}^2",
    "arcsinh({})",
    "f'({})",
    "erfc({})",
    "silu({})",
)
KEPT = ("cumsum[i]({})", "cumprod[i]({})", "softmax[i]({})", "cummax[i]({})", "logsoftmax[i]({})")


def make_program(rng: random.Random) -> str:
    """A program of one or two lines over i."""

    def body(letters: str, depth: int) -> str:
        picked = [e for e in ELEMENTS if "j" in letters or "j" not in e]
        text = rng.choice(picked)
        if depth and rng.random() < 0.5:
            text = f"{rng.choice(picked)} {rng.choice('*+-')} {body(letters, depth - 1)}"
        return rng.choice(CALLS).format(text) if rng.random() < 0.4 else text

    def reduction() -> str:
        word = rng.choice(["sum", "prod", "sum", "prod", "max", "mean", "logsumexp", "norm", "std"])
        over = "j" if word in ("mean", "norm", "std", "logsumexp") else rng.choice(RANGES)
        return f"{word}[{over}]({body('ij', 2)} + v[j])"

    def term() -> str:
        text = rng.choice(KEPT).format(body("i", 1) + " * x[i]") if rng.random() < 0.3 else reduction()
        return text if rng.random() < 0.5 else f"{text} * {body('i', 1)}"

    lines = [f"Y[i] = {term()} {rng.choice('+-')} b[i]"]
    if rng.random() < 0.4:
        lines.append(
            f"L = {rng.choice(['sum[i](Y[i]^2)', 'prod[i](Y[i] + 2)', 'logsumexp[i](Y[i])', 'norm[i](Y[i])'])}"
        )
    return "\n".join(lines)


def check_program(text: str) -> str:
    """Derive a program and prove its derivation; what kept it from being derived, if a sentence did."""
    try:
        page = derive(text).text()
    except EquationError as error:
        return str(error)
    verdict = prove(page, repairs=False)
    assert verdict.ok, f"{text}\n{verdict.text}"
    return ""


@pytest.mark.parametrize("seed", [0, 1])
def test_a_random_program_with_ranges_is_derived_and_its_derivation_follows(seed: int) -> None:
    check_program(make_program(random.Random(seed)))


if __name__ == "__main__":
    count, first = int(sys.argv[1]), int(sys.argv[2])
    for k in range(first, first + count):
        program = make_program(random.Random(k))
        try:
            told = check_program(program)
        except Exception as error:  # all are shown
            print(f"{k}: {type(error).__name__}: {str(error)[:300]}\n{program}\n")
        else:
            if told:
                print(f"{k}: told: {told[:150]}\n{program}\n")
