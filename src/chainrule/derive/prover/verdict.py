"""What the prover answers: for each line whether it follows, and for a wrong one why, where, and what it should be."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from chainrule.derive.language.claiming.heads import name_kind
from chainrule.derive.prover.judging.counterexample import Counterexample
from chainrule.display import code_block, frame, rows_of_text

FOLLOWS, WRONG = "✓", "✗"


@dataclass(frozen=True)
class LineFinding:
    """All that is known of a line that does not follow.

    shape: what is wrong with its indices, where that is the matter. where: for which indices it differs from the line
    before. repair: the line as it should be; reason: what was wrong, as a sentence. elsewhere: the number of the line
    that the repair is of, where the mistake is in a shorthand; else 0.
    """

    shape: str = ""
    where: str = ""
    counterexample: Counterexample | None = None
    repair: str | None = None
    reason: str = ""
    elsewhere: int = 0


@dataclass(frozen=True)
class LineVerdict:
    """The judgement of one line; `before` names what it is compared with: "line 4", or "the true gradient".

    `part` counts the lines that stand in one line of the text, from 1; it is 0 where there is one.
    """

    line: int
    text: str
    remark: str
    before: str
    finding: LineFinding | None = None
    part: int = 0

    @property
    def follows(self) -> bool:
        """Whether the line follows."""
        return self.finding is None

    @property
    def place(self) -> str:
        """`4`, or `4.2` for the second part of the line."""
        return f"{self.line}.{self.part}" if self.part else str(self.line)


@dataclass(frozen=True)
class ChainVerdict:
    """The judgement of one gradient, or of another `kind` of claim; `right` says whether its last line is the true one.

    `branches` are the comparisons, each with whether it was true and whether it was false at some point;
    `untaken` says of which an answer never occurred.
    `shorthands` are those that are defined among its lines, each with its line number, as written; `notes` are words
    that were not judged, and what was read in one way of several.
    """

    target: str
    line: int
    lines: tuple[LineVerdict, ...]
    right: bool
    shorthands: tuple[tuple[int, str], ...] = ()
    branches: tuple[tuple[str, bool, bool], ...] = ()
    untaken: tuple[str, ...] = ()
    kind: str = "gradient"
    notes: tuple[tuple[int, str], ...] = ()

    @property
    def ok(self) -> bool:
        """Whether every line follows, and every branch was tried."""
        return self.follows and not self.untaken

    @property
    def follows(self) -> bool:
        """Whether every line follows as far as was tried."""
        return all(line.follows for line in self.lines)

    def explained(self, reason: str) -> "ChainVerdict":
        """The judgement with a reason before what is known of the first wrong line."""
        lines = list(self.lines)
        at = next(k for k, line in enumerate(lines) if line.finding)
        finding = lines[at].finding or LineFinding()
        lines[at] = replace(lines[at], finding=replace(finding, reason=f"{reason} {finding.reason}".strip()))
        return replace(self, lines=tuple(lines))


@dataclass(frozen=True)
class Verdict:
    """The answer to a derivation, or to all derivations of a Markdown file; `readings` tell how signs were read."""

    chains: tuple[ChainVerdict, ...] = field(default=())
    readings: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether every line of every gradient follows, so that all gradients are right."""
        return all(chain.ok for chain in self.chains)

    @property
    def first_wrong(self) -> LineVerdict | None:
        """The first line that does not follow."""
        return next((line for chain in self.chains for line in chain.lines if not line.follows), None)

    @property
    def line(self) -> int | None:
        """The number of the first line that does not follow; None when all do."""
        return self.first_wrong.line if self.first_wrong else None

    @property
    def repair(self) -> str | None:
        """The first wrong line, or the shorthand in which its mistake is, as it should be; None where there is none."""
        return self.first_wrong.finding.repair if self.first_wrong and self.first_wrong.finding else None

    @property
    def text(self) -> str:
        """The answer for a person, line by line."""
        return "\n".join(text for text, _ in self.styled())

    def styled(self) -> Iterator[tuple[str, str]]:
        """The rows of the text, each with a style: `head`, `right`, `wrong`, `note` or `end`."""
        for k, chain in enumerate(self.chains):
            if k:
                yield "", "note"
            yield from _chain_rows(chain)
        yield "", "note"
        for told in self.readings:
            yield f"Read so: {told}.", "note"
        if taken := self._branches:
            yield f"Branches tried: {taken}.", "note"
        yield self.summary, "right" if self.ok else "wrong"

    def _repr_html_(self) -> str:
        return frame(rows_of_text(self.styled()))

    def _repr_markdown_(self) -> str:
        return code_block(self.text)

    @property
    def _branches(self) -> str:
        """The comparisons of which both answers occurred."""
        tried = dict.fromkeys(text for chain in self.chains for text, yes, no in chain.branches if yes and no)
        return ", ".join(f"{text} (true and false)" for text in tried)

    @property
    def summary(self) -> str:
        """The answer in one sentence."""
        if self.ok:
            kinds, count = {chain.kind for chain in self.chains}, len(self.chains)
            kind = name_kind(kinds.pop()) if len(kinds) == 1 else "claim"
            return f"Every line follows; {f'the {kind} is' if count == 1 else f'all {count} {kind}s are'} right."
        wrong = [chain.target for chain in self.chains if not chain.follows]
        if not wrong:
            problem = next(problem for chain in self.chains for problem in chain.untaken)
            return f"Undecided: every line follows where it was tried, but {problem}."
        part = f", part {self.first_wrong.part}," if self.first_wrong and self.first_wrong.part else ""
        return f"Line {self.line}{part} is the first that does not follow ({', '.join(wrong)} not derived)."

    def as_dict(self) -> dict[str, object]:
        """The answer for programs."""
        chains = [_chain_dict(chain) for chain in self.chains]
        return {
            "ok": self.ok,
            "line": self.line,
            "repair": self.repair,
            "summary": self.summary,
            "gradients": chains,
        } | ({"readings": list(self.readings)} if self.readings else {})


