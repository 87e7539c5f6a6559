"""`python -m tests.people [STYLE …]`: what is said of every file, counted by the style in which it is written."""

import re
import sys
import time
from collections import defaultdict
from pathlib import Path

from chainrule.check.files.verdicts import check_file
from chainrule.errors import UserError

HERE = Path(__file__).parent
COLUMNS = ("right", "alarms", "wrong", "found", "named", "exit 2", "seconds")
TOLD = re.compile(r"# (Told: |.*\btold\b)", re.IGNORECASE)


def is_wrong(text):
    """Tell whether the first lines of a file say that something in it is wrong."""
    head = text.partition("\nimport")[0]
    return bool(re.search(r"^# (Wrong|wrong\b|Said of)", head, re.MULTILINE))


def is_named(verdict):
    """Tell whether what is wrong is said, not only where."""
    rows = [row for row in verdict.rows if row.kind == "wrong"]
    return all(row.explanation is None or row.explanation.kind != "place" for row in rows[:1])


def count(path, row):
    """Add what is said of a file to the row of its style; return what was not as it should be."""
    text, start = path.read_text(encoding="utf-8"), time.process_time()
    try:
        verdicts, complaints = check_file(path, "", {}, 0)
    except UserError as error:
        verdicts, complaints = [], [str(error)]
    row["seconds"] += time.process_time() - start
    bad = [verdict for verdict in verdicts if not verdict.ok]
    if path.stem.endswith("_told"):
        return []
    if complaints:
        row["exit 2"] += 1
    if not is_wrong(text):
        row["right"], row["alarms"] = row["right"] + 1, row["alarms"] + bool(bad)
        return [f"blamed: {verdict.text}" for verdict in bad] + complaints
    row["wrong"], row["found"] = row["wrong"] + 1, row["found"] + bool(bad)
    named = bool(bad) and all(map(is_named, bad))
    row["named"] += named
    return complaints + ([] if bad else ["not found"]) + [f"not named: {v.text}" for v in bad if not is_named(v)]


def main(styles):
    """Print the table, below what was not as it should be."""
    table = defaultdict(lambda: dict.fromkeys(COLUMNS, 0))
    for path in sorted(HERE.glob("*/*.py")):
        if styles and path.parent.name not in styles:
            continue
        for said in count(path, table[path.parent.name]):
            print(f"{path.parent.name}/{path.name}: {said}")
    table["all"] = {column: sum(row[column] for row in table.values()) for column in COLUMNS}
    print(f"{'style':22}" + "".join(f"{column:>9}" for column in COLUMNS))
    for style, row in table.items():
        print(f"{style:22}" + "".join(f"{row[column]:9.0f}" for column in COLUMNS))


if __name__ == "__main__":
    main(sys.argv[1:])
