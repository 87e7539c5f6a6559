"""What every rendering of a derivation says, and in which order; the renderings differ in how they write it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from chainrule.derive.engine.derivation import FoundGradient, Step
from chainrule.derive.language.expressions import Ref
from chainrule.derive.language.printer import show
from chainrule.derive.language.programs.program import Program
from chainrule.derive.language.recurrence.blocks import elements_of
from chainrule.derive.language.subscripts import Affine


class Derived(Protocol):
    """The gradient of one quantity, as `derive.derive(text)[name]` gives it."""

    @property
    def name(self) -> str:
        """The quantity."""

    @property
    def found(self) -> FoundGradient:
        """Its gradient and the chain of steps."""

    @property
    def needs(self) -> tuple[FoundGradient, ...]:
        """The gradients that its equation is written with."""

    @property
    def chain(self) -> tuple[FoundGradient, ...]:
        """The gradients that its steps mention, in the order in which they are derived."""

    @property
    def matrix(self) -> str | None:
        """The matrix form, or None."""

    @property
    def index(self) -> str:
        """The equations in index notation."""

    @property
    def steps(self) -> tuple[Step, ...]:
        """Every step that leads to it."""

    @property
    def latex(self) -> str:
        """The equations in LaTeX."""

    @property
    def numpy(self) -> str:
        """Source of a NumPy function."""

    @property
    def points(self) -> int:
        """At how many random points the steps are equal."""

    @property
    def untaken(self) -> tuple[str, ...]:
        """What was compared with one answer at all points, as sentences: the other branch is not proven."""

    @property
    def error(self) -> float | None:
        """Largest relative error against complex-step differences, where it was compared."""


@dataclass(frozen=True)
class Chapter:
    """A program and its gradients; `variant` tells it from the others of a page."""

    program: Program
    gradients: Mapping[str, Derived]
    variant: str = ""

    def heading(self, text: str) -> str:
        """`Forward, approximate="tanh"`."""
        return f"{text}, {self.variant}" if self.variant else text


@dataclass(frozen=True)
class Page:
    """What is said of one or several programs: a title, a sentence, the meaning of the letters, and why."""

    title: str
    chapters: tuple[Chapter, ...]
    lead: str = ""
    indices: Mapping[str, str] = field(default_factory=dict)
    why: str = ""

    @property
    def letters(self) -> dict[str, str]:
        """Meanings and the letters that have it: {"feature": "n m"}."""
        meanings = dict.fromkeys(self.indices.values())
        return {meaning: " ".join(k for k, v in self.indices.items() if v == meaning) for meaning in meanings}


@dataclass(frozen=True)
class Section:
    """The chain of steps for one quantity: of an input, or of one in between that the inputs' gradients use."""

    found: FoundGradient
    gradient: Derived | None

    @property
    def steps(self) -> tuple[Step, ...]:
        """The chain."""
        return self.found.steps


def sections(gradients: Mapping[str, Derived]) -> list[Section]:
    """Every chain once: quantities in between first, where they are first needed."""
    made: dict[str, Section] = {}
    for gradient in gradients.values():
        for found in gradient.chain:
            made.setdefault(found.target.name, Section(found, None))
        made[gradient.name] = Section(gradient.found, gradient)
    return list(made.values())


def results(gradients: Mapping[str, Derived]) -> list[FoundGradient]:
    """The equations of all gradients, each with those that it is written with before it, every one once."""
    made = {found.target.name: found for g in gradients.values() for found in (*g.needs, g.found)}
    return list(made.values())


def matrix_lines(gradients: Mapping[str, Derived]) -> list[str]:
    """The matrix forms of the gradients that have one, a line each; none where they only say that some are 0."""
    forms = [gradient.matrix for gradient in gradients.values()]
    if None in forms and all(form is None or form.endswith(" = 0") for form in forms):
        return []
    return list(dict.fromkeys(line for form in forms if form for line in form.split("\n")))


def describe_starts(program: Program) -> list[str]:
    """What a recurrence reads beyond its first or last step, where no line of the program says it."""
    sentences = []
    for name, block in program.loops.items():
        target, axis = program.defined[name].target, block.axes[name]
        offsets = {
            dict((element.indices[block.axes[name]] - Affine.of(block.letter(reader))).terms).get((), 0)
            for reader, value in block.equations
            for element in elements_of(value, [name])
        }
        given = {start.place for start in program.starts if start.name == name}
        begun = sum(1 for place in given if place >= 0)  # so many steps are given, which read nothing
        reach = max(map(abs, offsets), default=0)
        if block.descending:
            sentences.append(f"{name} is 0 beyond its last step.")
            continue
        for place in range(-1, begun - reach - 1, -1):
            if place not in given:
                indices = (*target.indices[:axis], Affine.constant(place), *target.indices[axis + 1 :])
                sentences.append(f"{show(Ref(name, indices))} is 0: no line says otherwise.")
    return sentences


def describe_proof(gradients: Mapping[str, Derived]) -> str:
    """A sentence that says how the gradients were proven."""
    errors = [gradient.error for gradient in gradients.values() if gradient.error is not None]
    points = max(gradient.points for gradient in gradients.values())
    result = f", and the result equals complex-step differences of the program to {max(errors):.1e}" if errors else ""
    proven = f"Proven: each line equals the one before at {points} random points (with ∂ in it: at one){result}."
    untaken = dict.fromkeys(problem for gradient in gradients.values() for problem in gradient.untaken)
    return " ".join([proven, *(f"Not proven in the other branch: {problem}." for problem in untaken)])
