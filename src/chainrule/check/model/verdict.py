"""What a check says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from chainrule.check.model.explanation import Explanation
from chainrule.check.model.typed import read_as
from chainrule.display import code_block, frame, rows_of_text

RIGHT = "right"
ON_PURPOSE = "on purpose"
BELOW_NOISE = "below the noise"
KINK = "not differentiable here"
NOT_REPEATABLE = "not repeatable"
WRONG = "wrong"
FRAGILE = "right, but fragile"  # the forward, which is no number where the right one is
KINDS = (RIGHT, FRAGILE, ON_PURPOSE, BELOW_NOISE, KINK, NOT_REPEATABLE, WRONG)  # from the best to the worst
STAGES = "Stage by stage, from the output back to the input:"
TRAINING, EVALUATION = "in training mode", "in evaluation mode"  # variants of a target
STYLES = {"✓": "right", "✗": "wrong"}  # by the sign that a line begins with; a headline has none
MARKS = {RIGHT: "✓", FRAGILE: "!", ON_PURPOSE: "~", BELOW_NOISE: "?", KINK: "?", NOT_REPEATABLE: "?", WRONG: "✗"}


@dataclass(frozen=True)
class Row:
    """What was found of the gradient of one input, or of the forward (name "Y").

    `error` is relative to the largest entry of the true gradient, and `tolerance` how large rounding may make it; both
    are None where nothing could be compared. `doubt` is how likely a gradient that is off by 1 % of its size would have
    passed. `explanation` is the diagnosis, where there is one. `variant` says where it is so, in words, if not in the
    target itself: in the other mode, from another output.
    """

    name: str
    kind: str
    sentence: str
    error: float | None = None
    tolerance: float | None = None
    doubt: float | None = None
    explanation: Explanation | None = None
    variant: str = ""

    @property
    def cause(self) -> str:
        """What the numbers are instead; "" where that is not known."""
        return self.explanation.sentence if self.explanation else ""

    @property
    def repair(self) -> str:
        """What to do about it."""
        return self.explanation.repair if self.explanation else ""

    @property
    def mistake(self) -> str:
        """The kind of the mistake, one of explanation.KINDS."""
        return self.explanation.kind if self.explanation else ""

    @property
    def line(self) -> int | None:
        """The line of the person's file that the diagnosis is about."""
        return self.explanation.line if self.explanation else None

    @property
    def text(self) -> str:
        """The row in words."""
        symbols = self.explanation.symbols if self.explanation else ""
        return "\n".join(filter(None, (self.sentence, self.cause, self.repair, symbols)))


@dataclass(frozen=True)
class Place:
    """Where gradients were compared: in words, and the shapes of the inputs there."""

    words: str
    shapes: Mapping[str, tuple[int, ...]]

    @property
    def text(self) -> str:
        """`x 4×5, w 5×3, in a batch of one`."""
        shapes = [f"{name} {'×'.join(map(str, shape)) or 'a number'}" for name, shape in self.shapes.items()]
        return f"{', '.join(shapes)}, {self.words}" if self.words else ", ".join(shapes)


@dataclass(frozen=True)
class Grid:
    """An array as a table of cells, each with a value and the place of its entry in the array."""

    values: list[list[float]]
    places: list[list[list[int]]]


@dataclass(frozen=True)
class Picture:
    """The gradient of `name` as it should be and as it was found, at a point in words."""

    name: str
    shape: tuple[int, ...]
    found_shape: tuple[int, ...]
    expected: Grid
    found: Grid
    words: str = ""


@dataclass(frozen=True)
class Verdict:
    """The rows of one target, one for each gradient, and notes: what is not wrong but worth knowing.

    `places` are the points at which gradients were compared, along random directions drawn with `seed`. `stages` are
    the intermediate gradients that were asked for, from the output back; they do not count for the verdict. `pictures`
    are there where they were asked for.
    """

    name: str
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()
    places: tuple[Place, ...] = ()
    seed: int = 0
    stages: tuple[Row, ...] = ()
    pictures: tuple[Picture, ...] = ()

    @property
    def kind(self) -> str:
        """The worst that any row says."""
        return max((row.kind for row in self.rows), key=KINDS.index, default=NOT_REPEATABLE)

    @property
    def ok(self) -> bool:
        """Whether everything was compared and is right, or is not the forward's gradient on purpose."""
        return self.kind in (RIGHT, FRAGILE, ON_PURPOSE)

    @property
    def sure(self) -> str:
        """How sure the verdict is, in a sentence; "" where nothing was compared."""
        if not self.places:
            return ""
        if self.kind not in (RIGHT, FRAGILE):
            return self._sure_of_wrong()
        doubt = max((row.doubt for row in self.rows if row.doubt is not None), default=None)
        passing = "" if doubt is None else f"; if one were off by 1 % of its size, it would pass {_say_chance(doubt)}"
        return (
            f"How sure: each was compared along a random direction at {_count(self.places)}, seed {self.seed}{passing}."
        )

    @property
    def text(self) -> str:
        """The verdict in words: a headline, then a line for each row and each note, and how sure it is."""
        lines = [f"{self.name}: {self.kind}"]
        marked = [(MARKS[row.kind], row.text) for row in self.rows]
        if self.stages:
            marked += [("·", STAGES), *((MARKS[row.kind], row.text) for row in self.stages)]
        marked += [("·", note) for note in self.notes]
        for mark, text in [*marked, *([("·", self.sure)] if self.sure else [])]:
            lines.append(f"  {mark} " + text.replace("\n", "\n    "))
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        headline, *lines = self.text.split("\n")
        rows = [(line, STYLES.get(line.strip()[:1], "note")) for line in lines]
        return frame(rows_of_text([(headline, "head"), *rows]))

    def _repr_markdown_(self) -> str:
        return code_block(self.text)

    def describe(self) -> dict[str, Any]:
        """Return the verdict as what JSON can hold."""
        return {"ok": self.ok, "kind": self.kind, "sure": self.sure, **asdict(self)}

    def _sure_of_wrong(self) -> str:
        wrong = [row for row in self.rows if row.kind == WRONG]
        off = [row for row in wrong if row.error is not None and row.tolerance is not None]
        named = [row.explanation for row in wrong if row.explanation and row.explanation.kind != "place"]
        named = [explanation for explanation in named if explanation.points]
        parts = []
        if off:
            worst = max(off, key=lambda row: row.error or 0.0)
            share = f"d{worst.name} is off by {worst.error:.2g} of its size"
            parts.append(f"along a random direction, {share}, where rounding explains {worst.tolerance:.0e}")
        if named:
            count = min(explanation.points for explanation in named)
            where = f"{count} random points" if count > 1 else "one point"
            parts.append(f"what is named gives these very numbers at {where}")
        return f"How sure: {'; '.join(parts)}; seed {self.seed}." if parts else ""


def read_verdict(described: Mapping[str, Any]) -> Verdict:
    """Return the verdict that `describe` gave; raise ValueError where it gave none."""
    verdict = read_as(Verdict, described)
    if any(row.kind not in KINDS for row in (*verdict.rows, *verdict.stages)):
        raise ValueError("expected kinds of verdicts that there are")
    return verdict


def _count(places: tuple[Place, ...]) -> str:
    if len(places) == 1:
        return f"one point ({places[0].text})"
    others = "; ".join(place.words for place in places[1:])
    return f"{len(places)} points ({places[0].text}; {others})"


def _say_chance(doubt: float) -> str:
    return f"with a probability below {doubt:.0e}" if doubt < 1e-3 else f"with a probability of {doubt:.1%}"
