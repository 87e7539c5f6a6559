"""What an experiment is."""

from __future__ import annotations

from dataclasses import dataclass

from chainrule.train import Config

NOT_COMPARED = {
    "seed",
    "device",
    "speed",
    "data_dir",
    "checkpoint_every",
    "log",
}  # settings that a published figure outlives


@dataclass(frozen=True)
class Experiment:
    """Settings, and what is known of them.

    meaning: one sentence for lists and help.
    published: the test accuracy that the practical's report gives, 0..1, or None where it gives none.
    expected: the test accuracy that the course expects at least, 0..1, or None.
    """

    config: Config
    meaning: str
    published: float | None = None
    expected: float | None = None
