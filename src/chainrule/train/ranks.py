"""The processes that train one network together, and what they tell each other."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chainrule.errors import RunEnded, UserError


class RankLost(RunEnded):
    """Another process of the run has ended, so that this one cannot go on."""


def find_rank() -> int:
    """Return this process's number among those that torchrun started; 0 where it was started alone."""
    return int(os.environ.get("RANK", "0")) if count_ranks() > 1 else 0


def count_ranks() -> int:
    """Return the number of processes that torchrun started, or 1."""
    return int(os.environ.get("WORLD_SIZE", "1"))


def name_command() -> str:
    """Return the command that starts chainrule with as many processes as there are now."""
    if count_ranks() == 1:
        return "chainrule"
    each = int(os.environ.get("LOCAL_WORLD_SIZE", count_ranks()))
    nodes = f"--nnodes {count_ranks() // each} " if each < count_ranks() else ""
    return f"torchrun {nodes}--nproc-per-node {each} -m chainrule"


def was_restarted() -> bool:
    """Whether torchrun has started this process again, after one of its node's had ended (`--max-restarts`)."""
    return int(os.environ.get("TORCHELASTIC_RESTART_COUNT", "0")) > 0


def require_one_process(what: str) -> None:
    """Raise UserError where torchrun has started several processes for what only one can do."""
    if count_ranks() > 1:
        raise UserError(f"{what} in one process only: start it without torchrun")


class Ranks:
    """A process that trains alone, so that there is nothing to exchange.

    rank: its number, from 0; process 0 writes the record.  count: of all processes.
    """

    rank = 0
    count = 1

    def share_of(self, samples: int) -> slice:
        """Return this process's part of a batch of so many samples; the parts of all are equal and make up the batch.

        Raises UserError where it cannot be divided.
        """
        if samples % self.count:
            raise UserError(f"a batch of {samples} cannot be divided equally among {self.count} processes")
        size = samples // self.count
        return slice(self.rank * size, (self.rank + 1) * size)

    def total(self, *figures: float) -> tuple[float, ...]:
        """Return each figure summed over all processes."""
        return figures

    def gather(self, array: NDArray[Any]) -> NDArray[Any]:
        """Return the arrays (…) of all processes, stacked (count, …)."""
        return array[np.newaxis]

    def publish(self, text: str) -> str:
        """Return, to all processes, the text that process 0 gave."""
        return text

    def agree(self, number: int | None) -> int | None:
        """Return the largest of the numbers that the processes gave, or None where none gave one."""
        return number

    def leave(self) -> None:
        """Disconnect from the others, at the end of the run."""
