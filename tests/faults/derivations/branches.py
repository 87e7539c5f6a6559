"""Right and wrong gradients of programs with comparisons, drawn from a seed."""

import random
from itertools import cycle, islice
from string import Template

from chainrule.derive import prove

NUMBERS = ("0", "1", "-1", "3", "0.5", "-100", "1000", "1e-6", "-1e9", "255")
BODIES = {  # a function of x, with its slope; x is a copy of $x
    "$x": "1",
    "$x^2": "2 * $x",
    "$x^3": "3 * $x^2",
    "exp($x)": "exp($x)",
    "sin($x)": "cos($x)",
    "tanh($x)": "(1 - tanh($x)^2)",
    "arctan($x)": "1 / (1 + $x^2)",
    "1 / (1 + $x^2)": "-2 * $x / (1 + $x^2)^2",
    "log(1 + $x^2)": "2 * $x / (1 + $x^2)",
    "sqrt(1 + $x^2)": "$x / sqrt(1 + $x^2)",
    "1e-8 * $x": "1e-8",
    "1e8 * $x": "1e8",
}
CONDITIONS = (  # of data that are not differentiated
    "m[j] == $c", "m[j] != $c", "m[j] > $c", "m[j] >= $c", "m[j] < $c", "m[j] <= $c", "2 * m[j] == $c",
    "m[j] - 1 >= $c", "y[i] == j", "y[i] != j", "y[i] > j", "y[i] == m[j]", "j <= i", "j == i", "j > 5", "i == 0",
    "abs(m[j]) > 3", "y[i] == $c", "n == j",
)  # fmt: skip


def _chain(forward: str, gradient: str, extra: str = "") -> str:
    return f"forward\n    Y[i,j] = {forward}\n{extra}gradient dX[i,j]\n    = {gradient}\n"


def _cases(rng: random.Random) -> list[tuple[str, bool]]:
    """`where` over a mask, label, threshold or position: right, and with either branch forgotten, or both swapped."""
    x = "X[i,j]"
    f, g = rng.sample(sorted(BODIES), 2)
    condition = Template(rng.choice(CONDITIONS)).substitute(c=rng.choice(NUMBERS))
    extra = rng.choice(["", "", "    assume size[i] = 1\n"]) if "j" not in condition.replace("[j]", "") else ""
    body, df = (Template(part).substitute(x=x) for part in (f, BODIES[f]))
    other, dg = (Template(part).substitute(x=x) for part in (g, BODIES[g]))
    forward = f"where({condition}, {body}, {other})"
    extra = "" if "i == 0" in condition else extra
    gradients = {
        f"dY[i,j] * where({condition}, {df}, {dg})": True,
        f"where({condition}, dY[i,j] * {df}, dY[i,j] * {dg})": True,
        f"dY[i,j] * {df}": False,
        f"dY[i,j] * {dg}": False,
        f"dY[i,j] * where({condition}, {dg}, {df})": False,
        f"dY[i,j] * where({condition}, {df}, 0)": False,
    }
    return [(_chain(forward, gradient, extra), right) for gradient, right in gradients.items()]


def _clips(rng: random.Random) -> list[tuple[str, bool]]:
    """max and min with thresholds near and far."""
    low, high = sorted(rng.sample((-1000, -6, -1, 0, 1, 6, 1000), 2))
    forward = f"min(max({low}, X[i,j]), {high})"
    gradients = {
        f"dY[i,j] * where(X[i,j] > {low}, where(X[i,j] < {high}, 1, 0), 0)": True,
        f"dY[i,j] * where(X[i,j] >= {low}, where(X[i,j] <= {high}, 1, 0), 0)": True,
        f"dY[i,j] * where(X[i,j] > {low}, 1, 0)": False,
        f"dY[i,j] * where(X[i,j] < {high}, 1, 0)": False,
        "dY[i,j]": False,
    }
    return [(_chain(forward, gradient), right) for gradient, right in gradients.items()]


def _domains(rng: random.Random) -> list[tuple[str, bool]]:
    """Logarithms, roots and quotients, guarded by what makes them defined."""
    c = rng.choice(("0", "1", "0.5", "100"))
    x = f"(X[i,j] - {c})"
    body, slope = rng.choice(((f"log{x}", f"1 / {x}"), (f"sqrt{x}", f"1 / (2 * sqrt{x})"), (f"1 / {x}", f"-1 / {x}^2")))
    forward = f"where(X[i,j] > {c}, {body}, 2 * X[i,j])"
    gradients = {
        f"dY[i,j] * where(X[i,j] > {c}, {slope}, 2)": True,
        f"where(X[i,j] > {c}, dY[i,j] * {slope}, 2 * dY[i,j])": True,
        f"dY[i,j] * where(X[i,j] > {c}, {slope}, 0)": False,
        "2 * dY[i,j]": False,
        f"dY[i,j] * {slope}": False,
    }
    return [(_chain(forward, gradient), right) for gradient, right in gradients.items()]


def draw_pairs(seed: int, count: int) -> list[tuple[str, bool]]:
    """So many derivations, each once, with whether it is right."""
    rng = random.Random(seed)
    found: dict[str, bool] = {}
    for make in islice(cycle((_cases, _cases, _clips, _domains)), 10 * count):
        found |= dict(make(rng))
        if len(found) >= count:
            break
    return list(found.items())


def list_misjudged(pairs: list[tuple[str, bool]]) -> list[tuple[str, bool]]:
    """The derivations that `prove` accepts though they are wrong, or refuses though they are right."""
    return [(text, right) for text, right in pairs if prove(text, repairs=False).ok != right]
