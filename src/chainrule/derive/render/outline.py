"""What every rendering of a derivation says, and in which order; the renderings differ in how they write it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from chainrule.derive.gradient import Found, Step


class Derived(Protocol):
    """The gradient of one quantity, as `derive.derive(text)[name]` gives it."""

    @property
    def name(self) -> str:
        """The quantity."""

    @property
    def found(self) -> Found:
        """Its gradient and the chain of steps."""

    @property
    def chain(self) -> tuple[Found, ...]:
        """The gradients that its steps mention, in the order in which they are derived."""

    @property
    def matrix(self) -> str | None:
        """The matrix form, or None."""

    @property
    def index(self) -> str:
        """The equations in index notation."""

    @property
    def numpy(self) -> str:
        """Source of a NumPy function."""


@dataclass(frozen=True)
class Section:
    """The chain of steps for one quantity: of an input, or of one in between that the inputs' gradients use."""

    found: Found
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
