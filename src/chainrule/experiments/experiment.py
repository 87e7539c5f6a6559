"""What an experiment is."""

from __future__ import annotations

from dataclasses import dataclass

from chainrule.train import Config


@dataclass(frozen=True)
class Experiment:
    """Settings, and what is known of them.

    meaning: one sentence for lists and help.
    published: the test accuracy that the practical's report gives, 0..1, or None where it gives none.
    expected: the test accuracy that the course expects at least, 0..1, or None.
    """

    config: Config
    meaning: str
    published: float | None = None
    expected: float | None = None

    def describe_target(self) -> str:
        """Return the figures that a result stands beside: "published 48.86 %, the course expects 48 %"."""
        figures = []
        if self.published is not None:
            figures.append(f"published {100 * self.published:.2f} %")
        if self.expected is not None:
            figures.append(f"the course expects {100 * self.expected:.0f} %")
        return ", ".join(figures)
