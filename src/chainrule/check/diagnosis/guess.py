"""An explanation that may be right, and the test that would show it wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from chainrule.check.diagnosis.case import Case, passes
from chainrule.check.model.explanation import Explanation

Test = Callable[[Case], bool]


@dataclass(frozen=True)
class Guess:
    """What would be said, and whether it holds at a case."""

    kind: str
    sentence: str
    repair: str
    holds: Test
    line: int | None = None

    def is_confirmed(self, cases: list[Case]) -> bool:
        """Whether it holds at every one of the points."""
        return all(passes(self.holds, case) for case in cases)

    @property
    def explanation(self) -> Explanation:
        """The guess as it is said once it is confirmed."""
        return Explanation(self.kind, self.sentence, self.repair, self.line)
