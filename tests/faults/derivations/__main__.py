"""`python -m tests.faults.derivations [COUNT [SEED]]`: the table, and each mistake that was not repaired.

With `--latex` or `--matrix` before them: the same, with the derivations written in LaTeX or in matrix notation. With
`--branches`: so many gradients of programs with comparisons (600), and each that is misjudged. With `--pointed`: those
that were thought up.
"""

import sys

from .branches import draw_pairs, list_misjudged
from .notations import NOTATIONS, run_in
from .pointed import list_pairs
from .run import run, table

if sys.argv[1:2] in (["--branches"], ["--pointed"]):
    given = [int(argument) for argument in sys.argv[2:]]
    count, seed = given + [600, 0][len(given) :]
    pairs = draw_pairs(seed, count) if sys.argv[1] == "--branches" else list(list_pairs())
    misjudged = list_misjudged(pairs)
    for text, right in misjudged:
        print(f"{'right one refused' if right else 'wrong one passed'}:\n{text}")
    wrong = sum(not right for _, right in pairs)
    print(f"{wrong} wrong, {len(pairs) - wrong} right, {len(misjudged)} misjudged")
    sys.exit(bool(misjudged))

notation = next((option for option in sys.argv[1:2] if option in NOTATIONS), None)
arguments = [int(argument) for argument in sys.argv[1 + bool(notation) :]]
count, seed = arguments + [240, 0][len(arguments) :]
outcomes = run_in(notation, count, seed) if notation else run(count, seed)
for outcome in outcomes:
    if not outcome.repaired:
        planted = outcome.planted
        word = "not refused" if not outcome.refused else "wrong line" if not outcome.named else "not repaired"
        print(f"{word}: {planted.name}, line {planted.line}, {planted.kind}")
        print(f"    wrong  {planted.wrong}\n    right  {planted.right}\n    repair {outcome.repair}")
print(table(outcomes))
