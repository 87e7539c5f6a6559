"""Plants mistakes in the backwards of `specimens.py`, each held to change a gradient, in a seeded order."""

import ast
import inspect
import random
import warnings
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from . import specimens
from .mutations import TEXTUAL, mutants
from .wrappers import AROUND


@dataclass(frozen=True)
class Specimen:
    """A layer with its right backward."""

    name: str
    forward: Callable
    backward: Callable
    inputs: dict
    dY: np.ndarray


@dataclass(frozen=True)
class Planted:
    """A backward with one mistake in it, which makes the gradient of `name` wrong. `make` gives it afresh."""

    specimen: Specimen
    kind: str
    name: str
    make: Callable
    text: str = field(default="", repr=False)


def load_specimen(name, seed=0):
    forward, backward = (getattr(specimens, f"{name}_{way}") for way in ("forward", "backward"))
    rng = np.random.default_rng([seed, *name.encode()])
    inputs = getattr(specimens, f"{name}_inputs")(rng)
    Y = forward(**inputs)
    return Specimen(name, forward, backward, inputs, rng.normal(size=Y.shape) if Y.ndim else np.array(1.7))


def compile_text(text):
    space = dict(vars(specimens))
    exec(compile(text, "<planted>", "exec"), space)
    return space[next(node.name for node in ast.parse(text).body)]


def run(backward, specimen):
    """Return the gradients as arrays of floats; None where the backward cannot be run."""
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            grads = backward(specimen.dY.copy(), **{name: array.copy() for name, array in specimen.inputs.items()})
            return {name: np.asarray(value, dtype=float) for name, value in grads.items()}
    except Exception:
        return None


def wrong_names(found, right):
    """Return the inputs whose gradients are finite and not the right ones."""

    def differs(a, b):
        if a.shape != b.shape:
            return True
        return bool(np.all(np.isfinite(a)) and np.max(np.abs(a - b)) > 1e-4 * np.max(np.abs(b)))

    return [name for name in right if name in found and differs(found[name], right[name])]


def plant_in_text(specimen):
    text, right = inspect.getsource(specimen.backward), run(specimen.backward, specimen)
    for rule in TEXTUAL:
        for wrong in mutants(text, rule):
            found = run(compile_text(wrong), specimen)
            for name in wrong_names(found, right) if found else ():
                kind = rule.__name__.replace("_", " ")
                yield Planted(specimen, kind, name, lambda wrong=wrong: compile_text(wrong), wrong)


def plant_around(specimen):
    right = run(specimen.backward, specimen)
    for kind, maker in AROUND.items():
        for name in right:
            others = [other for other in right if other != name]

            def make(maker=maker, name=name, others=others):
                return maker(specimen.backward, name, others)

            backward = make()
            run(backward, load_specimen(specimen.name, seed=9))  # an earlier call, at other inputs
            found = run(backward, specimen)
            if found and name in wrong_names(found, right):
                yield Planted(specimen, kind, name, make)


def plant(count, seed=0):
    """Return that many mistakes, the kinds in turns and the layers of each in a random order."""
    rng, by_kind = random.Random(seed), defaultdict(list)
    for name in specimens.NAMES:
        specimen = load_specimen(name)
        for planted in (*plant_in_text(specimen), *plant_around(specimen)):
            by_kind[planted.kind].append(planted)
    for same in by_kind.values():
        rng.shuffle(same)
    chosen = []
    while len(chosen) < count and any(by_kind.values()):
        chosen += [same.pop() for same in by_kind.values() if same]
    return chosen[:count]
