"""Lets the prover judge planted mistakes, and counts."""

import difflib
import re
import time
from collections import Counter
from dataclasses import dataclass

from chainrule.derive import parse_derivation, prove

from .planting import Planted, judge_of, plant, right_derivations


@dataclass(frozen=True)
class Outcome:
    """What the prover made of a planted mistake."""

    planted: Planted
    refused: bool
    named: bool
    repaired: bool
    repair: str | None
    seconds: float


def judge_planted(planted):
    """Let the prover judge one planted mistake; a repair is right where loops find it equal and it is small."""
    start = time.process_time()
    verdict = prove(planted.text)
    seconds = time.process_time() - start
    repaired = verdict.line == planted.line and bool(verdict.repair) and is_right_repair(planted, verdict.repair)
    return Outcome(planted, not verdict.ok, verdict.line == planted.line, repaired, verdict.repair, seconds)


def is_right_repair(planted, repair, wrong=None):
    """Equal to the line as it was, and not much further from the wrong line, as it was read, than that is."""
    if repair == planted.right:
        return True
    judge = judge_of(planted.name)
    rows = right_derivations()[planted.name].split("\n")
    rows[planted.line - 1] = f"    = {repair}"
    derivation = parse_derivation("\n".join(rows))
    claim, line = next((c, k) for c in derivation.claims for k in c.lines if k.line == planted.line)
    old = next(k for c in judge.derivation.claims for k in c.lines if k.line == planted.line)
    small = distance(wrong or planted.wrong, repair) <= distance(planted.wrong, planted.right) + 8
    before = judge.derivation.dimensions.of
    return small and judge.equal(old.value, line.value, claim.letters, before, {**before, **derivation.dimensions.of})


def distance(a, b):
    """How many words and signs differ between two lines."""
    cut = [re.findall(r"\w+|\S", text) for text in (a, b)]
    same = sum(block.size for block in difflib.SequenceMatcher(None, *cut, autojunk=False).get_matching_blocks())
    return max(map(len, cut)) - same


def run(count, seed=0):
    """Plant that many mistakes and let the prover judge each."""
    return [judge_planted(planted) for planted in plant(count, seed)]


def table(outcomes):
    """The counts by kind, as text."""
    kinds = Counter(o.planted.kind for o in outcomes)
    rows = [
        f"{'mistake':18} {'planted':>8} {'refused':>8} {'line':>8} {'repaired':>9} {'s, median':>10} {'s, most':>8}"
    ]
    for kind in [*sorted(kinds), "all"]:
        mine = [o for o in outcomes if kind in ("all", o.planted.kind)]
        times = sorted(o.seconds for o in mine)
        rows.append(
            f"{kind:18} {len(mine):8} {sum(o.refused for o in mine):8} {sum(o.named for o in mine):8} "
            f"{sum(o.repaired for o in mine):9} {times[len(times) // 2]:10.2f} {times[-1]:8.2f}"
        )
    return "\n".join(rows)