def _chain_dict(chain: ChainVerdict) -> dict[str, object]:
    lines = [_line_dict(line) for line in chain.lines]
    shorthands = [{"line": line, "text": text} for line, text in chain.shorthands]
    known = {"gradient": chain.target, "kind": chain.kind, "line": chain.line, "ok": chain.ok, "right": chain.right}
    known["notes"] = [{"line": line, "text": text} for line, text in chain.notes]
    branches = [{"comparison": text, "true": yes, "false": no} for text, yes, no in chain.branches]
    return {**known, "shorthands": shorthands, "lines": lines, "branches": branches, "untaken": list(chain.untaken)}


def _line_dict(line: LineVerdict) -> dict[str, object]:
    known: dict[str, object] = {
        "line": line.line, "part": line.part, "text": line.text, "remark": line.remark,
        "follows": line.follows, "held_to": line.before,
    }  # fmt: skip
    if line.finding:
        case = line.finding.counterexample
        known |= {
            "shape": line.finding.shape, "where": line.finding.where, "repair": line.finding.repair,
            "repaired_line": line.finding.elsewhere or line.line, "reason": line.finding.reason,
            "counterexample": case.as_dict() if case else None,
        }  # fmt: skip
    return known


def _chain_rows(chain: ChainVerdict) -> Iterator[tuple[str, str]]:
    yield f"{chain.kind} {chain.target}", "head"
    width = max(len(line.place) for line in chain.lines)
    named = sorted([*chain.shorthands, *chain.notes])
    width = max([width, *(len(str(number)) for number, _ in named)])
    for line in chain.lines:
        while named and (named[0][0] < line.line or (named[0] in chain.notes and named[0][0] == line.line)):
            yield _shorthand_row(*named.pop(0), width)
        sign = FOLLOWS if line.follows else WRONG
        word = "follows" if line.follows else f"does not follow from {line.before}"
        yield f"  {line.place:>{width}}  {sign} = {line.text}   {word}", "right" if line.follows else "wrong"
        if line.finding:
            indent = " " * (width + 6)
            yield from ((indent + note, "note") for note in _notes(line))
    yield from (_shorthand_row(number, text, width) for number, text in named)
    if not chain.follows:
        last = "nevertheless the right" if chain.right else "not the right"
        yield f"  The last line is {last} {name_kind(chain.kind)}.", "right" if chain.right else "wrong"


def _shorthand_row(number: int, text: str, width: int) -> tuple[str, str]:
    return f"  {number:>{width}}    {text}", "note"


def _notes(line: LineVerdict) -> Iterator[str]:
    finding, before = line.finding, line.before
    assert finding, "only a wrong line has notes"
    if finding.shape:
        yield f"shape: {finding.shape}"
    if finding.where:
        yield f"where: {finding.where}"
    if finding.counterexample:
        yield f"counterexample (indices from 0): {finding.counterexample.describe(before)}"
    if finding.reason:
        yield f"why: {finding.reason}"
    if finding.repair and finding.elsewhere:
        yield f"repair of line {finding.elsewhere}: {finding.repair}"
    elif finding.repair:
        yield f"repair: = {finding.repair}"
