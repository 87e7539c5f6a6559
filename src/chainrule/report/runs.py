"""The record of a run as a report reads it: from the files in its folder alone."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chainrule.errors import UserError
from chainrule.report.curves import read_metrics

MOST_BYTES = 16 << 20  # of a text of a record


@dataclass(frozen=True)
class Run:
    """A finished run, and what stands in the files of its folder (`train.record` says what each holds).

    watched: the part of the data that was evaluated on the way, "test" or "validation".
    judged: the part that its accuracy is quoted of.
    accuracy: after the last step, 0..1.
    best: the highest seen on the way; None where the quoted part was not watched.
    """

    folder: Path
    config: dict[str, Any]
    environment: dict[str, Any]
    metrics: list[dict[str, Any]]
    result: dict[str, Any]
    seed: int
    steps: int
    watched: str
    judged: str
    accuracy: float
    best: float | None


def read_run(folder: Path) -> Run:
    """Read the record of a finished run. Raises UserError, in one sentence, where it is broken."""
    config, environment, result = (read_object(folder / f"{part}.json") for part in ("config", "environment", "result"))
    try:
        metrics = read_metrics(folder)
        watched = config["evaluate_on"]
        judged = "test" if config.get("test_at_end") else watched
        accuracies = [float(line[f"{watched}_accuracy"]) for line in metrics]
        return Run(
            folder,
            config,
            environment,
            metrics,
            result,
            seed=int(config["seed"]),
            steps=int(result["step"]),
            watched=watched,
            judged=judged,
            accuracy=float(result[f"{judged}_accuracy"]),
            best=max(accuracies) if judged == watched else None,
        )
    except UserError:
        raise
    except (KeyError, TypeError, ValueError) as error:
        raise UserError(f"the record {folder} is broken ({type(error).__name__}: {error}); remove it") from None


def read_object(path: Path) -> dict[str, Any]:
    """Return the JSON object that a file holds. Raises UserError, in one sentence, where it holds something else."""
    try:
        if path.exists() and not path.is_file():  # to read a pipe would wait for ever
            raise ValueError("it is no file")
        if path.exists() and path.stat().st_size > MOST_BYTES:
            raise ValueError(f"it has more than {MOST_BYTES:,} bytes")
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(f"{path} cannot be read ({error.strerror})") from None
    except (ValueError, RecursionError) as error:
        raise UserError(f"{path} is broken: it is not readable JSON ({error})") from None
    if not isinstance(content, dict):
        raise UserError(f"{path} is broken: it holds {type(content).__name__}, not an object")
    return content
