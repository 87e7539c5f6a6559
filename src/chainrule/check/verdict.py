"""What a check says."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

RIGHT = "right"
BELOW_NOISE = "below the noise"
KINK = "not differentiable here"
NOT_REPEATABLE = "not repeatable"
WRONG = "wrong"
KINDS = (RIGHT, BELOW_NOISE, KINK, NOT_REPEATABLE, WRONG)  # from the best to the worst


@dataclass(frozen=True)
class Row:
    """What was found of the gradient of one input, or of the forward (name "Y").

    `error` is relative to the largest entry of the true gradient, and `tolerance` how large rounding may make it; both
    are None where nothing could be compared. `cause`, `repair`, `line` and `mistake` (one of diagnosis.KINDS) are the
    diagnosis, where there is one.
    """

    name: str
    kind: str
    sentence: str
    error: float | None = None
    tolerance: float | None = None
    cause: str = ""
    repair: str = ""
    line: int | None = None
    mistake: str = ""

    @property
    def text(self) -> str:
        """The row in words."""
        return "\n".join(filter(None, (self.sentence, self.cause, self.repair)))


@dataclass(frozen=True)
class Verdict:
    """The rows of one target, one for each gradient, and notes: what is not wrong but worth knowing."""

    name: str
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """The worst that any row says."""
        return max((row.kind for row in self.rows), key=KINDS.index, default=NOT_REPEATABLE)

    @property
    def ok(self) -> bool:
        """Whether everything was compared and is right."""
        return self.kind == RIGHT

    @property
    def text(self) -> str:
        """The verdict in words: a headline, then a line for each row and each note."""
        lines = [f"{self.name}: {self.kind}"]
        for mark, text in [*((MARKS[row.kind], row.text) for row in self.rows), *(("·", note) for note in self.notes)]:
            lines.append(f"  {mark} " + text.replace("\n", "\n    "))
        return "\n".join(lines)

    def describe(self) -> dict[str, Any]:
        """Return the verdict as what JSON can hold."""
        return {"ok": self.ok, "kind": self.kind, **asdict(self)}


MARKS = {RIGHT: "✓", BELOW_NOISE: "?", KINK: "?", NOT_REPEATABLE: "?", WRONG: "✗"}


def read_verdict(described: dict[str, Any]) -> Verdict:
    """Return the verdict that `describe` gave."""
    rows = tuple(Row(**row) for row in described["rows"])
    return Verdict(described["name"], rows, tuple(described["notes"]))
