"""An explanation that may be right, and the test that would show it wrong."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
    of_sizes: bool = False  # whether it looks at sizes alone, not at operations of the forward

    def is_confirmed(self, cases: list[Case], others: Sequence[Case] = ()) -> bool:
        """Whether it holds at every one of the points, and at those of other sizes where the forward runs alike."""
        meant = (case for case in others if self.kind == "edit" or not case.problem.is_of_axis)  # an axis is named
        alike = (case for case in meant if self.of_sizes or case.is_alike(cases[0]))
        return all(passes(self.holds, case) for case in cases) and all(passes(self.holds, case) for case in alike)

    @property
    def explanation(self) -> Explanation:
        """The guess as it is said once it is confirmed."""
        return Explanation(self.kind, self.sentence, self.repair, self.line)
