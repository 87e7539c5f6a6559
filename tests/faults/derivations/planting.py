"""Plants mistakes in the right derivations under examples/, with a seed, and holds them to be mistakes."""

import random
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path

import numpy as np

from chainrule.derive import parse_derivation, show
from chainrule.derive.evaluation.sizes import infer_sizes

from .loops import ShapeError, World
from .mutations import KINDS, Mistakes, rewrites

EXAMPLES = Path(__file__).parents[3] / "examples" / "derivations"
POSITIVE = {"eps", "sigma", "lam", "slope"}


@dataclass(frozen=True)
class Planted:
    """A derivation with one wrong line; `right` is that line as it was."""

    name: str
    kind: str
    text: str
    line: int
    right: str
    wrong: str


@cache
def right_derivations():
    """Names and texts of all right derivations."""
    paths = [*sorted((EXAMPLES / "layers").glob("*.txt")), *sorted((EXAMPLES / "corrected").glob("*.txt"))]
    return {f"{path.parent.name}/{path.stem}": path.read_text(encoding="utf-8") for path in paths}


class Judge:
    """Tells whether two lines of a derivation are equal, by loops over numbers."""

    def __init__(self, text):
        self.derivation = parse_derivation(text)
        self.worlds = [self._world(seed) for seed in (1, 2, 3)]

    def _world(self, seed):
        program, rng = self.derivation.forward, np.random.default_rng(seed)
        sizes = self._sizes(program, rng)
        shape_of = {name: tuple(sizes[home] for home in self._homes(name)) for name in program.ranks}
        inputs = {name: self._draw(name, shape_of[name], rng) for name in program.inputs}
        cotangent = rng.standard_normal(shape_of[program.output]) if shape_of[program.output] else np.ones(())
        shorthands = {s.target.name: s for claim in self.derivation.claims for s in claim.shorthands}
        return World(program, sizes, inputs, cotangent, shorthands, self.derivation.dimensions.of)

    def _homes(self, name):
        program = self.derivation.forward
        return [program.dimensions.of[a] for a in program.axes(name)]

    def _sizes(self, program, rng):
        """Sizes by dimension, those of the inputs all different where there are few."""
        homes = sorted({home for name in program.inputs for home in self._homes(name)})
        while True:
            free = dict(zip(homes, map(int, 2 + rng.permutation(max(3, len(homes))) % 4), strict=False))
            try:
                letters = infer_sizes(
                    program, {name: tuple(free[h] for h in self._homes(name)) for name in program.inputs}
                )
            except ValueError:  # a subscript leaves no value for an index
                continue
            if min(letters.values()) > 1:
                return {program.dimensions.of[a]: size for a, size in letters.items()}

    def _draw(self, name, shape, rng):
        if name in POSITIVE or name == "p":
            return rng.uniform(0.3, 0.9, shape)
        if name == "T" and any("T[" in str(a) for a in self.derivation.forward.assumptions):
            raw = rng.uniform(0.2, 1, shape)
            return raw / raw.sum(axis=-1, keepdims=True)
        logs = [
            e for k in self.derivation.forward.statements for e in k.value.walk() if getattr(e, "function", "") == "log"
        ]
        if any(name in e.names for e in logs):
            return rng.uniform(0.2, 2, shape)
        return rng.standard_normal(shape)

    def equal(self, a, b, letters, of, of_b=None):
        """Whether two expressions over the same letters agree; a line without a shape agrees with nothing."""
        of_b = of_b or of
        try:
            return all(self._near(world.table(a, letters, of), world.table(b, letters, of_b)) for world in self.worlds)
        except (ShapeError, KeyError, ZeroDivisionError):
            return False

    def _near(self, x, y):
        return bool(np.abs(x - y).max() <= 1e-9 * max(np.abs(x).max(), np.abs(y).max(), 1e-30))


@cache
def judge_of(name):
    """The judge of a right derivation."""
    return Judge(right_derivations()[name])


def sites(name, text):
    """All wrong lines that can be made of a derivation, in no order: kind, claim, line, expression, of."""
    derivation = parse_derivation(text)
    for claim in derivation.claims:
        for line in claim.lines:
            for kind in KINDS:
                axes = {n: derivation.forward.axes(n) for n in derivation.forward.ranks}
                axes[f"d{derivation.forward.output}"] = axes[derivation.forward.output]
                mistakes = Mistakes(dict(derivation.dimensions.of), axes, claim.letters)
                for wrong in rewrites(line.value, getattr(mistakes, kind), claim.letters):
                    if wrong != line.value:
                        yield kind, claim, line, wrong, mistakes.of


def plant(count, seed=0):
    """That many planted mistakes, spread over the derivations and the kinds."""
    return list(islice(draw_planted(seed), count))


def draw_planted(seed):
    """All planted mistakes, one after the other."""
    rng = random.Random(seed)
    texts = right_derivations()
    pools = {}
    for name, text in texts.items():
        for site in sites(name, text):
            pools.setdefault((site[0], name), []).append(site)
    for pool in pools.values():
        rng.shuffle(pool)
    while pools:
        kinds = sorted({kind for kind, _ in pools})
        for kind in kinds:
            names = sorted(name for k, name in pools if k == kind)
            name = rng.choice(names)
            found = _next_mistake(pools, kind, name, texts[name])
            if found:
                yield found


def _next_mistake(pools, kind, name, text):
    pool = pools[kind, name]
    while pool:
        _, claim, line, wrong, of = pool.pop()
        if not pool:
            del pools[kind, name]
        if not judge_of(name).equal(line.value, wrong, claim.letters, of):
            rows = text.split("\n")
            rows[line.line - 1] = f"    = {show(wrong)}"
            return Planted(name, kind, "\n".join(rows), line.line, show(line.value), show(wrong))
    return None
