"""Plants mistakes in the backwards of `specimens.py`, in every style; each is held to change a gradient."""

import inspect
import itertools
import random
import warnings
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache

import numpy as np

from . import specimens
from .around import AROUND
from .mutations import TEXTUAL, mutants
from .styles import DRAWN, OBJECTS, STYLES, Parts, take_apart, write

TORCH = "function"


@dataclass(frozen=True)
class Specimen:
    """A layer with its right backward."""

    name: str
    forward: Callable
    backward: Callable
    inputs: dict
    dY: np.ndarray

    @property
    def shapes(self):
        return {name: np.shape(array) for name, array in self.inputs.items()}

    @property
    def parts(self):
        return take_apart(self.name, inspect.getsource(self.backward))


@dataclass(frozen=True)
class Planted:
    """A backward with one mistake in it, which makes the gradient of `name` wrong, as the text of a file."""

    specimen: Specimen
    style: str
    kind: str
    name: str
    parts: Parts = field(repr=False)

    @property
    def text(self):
        return write(self.style, self.parts, self.specimen.shapes)


@cache
def load_specimen(name, seed=0):
    forward, backward = (getattr(specimens, f"{name}_{way}") for way in ("forward", "backward"))
    rng = np.random.default_rng([seed, *name.encode()])
    inputs = getattr(specimens, f"{name}_inputs")(rng)
    Y = forward(**inputs)
    return Specimen(name, forward, backward, inputs, rng.normal(size=Y.shape) if Y.ndim else np.array(1.7))


def plant(count, seed=0, styles=STYLES):
    """Return that many mistakes: the kinds in turns, the styles in turns, the layers of each in a random order."""
    rng, by_kind = random.Random(seed), defaultdict(list)
    for name in specimens.NAMES:
        for kind, parts in list_mistakes(name):
            by_kind[kind].append((name, parts))
    for same in by_kind.values():
        rng.shuffle(same)
    chosen = []
    for round_ in itertools.count():
        before = len(chosen)
        for turn, (kind, same) in enumerate(by_kind.items()):
            chosen += _plant_one(kind, same, styles[(round_ + turn) % len(styles)], rng)
            if len(chosen) == count:
                return chosen
        if len(chosen) == before and round_ > len(styles):
            return chosen


def _plant_one(kind, same, style, rng):
    """Return the next mistake of a kind that changes a gradient in this style, none where there is none."""
    for place in range(len(same)):
        name, parts = same[place]
        if wrong := find_wrong(name, parts, style):
            del same[place]
            yield Planted(load_specimen(name), style, kind, rng.choice(wrong), parts)
            return


@cache
def list_mistakes(name):
    """Return every mistake in a specimen's backward, by kind, as parts."""
    specimen = load_specimen(name)
    text, mistakes = inspect.getsource(specimen.backward), []
    for rule in TEXTUAL:
        kind = rule.__name__.replace("_", " ")
        mistakes += [(kind, take_apart(name, wrong)) for wrong in mutants(text, rule)]
    for kind, (change, form) in AROUND.items():
        for gradient in specimen.parts.gradients:
            parts = change(specimen.parts, gradient, form)
            mistakes += [(kind, parts)] if parts else []
    return mistakes


def find_wrong(name, parts, style):
    """Return the inputs whose gradients are finite and not the right ones, in a style."""
    specimen = load_specimen(name)
    if parts.accumulated and style not in _with_accumulation(parts):
        return []
    if write(style, parts, specimen.shapes) == write(style, specimen.parts, specimen.shapes):  # it has no such place
        return []
    right, found = run_right(name, style == TORCH), (run_in_torch if style == TORCH else run_in_numpy)(specimen, parts)
    names = [n for n in right if n in found and _differs(found[n], right[n])]
    return [n for n in names if is_returned(parts, n, style)]


@cache
def run_right(name, in_torch):
    """Return the right gradients of a specimen."""
    specimen = load_specimen(name)
    return (run_in_torch if in_torch else run_in_numpy)(specimen, specimen.parts)


def is_returned(parts, name, style):
    """Whether a style returns this gradient at all: a loss in a class returns that of X alone."""
    return name == "X" or not parts.is_loss or style in ("pair", TORCH)


def _with_accumulation(parts):
    """Return the styles in which the gradient adds up: an object's own store is emptied by no one but its caller."""
    is_parameter = parts.accumulated not in (parts.arguments[0], *DRAWN)
    return STYLES if is_parameter and not parts.is_loss else [s for s in STYLES if s not in OBJECTS]


def run_in_numpy(specimen, parts):
    """Return the gradients of a pair's text, after a call at other inputs; none where it cannot be run."""
    space = execute(write("pair", parts, specimen.shapes))
    backward = space[f"{specimen.name}_backward"]
    return _try(lambda: [_gradients(backward, load_specimen(specimen.name, 9)), _gradients(backward, specimen)][1])


def run_in_torch(specimen, parts):
    """Return the gradients that PyTorch gets from the text of a function, after a call at other inputs."""
    import torch

    space = execute(write(TORCH, parts, specimen.shapes))
    function = space[f"{parts.title}Function"]

    def gradients(at):
        leaves = {n: torch.tensor(a, requires_grad=True) for n, a in at.inputs.items() if n not in DRAWN}
        torch.manual_seed(0)
        Y = function.apply(*leaves.values())
        torch.manual_seed(0)
        found = torch.autograd.grad(Y, list(leaves.values()), torch.tensor(at.dY), allow_unused=True)
        return {n: d.numpy() for n, d in zip(leaves, found, strict=True) if d is not None}

    return _try(lambda: [gradients(load_specimen(specimen.name, 9)), gradients(specimen)][1])


def execute(text):
    space = {"__name__": "planted"}
    exec(compile(text, "<planted>", "exec"), space)
    return space


def _gradients(backward, specimen):
    found = backward(specimen.dY.copy(), **{name: array.copy() for name, array in specimen.inputs.items()})
    return {name: np.array(value, dtype=float) for name, value in found.items()}


def _try(call):
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            return call()
    except Exception:  # a mistake may well make the text one that does not run
        return {}


def _differs(a, b):
    if a.shape != b.shape:
        return True
    return bool(np.all(np.isfinite(a)) and np.max(np.abs(a - b)) > 1e-4 * np.max(np.abs(b)))
