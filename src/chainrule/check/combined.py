"""Verdicts put together: what probes find besides, and what is found of a variant."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from chainrule.check.verdict import KINDS, RIGHT, Row, Verdict


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
            rows[row.name] = row if row.kind == RIGHT else replace(row, sentence=f"{row.sentence}, {words}")
    return replace(verdict, rows=tuple(rows.values()), notes=tuple(dict.fromkeys((*verdict.notes, *other.notes))))
