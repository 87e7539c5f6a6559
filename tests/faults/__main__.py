"""`python -m tests.faults [COUNT [SEED]]`: the tables, and each mistake that was not named rightly."""

import sys

from tests.faults.backwards.run import bench, false_alarms, table

arguments = [int(argument) for argument in sys.argv[1:]]
outcomes = bench(*(arguments + [456, 0][len(arguments) :]))
for outcome in outcomes:
    if not outcome.named:
        planted, said = outcome.planted, outcome.row.text if outcome.row else "nothing"
        print(f"{planted.specimen.name}, d{planted.name}, {planted.style}, {planted.kind}: {said}")
print(table(outcomes))
print(table(outcomes, by="style"))
count, alarms = false_alarms()
print("\n".join(line for same in alarms.values() for line in same))
for style in count:
    print(f"{style}: {len(alarms[style])} alarms at {count[style]} right backwards")
