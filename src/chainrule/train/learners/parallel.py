"""Data-parallel training with PyTorch's DistributedDataParallel, on the processes that torchrun started.

Every process draws the same batches, in the same order, and learns from its own part of each; the gradients are
averaged before each update, so that all hold the same weights: those of a single process with the whole batch, within
rounding.

Batch normalisation is the exception. On a GPU its statistics are those of the whole batch (SyncBatchNorm). PyTorch has
no such layer for the CPU: there each process normalises with the mean and variance of its own part, and the running
statistics, which evaluation uses, are those of process 0.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import distributed, nn
from torch.nn.parallel import DistributedDataParallel

from chainrule.errors import UserError
from chainrule.train.ranks import RankLost, Ranks, count_ranks, find_rank
from chainrule.train.records.environment import count_cores

BACKENDS = {"cpu": "gloo", "cuda": "nccl"}


class TorchRanks(Ranks):
    """This process among the others, connected as torchrun's environment variables say."""

    def __init__(self, device: str) -> None:
        self.rank, self.count, self.device = find_rank(), count_ranks(), device
        if device not in BACKENDS:
            raise UserError(f"several processes can train on cpu or cuda, not on {device}: give --device cpu")
        if device == "cuda":
            torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
        with notice_loss():
            distributed.init_process_group(BACKENDS[device])

    def total(self, *figures: float) -> tuple[float, ...]:
        """Return each figure summed over all processes."""
        summed = self._reduce(figures, distributed.ReduceOp.SUM)
        return tuple(summed.tolist())

    def agree(self, number: int | None) -> int | None:
        """Return the largest of the numbers that the processes gave, or None where none gave one."""
        return int(self._reduce([number or 0], distributed.ReduceOp.MAX)) or None

    def _reduce(self, figures: Any, operation: Any) -> torch.Tensor:
        tensor = torch.tensor(figures, dtype=torch.float64, device=self.device)
        with notice_loss():
            distributed.all_reduce(tensor, operation)
            return tensor.cpu()

    def gather(self, array: NDArray[Any]) -> NDArray[Any]:
        """Return the arrays (…) of all processes, stacked (count, …)."""
        mine = torch.tensor(array, device=self.device)
        parts = [torch.empty_like(mine) for _ in range(self.count)]
        with notice_loss():
            distributed.all_gather(parts, mine)
        return np.stack([part.cpu().numpy() for part in parts])

    def publish(self, text: str) -> str:
        """Return, to all processes, the text that process 0 gave."""
        texts = [text]
        with notice_loss():
            distributed.broadcast_object_list(texts)
        return texts[0]

    def leave(self) -> None:
        """Disconnect from the others, at the end of the run."""
        distributed.destroy_process_group()


def join_ranks(device: str) -> Ranks:
    """Return this process's ranks: connected to those that torchrun started, with its share of the cores, or alone."""
    if count_ranks() == 1:
        return Ranks()
    # torchrun sets one thread where no number was asked for.
    if os.environ.get("OMP_NUM_THREADS", "1") == "1":
        torch.set_num_threads(max(1, count_cores() // int(os.environ.get("LOCAL_WORLD_SIZE", "1"))))
    return TorchRanks(device)


def distribute(net: nn.Module, ranks: Ranks, device: str) -> tuple[nn.Module, nn.Module]:
    """Return the network, and a wrapper to call in training, which averages gradients over all processes."""
    if ranks.count == 1:
        return net, net
    if device == "cuda":
        net = nn.SyncBatchNorm.convert_sync_batchnorm(net)
    with notice_loss():
        return net, DistributedDataParallel(net)


def align_buffers(net: nn.Module, ranks: Ranks) -> None:
    """Give all processes the running statistics of process 0."""
    if ranks.count > 1:
        with notice_loss():
            for buffer in net.buffers():
                distributed.broadcast(buffer, 0)


@contextmanager
def notice_loss() -> Iterator[None]:
    """Raise RankLost in place of what PyTorch raises when another process has ended."""
    try:
        yield
    except RuntimeError as error:
        if isinstance(error, distributed.DistError) or "gloo" in str(error).lower():
            raise RankLost("another process of this run has ended") from error
        raise
