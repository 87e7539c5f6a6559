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
    published_images: how many test images the published figure was measured on.
    expected: the test accuracy that the course expects at least, 0..1, or None.
    """

    config: Config
    meaning: str
    published: float | None = None
    published_images: int = 10_000
    expected: float | None = None
