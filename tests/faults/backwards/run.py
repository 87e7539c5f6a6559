"""Lets the diagnosis explain planted mistakes, and counts."""

import itertools
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from chainrule.check import check_backward
from chainrule.check.diagnosis import Explanation, diagnose
from chainrule.check.problem import Problem, SourceFile
from chainrule.check.verdict import WRONG

from . import specimens
from .planting import Planted, load_specimen, plant, run

PATH = Path(specimens.__file__)
SOURCE = SourceFile(PATH, PATH.read_text(encoding="utf-8"))
SAMPLES = {"X", "H", "T", "mask", "Q"}  # the inputs whose first axis is the batch
OF_ARRAYS = {"array factor", "replaced", "operation", "product", "term", "other forward"}
OF_PARTS = {"frozen", "term", "operation", "factor", "product", "other forward", "replaced"}
OF_ORDER = {"transposed", "replaced", "cotangent", "swapped", "operation", "product", "other forward"}
OF_SUMS = {"missing sum", "extra sum", "cotangent", "factor", "term", "frozen", "product", "operation", "other forward"}

# The kinds of explanation that name a mistake rightly, by the kind of mistake.
RIGHT_NAMES = {
    "sign of a term": OF_PARTS,
    "term lost": OF_PARTS,
    "negated less": OF_PARTS,
    "factor lost": OF_ARRAYS | {"factor", "branch", "cotangent"},
    "factor twice": OF_ARRAYS | {"factor", "cotangent"},
    "divisor lost": OF_ARRAYS | {"factor"},
    "divided twice": OF_ARRAYS | {"factor"},
    "multiplied for divided": OF_ARRAYS | {"factor"},
    "mean for sum": OF_SUMS,
    "sum for mean": OF_SUMS,
    "sum lost": OF_SUMS | {"diagonal"},
    "transpose lost": OF_ORDER,
    "transpose added": OF_ORDER,
    "exponent off by one": OF_ARRAYS | {"factor"},
    "condition turned": OF_ARRAYS | {"branch"},
    "condition lost": OF_ARRAYS | {"branch", "factor"},
    "loop too short": {"cotangent", "shifted", "place", "term", "frozen", "replaced"},
    "twice as large": {"factor"},
    "half as large": {"factor"},
    "negated": {"factor", "replaced"},
    "zero": {"factor"},
    "divided by its rows": {"factor"},
    "times its rows": {"factor"},
    "upside down": {"transposed", "replaced"},
    "rolled": {"shifted", "transposed"},
    "shifted": {"shifted", "place"},
    "transposed": {"transposed", "replaced"},
    "averaged over rows": {"extra sum"},
    "summed over rows": {"extra sum"},
    "last row left out": {"place", "cotangent"},
    "dY not used": {"cotangent", "product", "array factor"},
    "dY summed first": {"cotangent", "extra sum", "product"},
    "first sample only": {"cotangent"},
    "swapped": {"swapped", "factor"},  # mse: the one is the other negated
    "stale": {"stale"},
    "accumulated": {"accumulated"},
    "another input upside down": {"replaced", "operation", "cotangent", "transposed"},
    "derivative missing": {
        "product",
        "array factor",
        "replaced",
        "swapped",
        "operation",
        "branch",
        "cotangent",
        "missing sum",
    },
}


@dataclass(frozen=True)
class Outcome:
    """What was said about a planted mistake."""

    planted: Planted
    found: bool
    explanation: Explanation | None
    seconds: float

    @property
    def explained(self):
        return self.explanation is not None and self.explanation.kind != "place"

    @property
    def named(self):
        return self.explanation is not None and self.explanation.kind in RIGHT_NAMES[self.planted.kind]


def judge(planted):
    specimen, backward = planted.specimen, planted.make()
    if planted.kind in ("stale", "accumulated"):
        run(backward, load_specimen(specimen.name, seed=9))
    verdict = check_backward(specimen.forward, planted.make(), specimen.inputs)
    problem = make_problem(specimen, backward, planted.name)
    start = time.perf_counter()
    explanation = diagnose(problem)
    return Outcome(planted, verdict.kind == WRONG, explanation, time.perf_counter() - start)


def make_problem(specimen, backward, name):
    found, right = run(backward, specimen), run(specimen.backward, specimen)
    return Problem(
        name, specimen.forward, specimen.inputs, specimen.dY, found, right, 1e-11,
        lambda dY, **inputs: backward(dY, **inputs), SOURCE,
    )  # fmt: skip


def bench(count, seed=0):
    """Plant that many mistakes and judge each."""
    return [judge(planted) for planted in plant(count, seed)]


def false_alarms(seeds=range(4)):
    """Check right backwards at several seeds, batch sizes and precisions; return how many, and the alarms in words."""
    count, alarms = 0, []
    for name, seed, rows, dtype in itertools.product(specimens.NAMES, seeds, (3, None), (np.float32, np.float64)):
        specimen = load_specimen(name, seed)
        inputs = {key: _cut(key, array, rows).astype(dtype) for key, array in specimen.inputs.items()}
        verdict = check_backward(specimen.forward, specimen.backward, inputs)
        count += 1
        if not verdict.ok:
            alarms.append(f"{name}, seed {seed}, {rows or 'all'} rows, {np.dtype(dtype)}: {verdict.text}")
    return count, alarms


def _cut(key, array, rows):
    return array[:rows] if key in SAMPLES else array


def table(outcomes):
    """Return the counts by kind of mistake, as text."""
    rows = defaultdict(list)
    for outcome in outcomes:
        rows[outcome.planted.kind].append(outcome)
    lines = [f"{'mistake':28} {'planted':>7} {'found':>6} {'explained':>9} {'named':>6}"]
    for kind, same in [*sorted(rows.items()), ("all", outcomes)]:
        counts = [sum(getattr(o, what) for o in same) for what in ("found", "explained", "named")]
        lines.append(f"{kind:28} {len(same):7} {counts[0]:6} {counts[1]:9} {counts[2]:6}")
    slowest = max(outcome.seconds for outcome in outcomes)
    layers = len({outcome.planted.specimen.name for outcome in outcomes})
    lines.append(f"{len(rows)} kinds, {layers} layers; slowest diagnosis {slowest:.1f} s")
    return "\n".join(lines)
