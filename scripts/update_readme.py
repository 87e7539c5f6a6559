"""Write the tables of README.md and docs/convolution.md from what `results/` holds, and what their commands print.

    python scripts/update_readme.py            rewrite what stands between the markers
    python scripts/update_readme.py --check    exit with 1 where that would change anything

A block begins with `<!-- table: NAME -->` or `<!-- output: COMMAND -->` and ends with `<!-- end -->`.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from statistics import mean, stdev
from typing import Any

from chainrule.experiments import find_experiment
from chainrule.train import Config

ROOT = Path(__file__).resolve().parents[1]
PAGES = (ROOT / "README.md", ROOT / "docs" / "convolution.md")
RESULTS = ROOT / "results"
BLOCK = re.compile(r"(<!-- (table|output): (.+?) -->\n).*?(<!-- end -->)", re.DOTALL)


def make_accuracy_table() -> str:
    """One row for each finished group of seeds under `results/`: published accuracy, and ours."""
    rows = [["experiment", "test accuracy", "at the best step", "published", "course expects", "seeds", "machine"]]
    for path in sorted(RESULTS.glob("*-seeds*.json")):
        group = json.loads(path.read_text(encoding="utf-8"))
        if "summary" not in group:
            continue  # its seeds are still being trained
        config = Config.from_json(json.dumps(group["config"]))
        experiment = find_experiment(config.experiment)
        folders = [path.with_name(name) for name in group["runs"].values()]
        changed = {name: value for name, value in config.differences(experiment.config).items() if name != "seed"}
        accuracies = group["summary"]["test_accuracy"]["figures"]
        rows.append(
            [
                f"`{config.experiment}`" + "".join(f", `{name}={value}`" for name, value in changed.items()),
                _describe_figures(accuracies),
                "" if config.test_at_end else _describe_figures([_find_best(folder) for folder in folders]),
                _percent(experiment.published),
                _percent(experiment.expected),
                f"{group['seeds'][0]}–{group['seeds'][-1]}, n = {len(folders)}"
                + (f"; 0–4 alone: {_describe_figures(accuracies[:5])}" if len(folders) > 5 else ""),
                _describe_machine(folders[0]),
            ]
        )
    return _as_markdown(rows)


def make_benchmark_table(name: str) -> str:
    """The rows of one measurement, with its command and machine."""
    measured = json.loads((RESULTS / "benchmarks" / f"{name}.json").read_text(encoding="utf-8"))
    rows = [["", "measured", "target"]] + [[row["what"], row["figure"], row["target"]] for row in measured["rows"]]
    versions = ", ".join(f"{library} {version}" for library, version in measured["versions"].items())
    return f"{_as_markdown(rows)}\n`{measured['command']}` on {measured['machine']}; {versions}.\n"


def run_command(arguments: str) -> str:
    """What `chainrule ARGUMENTS` prints, as a Markdown code block."""
    done = subprocess.run(
        [sys.executable, "-m", "chainrule", *arguments.split()], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return "".join(f"    {line}".rstrip() + "\n" for line in done.stdout.splitlines())


def fill(text: str) -> str:
    """Return a page's text with every block made anew."""

    def replace(match: re.Match[str]) -> str:
        head, kind, name, tail = match.groups()
        if kind == "output":
            return f"{head}\n{run_command(name)}\n{tail}"
        table = make_accuracy_table() if name == "accuracy" else make_benchmark_table(name)
        return f"{head}{table}{tail}"

    return BLOCK.sub(replace, text)


def _describe_figures(accuracies: list[float]) -> str:
    """Mean and sample standard deviation."""
    return f"{_percent(mean(accuracies))} ± {100 * stdev(accuracies):.2f}"


def _find_best(folder: Path) -> float:
    """The highest of the test accuracies that a run has seen on its way."""
    lines = (folder / "metrics.jsonl").read_text(encoding="utf-8").splitlines()
    return max(json.loads(line)["test_accuracy"] for line in lines)


def _percent(share: float | None) -> str:
    return "" if share is None else f"{100 * share:.2f} %"


def _describe_machine(folder: Path) -> str:
    environment: dict[str, Any] = json.loads((folder / "environment.json").read_text(encoding="utf-8"))
    return f"{environment['machine']['processor']}, {environment['threads']['cores']} cores"


def _as_markdown(rows: list[list[str]]) -> str:
    head, *body = (f"| {' | '.join(row)} |\n" for row in rows)
    return head + f"|{' --- |' * len(rows[0])}\n" + "".join(body)


def main() -> int:
    """Rewrite the pages, or compare them; return the exit code."""
    stale = [path for path in PAGES if path.read_text(encoding="utf-8") != fill(path.read_text(encoding="utf-8"))]
    if "--check" in sys.argv[1:]:
        return int(bool(stale))
    for path in stale:
        path.write_text(fill(path.read_text(encoding="utf-8")), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
