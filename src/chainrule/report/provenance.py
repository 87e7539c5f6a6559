"""How the runs of a report were made: machines, versions, commands, seeds, dates."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from chainrule.report.runs import Run
from chainrule.report.table import FilledRow

MOST_GROUPS = 12  # of seeds that are written out
STAMP = re.compile(r"-(\d{4})(\d\d)(\d\d)-\d{6}")  # in the name of a run


def describe_origin(entries: Sequence[FilledRow]) -> Mapping[str, Any]:
    """Return a line for each row that was trained, and the versions and data of all; nothing where none was."""
    trained = [entry for entry in entries if entry.runs]
    runs = [run for entry in trained for run in entry.runs]
    if not runs:
        return {}
    return {
        "lines": [_describe(entry) for entry in trained],
        "versions": _collect(run.environment.get("versions", {}) for run in runs),
        "data": _collect(_name_data(run) for run in runs),
        "commits": sorted({commit[:9] for run in runs if (commit := run.environment.get("commit"))}),
    }


def _describe(entry: FilledRow) -> dict[str, Any]:
    described = entry.describe()
    shorter = f" --set steps={described['steps'][0]}" if entry.shortened else ""
    seconds = [run.result.get("seconds") for run in entry.runs]
    return {
        "id": described["id"],
        "command": f"{described['command']}{shorter} --seeds {len(entry.runs)}",
        "seeds": format_seeds(described["seeds"]),
        "steps": f"{described['steps'][0]:,}",
        "batch": entry.runs[0].config["batch_size"],
        "minutes": sum(filter(None, seconds)) / 60 / len(seconds),
        "days": ", ".join(sorted({day for run in entry.runs if (day := _find_day(run))})),
        "hardware": "; ".join(described["hardware"]),
    }


def format_seeds(seeds: Sequence[int]) -> str:
    """Return seeds with consecutive ones joined, "0–4, 42"; of many more than a line holds, how many there are."""
    groups: list[list[int]] = []
    for seed in sorted(seeds):
        if groups and seed == groups[-1][-1] + 1:
            groups[-1].append(seed)
        else:
            groups.append([seed])
    if len(groups) > MOST_GROUPS:
        return f"{len(seeds):,} between {groups[0][0]} and {groups[-1][-1]}"
    return ", ".join(str(group[0]) if len(group) == 1 else f"{group[0]}–{group[-1]}" for group in groups)


def _name_data(run: Run) -> dict[str, str]:
    data = run.environment.get("data", {})
    return {str(data.get("name")): f"{data.get('train', 0):,} training images"}


def _find_day(run: Run) -> str:
    found = STAMP.search(run.folder.name)
    return "-".join(found.groups()) if found else ""


def _collect(parts: Any) -> dict[str, str]:
    """Return every name with its values, each once."""
    values: dict[str, dict[str, None]] = {}
    for part in parts:
        for name, value in part.items():
            values.setdefault(name, {})[str(value)] = None
    return {name: ", ".join(found) for name, found in values.items()}
