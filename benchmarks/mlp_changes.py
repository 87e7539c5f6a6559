"""What makes an MLP better: its settings changed one by one, at equal samples, on the validation split.

    python -m benchmarks.mlp_changes
    python -m benchmarks.mlp_changes whole wide      # some of the rows alone, which are printed and not kept

Every row is a run of one seed under `runs/`, which leaves the test set closed: the first of `mlp-best`, the second of
the same with the images of `mlp-long`, which all below have too. Rows are kept as they come; what has been trained is
not trained again, so that a stopped measurement goes on.
"""

from __future__ import annotations

import argparse
import math
from dataclasses import replace
from pathlib import Path

from benchmarks.tables import Row, print_table, save_rows
from chainrule.experiments import mlp_best, mlp_long
from chainrule.train import Config
from chainrule.train.network import describe_layers
from chainrule.train.runs import start_run

TITLE = "MLPs of 600,000 samples: accuracy on the validation split"
COMMAND = "python -m benchmarks.mlp_changes"
RUNS = Path("runs")
SEED = 0
IMAGE, CLASSES = (3, 32, 32), 10
ADAMW = ("optimizer=adamw", "momentum=0", "nesterov=false", "newton_schulz=5", "rest_lr=0.001", "rest_decay=0")
WHOLE = ("grid=0", "hidden=512", "init=local")  # matrices, of as many weights
IMAGES = ("deform", "mixup", "shift", "label_smoothing")  # settings that the rows below the first have of mlp-long

# By a short name: what is changed, in words, and the settings.
CHANGES: dict[str, tuple[str, tuple[str, ...]]] = {
    "best": ("mlp-best as it is", ()),
    "heavy": ("images deformed, mixed and moved by 4, targets smoothed; so in all rows below", ()),
    "whole": ("whole matrices of as many weights, 512 units", WHOLE),
    "both": ("whole matrices and AdamW, lr 0.002", (*WHOLE, *ADAMW, "lr=0.002", "weight_decay=0.05")),
    "adamw": ("AdamW in place of Muon, lr 0.002", (*ADAMW, "lr=0.002", "weight_decay=0.05")),
    "components": ("whole matrices on 800 principal components", ("grid=0", "hidden=544", "components=800")),
    "small": ("windows of 8 × 8 pixels, side by side", ("window=8",)),
    "large": ("windows of 16 × 16 pixels", ("window=16",)),
    "wide": ("4096 units, 3 blocks", ("hidden=4096", "blocks=3")),
    "coarse": ("images at half their resolution in the first 30 % of the steps", ("coarse=0.3",)),
    "batch": ("batches of 500", ("batch_size=500", "steps=1200", "eval_every=400")),
    "tail": ("averaged weights of the last fifth", ("tail=0.2",)),
    "views": ("one view in evaluation", ("mirror=false", "moved=0")),
}


def main(chosen: list[str] | None = None) -> list[Row]:
    """Train and measure the rows of these names, print and return them; of all of them, keep them too."""
    rows = []
    for name in chosen or CHANGES:
        what, config = CHANGES[name][0], make_config(name)
        record = start_run(config, RUNS, go_on=True)
        assert record.result is not None
        accuracy, seconds = record.result["validation_accuracy"], record.result["seconds"]
        rows.append(Row(what, f"{accuracy:.2%}; {count_operations(config):.3f} PFLOP in {seconds / 60:.1f} min", ""))
        print_table(TITLE, rows)
        if not chosen:
            save_rows("mlp_changes", TITLE, COMMAND, rows)
    return rows


def make_config(name: str) -> Config:
    """The settings of a row."""
    config, long = mlp_best().config, mlp_long().config
    if name != "best":
        config = replace(config, **{setting: getattr(long, setting) for setting in IMAGES})
    return config.with_settings([*CHANGES[name][1], "test_at_end=false", f"seed={SEED}"])


def count_operations(config: Config) -> float:
    """PFLOP of a run's matrix products: for each sample and weight two forward and, if it is trained, four backward."""
    operations = sum(
        (2 if layer["name"].endswith(", frozen") else 6) * math.prod(shape)
        for layer in describe_layers(config, IMAGE, CLASSES)
        for shape in layer["shapes"]
        if len(shape) > 1
    )
    return operations * config.batch_size * config.steps / 1e15


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"some of {', '.join(CHANGES)}")
    asked = parser.parse_args().rows
    if unknown := [name for name in asked if name not in CHANGES]:
        parser.error(f"no row {unknown[0]!r}: they are {', '.join(CHANGES)}")
    main(asked)
