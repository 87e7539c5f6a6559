"""A forward's equations, brought together with a person's arrays: which name of theirs is which of ours.

A program of `derive` belongs to a forward when it computes the same output from the same arrays; which array is which
is found by name and by trying, a matrix transposed too, class numbers as rows with a single 1.
"""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule import layers
from chainrule.check.model.budget import count_entries
from chainrule.check.model.names import are_alike, shorten
from chainrule.check.model.problem import Array, Arrays
from chainrule.derive import EquationError, Program, evaluate, list_variants, read_docstring

NUMBERS = (1e-5, 1.0, 1e-8, 1e-12, 1e-6, 1e-7, 1e-3, 0.0, 0.01, 0.7, 0.5, 0.1)  # what ε and α usually are
MOST_TRIES = 300
MOST_WORK = 20_000_000  # entries of inputs in all tries
AGREEMENT = 1e-9  # of Y, relative: another ε shows


@dataclass(frozen=True)
class Role:
    """What stands for a name of a program: an input of the person's, as it is, transposed or as rows; or a number."""

    name: str
    form: str = ""
    value: float = 0.0

    def take(self, inputs: Mapping[str, Any]) -> Any:
        """Return the value for the program."""
        if self.form == "number":
            return self.value
        array = inputs[self.name]
        if self.form == "rows":
            return np.eye(next(a.shape[1] for a in inputs.values() if np.ndim(a) == 2))[array]
        return array.T if self.form == "transposed" else array


@dataclass(frozen=True)
class Matched:
    """A program and what stands for each of its inputs."""

    program: Program
    roles: Mapping[str, Role]

    def find(self, name: str) -> tuple[str, Role] | None:
        """Return the program's name for a person's input, and its role."""
        return next(((own, role) for own, role in self.roles.items() if role.name == name), None)

    def arrays(self, inputs: Mapping[str, Any]) -> Arrays:
        """Return the program's inputs from the person's."""
        return {own: role.take(inputs) for own, role in self.roles.items()}

    @property
    def legend(self) -> str:
        """`weight is gamma, bias is beta`, for the names that differ; "" where none does."""
        names = {own: role.name + "ᵀ" * (role.form == "transposed") for own, role in self.roles.items() if role.name}
        return ", ".join(f"{own} is {name}" for own, name in names.items() if name.lower() != own.lower())


def list_programs(name: str) -> list[Program]:
    """Return the programs of the layer of chainrule that a name means, such as LayerNormModule or softmax_backward."""
    key = _key(name)
    layer = next((getattr(layers, n) for n in layers.__all__ if key and key in (_key(n), _key(n).rstrip("12d"))), None)
    docstring = getattr(inspect.getmodule(layer), "__doc__", None) or ""
    return [read_docstring(docstring, variant).forward for variant in list_variants(docstring)] if layer else []


def match_program(program: Program, inputs: Mapping[str, Any], Y: Array) -> Matched | None:
    """Return which input is which, so that the program computes Y; None where no way of standing in does."""
    tries = min(MOST_TRIES, 1 + MOST_WORK // count_entries(*inputs.values()))
    choices = [list(_candidates(program, own, inputs)) for own in program.inputs]
    for chosen in itertools.islice(itertools.product(*choices), tries):
        names = [role.name for role in chosen if role.name]
        matched = Matched(program, dict(zip(program.inputs, chosen, strict=True)))
        if len(set(names)) == len(names) and _computes(matched, inputs, Y):
            return matched
    return None


def _candidates(program: Program, own: str, inputs: Mapping[str, Any]) -> Iterator[Role]:
    rank = program.ranks[own]
    for name in sorted(inputs, key=lambda name: not are_alike(name, own)):
        value = inputs[name]
        if np.ndim(value) == rank and np.asarray(value).dtype.kind in "fiu":
            yield Role(name)
            if rank == 2:
                yield Role(name, "transposed")
        if rank == 2 and np.ndim(value) == 1 and np.asarray(value).dtype.kind in "iu":
            yield Role(name, "rows")
    if rank == 0:
        yield from (Role("", "number", value) for value in NUMBERS)


def _computes(matched: Matched, inputs: Mapping[str, Any], Y: Array) -> bool:
    try:
        with np.errstate(all="ignore"):
            found = evaluate(matched.program, matched.arrays(inputs))[matched.program.output]
    except (EquationError, IndexError, ValueError):
        return False
    return found.shape == Y.shape and bool(np.max(np.abs(found - Y)) <= AGREEMENT * max(1.0, np.max(np.abs(Y))))


def _key(name: str) -> str:
    """Return what a name means, without the word loss, with which softmax_loss ends."""
    key = shorten(name)
    return shorten(key.removesuffix("loss")) if key.endswith("loss") else key


def first_match(programs: Sequence[Program], inputs: Mapping[str, Any], Y: Array) -> Matched | None:
    """Return the first of several programs that computes Y, with its roles."""
    return next(filter(None, (match_program(program, inputs, Y) for program in programs)), None)
