"""Write the tables of README.md and of the texts in docs/ from what `results/` holds, and what their commands print.

    python scripts/update_readme.py            rewrite what stands between the markers
    python scripts/update_readme.py --check    exit with 1 where that would change anything

A block begins with `<!-- table: NAME -->`, `<!-- comparison: NAME -->` or `<!-- output: COMMAND -->`, and ends with
`<!-- end -->`.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from chainrule.practical.assembly import Assembly
from chainrule.report.table import fill_table
from chainrule.train.progress import SilentProgress

ROOT = Path(__file__).resolve().parents[1]
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), *sorted((ROOT / "docs" / "howto").glob("*.md")))
RESULTS = ROOT / "results"
BLOCK = re.compile(r"(<!-- (table|comparison|output): (.+?) -->\n).*?(<!-- end -->)", re.DOTALL)


def make_report_table() -> str:
    """The table of `chainrule report`, of the records under `results/` alone."""
    with TemporaryDirectory() as empty:
        assembly = Assembly(Path(empty), Path(empty), full=False, fresh=False, progress=SilentProgress())
        rows = [entry.describe() for entry in fill_table(assembly.gather_material("").rows)]
    described = [
        [row["id"], _describe_row(row), _describe_published(row["published"]), _describe_ours(row), _describe_mark(row)]
        for row in rows
    ]
    table = _as_markdown([["row", "what", "published", "ours", "mark"], *described])
    machines = dict.fromkeys(machine for row in rows for machine in row["hardware"])
    return f"{table}\nTrained on {'; '.join(machines)}.\n"


def make_benchmark_table(name: str) -> str:
    """The rows of one measurement, with its command and machine."""
    measured = json.loads((RESULTS / "benchmarks" / f"{name}.json").read_text(encoding="utf-8"))
    rows = [["", "measured", "target"]] + [[row["what"], row["figure"], row["target"]] for row in measured["rows"]]
    versions = ", ".join(f"{library} {version}" for library, version in measured["versions"].items())
    return f"{_as_markdown(rows)}\n`{measured['command']}` on {measured['machine']}; {versions}.\n"


def make_comparison(name: str) -> str:
    """The sentences and the table of one comparison, with its command and machine."""
    compared = json.loads((RESULTS / "comparisons" / f"{name}.json").read_text(encoding="utf-8"))
    table = _as_markdown([compared["columns"], *compared["rows"]])
    return f"{' '.join(compared['text'])}\n\n{table}\n`{compared['command']}` on {compared['machine']}.\n"


def run_command(arguments: str) -> str:
    """What `chainrule ARGUMENTS` prints, as a Markdown code block."""
    return "".join(f"    {line}".rstrip() + "\n" for line in run_chainrule(*arguments.split()).splitlines())


@cache
def run_chainrule(*arguments: str) -> str:
    """What `chainrule ARGUMENTS` prints."""
    command = [sys.executable, "-m", "chainrule", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout


def fill(text: str) -> str:
    """Return a page's text with every block made anew."""

    def replace(match: re.Match[str]) -> str:
        head, kind, name, tail = match.groups()
        if kind == "output":
            return f"{head}\n{run_command(name)}\n{tail}"
        if kind == "comparison":
            return f"{head}{make_comparison(name)}{tail}"
        table = make_report_table() if name == "report" else make_benchmark_table(name)
        return f"{head}{table}{tail}"

    return BLOCK.sub(replace, text)


def _describe_mark(row: dict[str, Any]) -> str:
    return str(row["mark"]) + (", within its error" if row["within_error"] else "")


def _describe_row(row: dict[str, Any]) -> str:
    settings = "".join(f", `{name}={value}`" for name, value in row["settings"].items())
    return f"{row['meaning']}{settings}"


def _describe_published(published: dict[str, Any]) -> str:
    accuracy, judged = published["accuracy"], published["judged"]
    error = 100 * (published["standard_error"] or 0)
    sample = f"{_percent(accuracy)} of {published['images']:,} images (± {error:.2f})" if accuracy else ""
    wrong = ""
    if judged and not judged["ok"]:
        wrong = judged["text"] if judged["row"] is None else f"row {judged['row']} does not follow: `{judged['text']}`"
    repair = f"repair: `{judged['repair']}`" if wrong and judged["repair"] else ""
    expected = [f"the course expects {_percent(published['expected'])}"] if published["expected"] else []
    return "; ".join(filter(None, [sample, published["words"], wrong, repair, *expected]))


def _describe_ours(row: dict[str, Any]) -> str:
    """Mean and sample standard deviation, or what is said in their place."""
    ours, as_run = row["ours"], row["as_run"]
    if ours is None:
        return str(row["words"])
    shown = f"**{_describe_figures(ours)}**, n = {ours['n']}"
    if as_run:
        batch = _describe_figures(as_run["batch"]["accuracy"])
        return f"as run {batch}, n = {as_run['n']}; on the whole test set, one softmax {shown}"
    return f"{shown}; best step {_describe_figures(ours['best'])}" if ours["best"] else shown


def _describe_figures(figures: dict[str, Any]) -> str:
    return _percent(figures["mean"]) + (f" ± {100 * figures['std']:.2f}" if figures["std"] else "")


def _percent(share: float | None) -> str:
    return "" if share is None else f"{100 * share:.2f} %"


def _as_markdown(rows: list[list[str]]) -> str:
    head, *body = (f"| {' | '.join(row)} |\n" for row in rows)
    return head + f"|{' --- |' * len(rows[0])}\n" + "".join(body)


def find_stale() -> list[Path]:
    """The pages whose blocks are not what they should be."""
    return [path for path in PAGES if path.read_text(encoding="utf-8") != fill(path.read_text(encoding="utf-8"))]


def main() -> int:
    """Rewrite the pages, or compare them; return the exit code."""
    stale = find_stale()
    if "--check" in sys.argv[1:]:
        return int(bool(stale))
    for path in stale:
        path.write_text(fill(path.read_text(encoding="utf-8")), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
