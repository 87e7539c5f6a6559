"""`python -m tests.faults.derivations [COUNT] [SEED]`: the table, and each mistake that was not repaired."""

import sys

from .run import run, table

count, seed = (int(a) for a in [*sys.argv[1:], "240", "0"][:2]) if len(sys.argv) < 3 else map(int, sys.argv[1:3])
outcomes = run(count, seed)
for outcome in outcomes:
    if not (outcome.refused and outcome.named and outcome.repaired):
        planted = outcome.planted
        word = "not refused" if not outcome.refused else "wrong line" if not outcome.named else "not repaired"
        print(f"{word}: {planted.name}:{planted.line} {planted.kind}\n    wrong  {planted.wrong}\n    right  {planted.right}")
        print(f"    repair {outcome.repair}  ({outcome.seconds:.1f} s)")
print(table(outcomes))
