"""`python -m tests.faults [COUNT [SEED]]`: the table, and each mistake that was not named rightly."""

import sys

from tests.faults.backwards.run import bench, false_alarms, table

arguments = [int(argument) for argument in sys.argv[1:]]
outcomes = bench(*(arguments + [400, 0][len(arguments) :]))
for outcome in outcomes:
    if not outcome.named:
        planted, said = outcome.planted, outcome.explanation
        print(f"{planted.specimen.name}, d{planted.name}, {planted.kind}: {said.sentence if said else 'nothing'}")
print(table(outcomes))
count, alarms = false_alarms()
print("\n".join([*alarms, f"{len(alarms)} alarms at {count} right backwards"]))
