"""What is said of a document: each derivation with its rows, and for each row a sign and what is wrong with it."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from chainrule.derive.language.expressions import Expr, Partial, Ref
from chainrule.derive.language.printer import show
from chainrule.derive.prover.verdict import LineFinding
from chainrule.derive.reading.derivations import Derivation, Row

FOLLOWS, WRONG, UNREAD, REMARK = "✓", "✗", "?", " "


@dataclass
class Judged:
    """A row of a person's formula with its judgement.

    sign: ✓, ✗, or ? for a row that can't be read or has nothing to be held to; a blank for words.
    latex: the repair in LaTeX, where it is no expression of entries.
    repaired: the right side as it should be, where a small edit makes it true. before: what the row is held to.
    part: the derivative or named result that the row is about; empty for the gradient's own chain.
    readings: what was read, in the language. notes: what was decided in reading it. finding: what is wrong.
    """

    row: Row
    sign: str = REMARK
    readings: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    problem: str = ""
    finding: LineFinding | None = None
    repaired: Expr | None = None
    before: str = ""
    part: str = ""
    latex: str = ""

    @property
    def repair(self) -> str | None:
        """The row as it should be, in the language."""
        return self.finding.repair if self.finding else None


@dataclass
class JudgedDerivation:
    """A derivation with the judgement of its rows; forward and where each line of it is from; what was decided."""

    derivation: Derivation
    rows: list[Judged]
    forward: list[tuple[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    problem: str = ""
    right: bool = False

    def tell_assumed(self, assumptions: Iterable[str]) -> None:
        """Note what the document assumes."""
        self._tell(f"assumed, as the document says: {line.removeprefix('assume ')}" for line in assumptions)

    def tell_classes(self, assumptions: Iterable[str]) -> None:
        """Note what is taken for class numbers."""
        said = (
            line.removeprefix("assume ").replace(" in ", " is read as a class number, one of the places ")
            for line in assumptions
        )
        self._tell(said)

    def _tell(self, notes: Iterable[str]) -> None:
        self.notes += [note for note in notes if note not in self.notes]

    @property
    def title(self) -> str:
        """The heading and the words above the formula."""
        parts = dict.fromkeys([self.derivation.heading, self.derivation.label])
        return " · ".join(part for part in parts if part)

    @property
    def kind(self) -> str:
        """What is derived: a gradient, or a derivative."""
        plain = "differential" if self.derivation.differential else "gradient"
        return "derivative" if self.derivation.claimed else plain

    @property
    def gradient(self) -> str:
        """The gradient that is derived, such as `dW[i,j]`."""
        claimed = self.derivation.claimed
        if claimed is not None and not isinstance(claimed.of, Ref | Partial):
            return f"d(…)/d({show(claimed.by)})"
        return show(claimed or self.derivation.gradient)

    @property
    def ok(self) -> bool:
        """Whether every row can be read and follows, so that the gradient is right."""
        signs = {judged.sign for judged in self.rows}
        return self.right and not self.problem and not signs & {WRONG, UNREAD}

    @property
    def first_wrong(self) -> Judged | None:
        """The first row of the gradient's own chain that does not follow, or else of a part of it."""
        wrong = [judged for judged in self.rows if judged.sign == WRONG]
        return next((judged for judged in wrong if not judged.part), wrong[0] if wrong else None)


@dataclass
class JudgedDocument:
    """The derivations of a document, judged, and the formulas that belong to none and can't be read."""

    derivations: list[JudgedDerivation]
    unread: list[Row]

    @property
    def ok(self) -> bool:
        """Whether every derivation follows, and nothing else that the document states is left unjudged."""
        return all(judged.ok for judged in self.derivations) and not self.unjudged

    @property
    def unjudged(self) -> list[Row]:
        """The rows of no derivation that say what a derivative is, or that two expressions are equal."""
        return [row for row in self.unread if row.claims or (row.left and row.segments)]
