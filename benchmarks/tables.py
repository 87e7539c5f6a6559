"""How measurements are printed and kept: a table on the screen, the same rows as JSON under `results/benchmarks/`."""

from __future__ import annotations

import json
import os
import platform
import re
from dataclasses import asdict, dataclass
from datetime import date
from importlib.metadata import version
from pathlib import Path

from rich.console import Console
from rich.table import Table

RESULTS = Path(__file__).resolve().parents[1] / "results" / "benchmarks"


@dataclass(frozen=True)
class Row:
    """One measured figure: what was measured, the figure with its unit, and the target it is held against, if any."""

    what: str
    figure: str
    target: str


def print_table(title: str, rows: list[Row]) -> None:
    """Print the rows."""
    table = Table(title=title, title_justify="left")
    for heading in ("what", "measured", "target"):
        table.add_column(heading)
    for row in rows:
        table.add_row(row.what, row.figure, row.target)
    Console().print(table)


def save_rows(name: str, title: str, command: str, rows: list[Row]) -> Path:
    """Write the rows, their command and the machine they were measured on to `results/benchmarks/NAME.json`."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    path = RESULTS / f"{name}.json"
    content = {
        "title": title,
        "command": command,
        "date": date.today().isoformat(),
        "machine": describe_machine(),
        "versions": {n: version(n) for n in ("numpy", "torch", "scikit-learn")},
        "rows": [asdict(row) for row in rows],
    }
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def describe_machine() -> str:
    """Processor, number of cores and system of this machine."""
    cpu = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists() and (found := re.search(r"model name\s*:\s*(.+)", info.read_text())):
        cpu = found[1].strip()
    return f"{cpu}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"
