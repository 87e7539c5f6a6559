"""Lets the checker judge planted mistakes in every style, and counts."""

import importlib.util
import itertools
import time
from collections import defaultdict
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from chainrule.check import check_backward, check_layer
from chainrule.check.files.given import Given
from chainrule.check.files.sandbox import check_file_apart
from chainrule.check.files.source.loader import load_file
from chainrule.check.files.verdicts import check_file
from chainrule.check.model.verdict import WRONG, Row

from . import specimens
from .names import is_named
from .planting import Planted, Specimen, load_specimen, plant
from .styles import DRAWN, OBJECTS, STYLES, write

SAMPLES = {"X", "H", "T", "mask", "Q"}  # the inputs whose first axis is the batch
IN_FILES = (
    "course",
    "dictionaries",
    "function",
    "kept",
    "renamed",
    "context",
    "prefixed",
)  # judged as files; the others are passed in Python
APART = 12  # every so many files run in a process of their own, as `chainrule check FILE` runs them
PATIENCE = 600.0  # seconds: nothing here waits for a loop without an end
AVAILABLE = tuple(s for s in STYLES if s != "function" or importlib.util.find_spec("torch"))


@dataclass(frozen=True)
class Outcome:
    """What was said about a planted mistake."""

    planted: Planted
    row: Row | None
    notes: tuple[str, ...]
    seconds: float

    @property
    def told(self):
        """Whether a note says that an object's gradient adds up, which its caller may want."""
        return f"d{self.planted.name} adds up: a second backward returns the sum of both" in self.notes

    @property
    def found(self):
        return self.told or (self.row is not None and self.row.kind == WRONG)

    @property
    def named(self):
        return self.told or (self.row is not None and is_named(self.planted, self.row))


def judge(planted, folder, number=0):
    path = Path(folder) / f"planted_{number}.py"
    start = time.perf_counter()
    verdict = check(path, planted.text, planted.style, planted.specimen, apart=number % APART == 0)
    first = {"X"} if planted.style in (*OBJECTS, "layer") and planted.name == planted.parts.arguments[0] else set()
    row = next((row for row in verdict.rows if row.name in {planted.name, *first}), None)
    return Outcome(planted, row, verdict.notes, time.perf_counter() - start)


def check(path, text, style, specimen, *, seed=0, apart=False):
    """Return the verdict on a file of a style, or on what it holds."""
    path.write_text(text, encoding="utf-8")
    if style in IN_FILES:
        has_targets = "T" in specimen.inputs
        taken = {} if has_targets else {name: s for name, s in specimen.shapes.items() if name not in DRAWN}
        given = {name: Given(shape) for name, shape in taken.items()}
        run = partial(check_file_apart, patience=PATIENCE) if apart else check_file
        (verdict, *_), complaints = run(path, "", given, seed)
        assert not complaints, complaints
        return verdict
    own = vars(load_file(path).module)
    if style == "pair":
        forward, backward = own[f"{specimen.name}_forward"], own[f"{specimen.name}_backward"]
        return check_backward(forward, backward, specimen.inputs, seed=seed)
    made = own[{"attributes": f"{specimen.parts.title}Module", "layer": specimen.parts.title}[style]]()
    return check_layer(made, specimen.inputs[next(iter(specimen.inputs))], specimen.inputs.get("T"), seed=seed)


def bench(count, seed=0, styles=AVAILABLE):
    """Plant that many mistakes and judge each."""
    with TemporaryDirectory() as folder:
        return [judge(planted, folder, number) for number, planted in enumerate(plant(count, seed, styles))]


def false_alarms(seeds=range(3), styles=AVAILABLE):
    """Check right backwards in each style at several seeds, batch sizes and precisions.

    Returns the number of each style, and the alarms in words by style.
    """
    count, alarms = defaultdict(int), defaultdict(list)
    cases = itertools.product(specimens.NAMES, styles, seeds)
    with TemporaryDirectory() as folder:
        for number, (name, style, seed) in enumerate(cases):
            specimen = _vary(load_specimen(name, seed), rows=(None, 3, 5)[seed % 3], single=seed % 2 == 1)
            text = write(style, specimen.parts, specimen.shapes)
            verdict = check(Path(folder) / f"right_{number}.py", text, style, specimen, seed=seed)
            count[style] += 1
            if not verdict.ok:
                alarms[style].append(f"{name}, {style}, seed {seed}: {verdict.text}")
    return count, alarms


def _vary(specimen: Specimen, rows, single):
    """Return the specimen with that many samples only, in float32 if `single`."""
    inputs = {key: array[:rows] if key in SAMPLES else array for key, array in specimen.inputs.items()}
    return replace(
        specimen, inputs={key: array.astype(np.float32) for key, array in inputs.items()} if single else inputs
    )


def table(outcomes, by="kind"):
    """Return the counts by kind of mistake, or by style, as text."""
    rows = defaultdict(list)
    for outcome in outcomes:
        rows[getattr(outcome.planted, by)].append(outcome)
    lines = [f"{by:28} {'planted':>7} {'found':>6} {'named':>6}"]
    for kind, same in [*sorted(rows.items()), ("all", outcomes)]:
        counts = [sum(getattr(o, what) for o in same) for what in ("found", "named")]
        lines.append(f"{kind:28} {len(same):7} {counts[0]:6} {counts[1]:6}")
    return "\n".join(lines)
