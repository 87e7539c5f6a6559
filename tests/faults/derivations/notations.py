"""Planted mistakes in other notations: in LaTeX, and in matrix notation where a derivation has that."""

import math
import re
import time
from dataclasses import dataclass
from functools import cache
from itertools import islice

from chainrule.derive import EquationError, parse_derivation, prove, prove_document
from chainrule.derive.language.expressions import Ref
from chainrule.derive.prover.reading import read
from chainrule.derive.render.judgement import as_written
from chainrule.derive.render.latex import latex
from chainrule.derive.render.matrix import matrix_form

from .planting import draw_planted, right_derivations
from .run import Outcome, distance, is_right_repair

SIZES = "nmpqstuvwxyzabcdefghjkl"  # written as capitals; I is the identity


@dataclass(frozen=True)
class Text:
    """A derivation in another notation, and the line there of each of its lines."""

    source: str
    lines: dict[int, int]
    forward: str = ""


def in_latex(text: str) -> Text:
    """A derivation in LaTeX, as a document has it; its forward is given beside it."""
    reading = read(text)
    rows = [
        f"$${latex(shorthand.target)} = {latex(as_written(shorthand.value))}$$"
        for shorthand in reading.shorthands.values()
    ]
    lines = {}
    for chain in reading.chains:
        rows.append(r"$$ \begin{aligned}")
        left = latex(as_written(chain.target))
        for line in chain.lines:
            rows.append(rf"{left} &= {latex(as_written(line.raw))} \\")
            lines[line.number], left = len(rows), ""
        rows.append(r"\end{aligned} $$")
    return Text("\n".join(rows), lines, str(reading.forward))


def in_matrices(text: str) -> Text | None:
    """A derivation in matrix notation, without the lines that have no such form; None where its forward has none."""
    try:
        derivation = parse_derivation(text)
    except EquationError:  # an index that is free on the right side alone
        return None
    program = derivation.forward
    if program.assumptions or any(claim.shorthands for claim in derivation.claims):
        return None
    homes = {**program.dimensions.of, **derivation.dimensions.of}
    free = [letter for letter in SIZES if letter.upper() not in program.ranks]
    sizes = dict(zip(sorted(set(homes.values())), free, strict=False))
    of = {letter: sizes[home] for letter, home in homes.items()}
    shapes = [f"    {n}: {'×'.join(of[a].upper() for a in program.axes(n)) or 'scalar'}" for n in program.inputs]
    forms = [matrix_form(s.target, s.value, of, products=True) for s in program.statements]
    if None in forms:
        return None
    declared = {of[axis] for name in program.inputs for axis in program.axes(name)}
    unsaid = {size.upper() for size in {*sizes.values()} - declared}  # of what a line alone runs over
    rows, lines = ["forward", *shapes, *(f"    {form}" for form in forms)], {}
    for claim in derivation.claims:
        rows.append(f"gradient {claim.target.name}")
        for line in claim.lines:
            form = matrix_form(Ref("_", claim.target.indices), line.value, of, products=True)
            if form and unsaid.isdisjoint(re.findall(r"\w+", form)):
                rows.append("    " + form.removeprefix("_ "))
                lines[line.line] = len(rows)
        if rows[-1].startswith("gradient"):
            rows.pop()
    return Text("\n".join(rows), lines) if lines else None


def writes_names_apart(text: str) -> bool:
    """Whether no line has d(L), which LaTeX writes as it writes the gradient."""
    return "d(L)" not in text


def judge_in_latex(planted):
    """Let the prover judge a planted mistake in LaTeX; None where LaTeX writes two names of it alike."""
    if not writes_names_apart(planted.text):
        return None
    text = in_latex(planted.text)
    start = time.process_time()
    judged = prove_document(text.source, forward=text.forward)
    seconds = time.process_time() - start
    wrong = [row for one in judged.derivations for row in one.rows if row.sign in "✗?"]
    named = bool(wrong) and wrong[0].row.line == text.lines[planted.line]
    repair = wrong[0].repair if named else None
    repaired = bool(repair) and is_right_repair(planted, repair, wrong[0].readings[-1])
    return Outcome(planted, not judged.ok, named, repaired, repair, seconds)


def judge_in_matrices(planted):
    """Let the prover judge a planted mistake in matrix notation; None where it has no such form, or is not read."""
    text = in_matrices(planted.text)
    if text is None or planted.line not in text.lines or not _follows(right_in_matrices(planted.name)):
        return None
    start = time.process_time()
    try:
        verdict = prove(text.source)
    except EquationError:  # as where n runs over both sides of X: N×N beside the number N
        return None
    seconds = time.process_time() - start
    named = verdict.line == text.lines[planted.line]
    rows = text.source.split("\n")
    at = text.lines[planted.line] - 1
    wrong, rows[at] = rows[at].strip(" ="), f"    = {verdict.repair}"
    right = in_matrices(right_derivations()[planted.name])
    as_it_was = right.source.split("\n")[right.lines[planted.line] - 1] if planted.line in right.lines else ""
    bound = max(12, distance(wrong, as_it_was.strip(" =")) + 8) if as_it_was else math.inf
    small = named and bool(verdict.repair) and distance(wrong, verdict.repair) <= bound
    repaired = small and _follows("\n".join(rows))
    return Outcome(planted, not verdict.ok, named, repaired, verdict.repair, seconds)


@cache
def right_in_matrices(name):
    """A right derivation in matrix notation."""
    text = in_matrices(right_derivations()[name])
    return text.source if text else ""


@cache
def _follows(source):
    try:
        return bool(source) and prove(source, repairs=False).ok
    except EquationError:
        return False


NOTATIONS = {"--latex": judge_in_latex, "--matrix": judge_in_matrices}


def run_in(notation, count, seed=0):
    """Plant mistakes until that many are judged in a notation."""
    judged = map(NOTATIONS[notation], draw_planted(seed))
    return list(islice(filter(None, judged), count))
