"""Verdicts put together: what probes find besides, and what is found of a variant."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from chainrule.check.modes import EVALUATION, TRAINING
from chainrule.check.verdict import KINDS, RIGHT, WRONG, Row, Verdict

OTHER_MODE = (
    "{} it is right: let backward see in which mode its forward ran, and differentiate what that one computes; running "
    "statistics are constants."
)


def add_findings(verdict: Verdict, findings: Iterable[Row | str]) -> Verdict:
    """Return the verdict with further rows, in place of what less was said of the same name.

    Where all is right, it has further notes too: what is worth knowing then, before it only distracts.
    """
    rows = {row.name: row for row in verdict.rows}
    notes = list(verdict.notes)
    for finding in findings:
        if isinstance(finding, str):
            notes.append(finding)
        elif finding.explanation or finding.name not in rows or rows[finding.name].kind == RIGHT:
            rows[finding.name] = finding
    whole = replace(verdict, rows=tuple(rows.values()))
    return replace(whole, notes=tuple(dict.fromkeys(notes))) if whole.ok else whole


def add_variant(verdict: Verdict, words: str, other: Verdict) -> Verdict:
    """Return the verdict with the rows of a variant where they are worse, told by its words, and its notes."""
    rows = {row.name: row for row in verdict.rows}
    for row in other.rows:
        known = rows.get(row.name)
        if known is None or KINDS.index(row.kind) > KINDS.index(known.kind):
            rows[row.name] = row if row.kind == RIGHT else _tell_variant(row, words, known)
    return replace(verdict, rows=tuple(rows.values()), notes=tuple(dict.fromkeys((*verdict.notes, *other.notes))))


def _tell_variant(row: Row, words: str, known: Row | None) -> Row:
    """Return the row of a variant with its words, and what to do where it is wrong in one mode alone."""
    row = replace(row, sentence=f"{row.sentence}, {words}", variant=words)
    said, other = row.explanation, {EVALUATION: "In training mode", TRAINING: "In evaluation mode"}.get(words)
    if row.kind != WRONG or known is None or known.kind != RIGHT or other is None or said is None:
        return row
    if said.kind != "place":
        return row
    return replace(row, explanation=replace(said, kind="mode", repair=OTHER_MODE.format(other)))
