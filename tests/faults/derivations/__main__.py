"""`python -m tests.faults.derivations [COUNT [SEED]]`: the table, and each mistake that was not repaired."""

import sys

from .run import run, table

arguments = [int(argument) for argument in sys.argv[1:]]
outcomes = run(*(arguments + [240, 0][len(arguments) :]))
for outcome in outcomes:
    if not outcome.repaired:
        planted = outcome.planted
        word = "not refused" if not outcome.refused else "wrong line" if not outcome.named else "not repaired"
        print(f"{word}: {planted.name}, line {planted.line}, {planted.kind}")
        print(f"    wrong  {planted.wrong}\n    right  {planted.right}\n    repair {outcome.repair}")
print(table(outcomes))
