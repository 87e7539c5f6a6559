"""The report over 2,000 runs: how long `chainrule report --no-run` takes, and how large its page is.

    python -m benchmarks.report

The records are copies of one that came with the source: half of them at its own settings with other seeds, half with
other learning rates, beside all comparisons and measurements that came with the source.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path

from benchmarks.process import run
from benchmarks.tables import RESULTS, Row, print_table

TITLE = "The report over many runs"
RUNS = 2000
COPIED = ("environment.json", "metrics.jsonl", "result.json")


def make_records(runs: Path) -> None:
    """Write the records of so many finished runs of the practical's MLP."""
    model = next(RESULTS.parent.glob("mlp-numpy-seed0-*"))
    config = json.loads((model / "config.json").read_text(encoding="utf-8"))
    for k in range(RUNS):
        folder = runs / f"mlp-numpy-seed{k}-20260101-{k:06}"
        folder.mkdir()
        for name in COPIED:
            shutil.copy(model / name, folder)
        lr = config["lr"] * (1 + k % 2 * k / RUNS)
        (folder / "config.json").write_text(json.dumps({**config, "seed": k, "lr": lr}), encoding="utf-8")


def main() -> list[Row]:
    """Measure, print and return the rows."""
    with tempfile.TemporaryDirectory() as folder:
        runs, out = Path(folder) / "runs", Path(folder) / "report"
        runs.mkdir()
        make_records(runs)
        written = run("report", "--no-run", "--runs", str(runs), "--out", str(out))
        size = (out / "index.html").stat().st_size
    rows = [
        Row(f"`chainrule report --no-run` over {RUNS:,} runs", f"{written.seconds:.1f} s", "≤ 15 s"),
        Row("its page, which holds every figure", f"{size / 1e6:.1f} MB", "≤ 3 MB"),
        Row("its peak memory", f"{written.peak_megabytes:.0f} MB", "≤ 1,000 MB"),
    ]
    print_table(TITLE, rows)
    return rows


if __name__ == "__main__":
    main()
