"""The record of a run as every process but 0, which alone writes it, sees it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from chainrule.train.records.checkpoint import Arrays, Checkpoint
from chainrule.train.records.record import Record


class ReadOnlyRecord(Record):
    """The record in one folder, which this process only reads."""

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Do nothing: process 0 holds the run."""
        yield

    def add_metrics(self, line: dict[str, Any]) -> None:
        """Do nothing."""

    def rewind_metrics(self, count: int) -> None:
        """Do nothing."""

    def save_checkpoint(self, checkpoint: Checkpoint) -> None:
        """Do nothing."""

    def save_inputs(self, inputs: Checkpoint) -> None:
        """Do nothing."""

    def save_weights(self, weights: Arrays) -> None:
        """Do nothing."""

    def save_result(self, result: dict[str, Any]) -> None:
        """Do nothing."""
