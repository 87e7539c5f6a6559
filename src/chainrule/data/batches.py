"""Endless shuffled batches that can be saved and restored."""

import json
from typing import Any

import numpy as np

from chainrule.data.dataset import Split
from chainrule.errors import UserError


class Batches:
    """Draws batches of `batch_size` indices from epochs of `split`, each epoch a new permutation, without end.

    Batches within an epoch do not overlap. Where `batch_size` does not divide the number of images, the images left
    over at the end of an epoch are dropped from that epoch. `rng` must belong to this object alone: then `state` can
    hold the generator as it was at the start of the epoch, in place of a whole permutation.

    `epoch` counts from 0. Raises UserError where the split has fewer images than one batch.
    """

    def __init__(self, split: Split, batch_size: int, *, rng: np.random.Generator) -> None:
        """Prepare the first epoch."""
        self._count = len(split.labels)
        if not 1 <= batch_size <= self._count:
            raise UserError(f"batch_size must be from 1 to {self._count}, the number of images, not {batch_size}.")
        self._batch_size = batch_size
        self._rng = rng
        self.epoch = 0
        self._shuffle()

    def draw(self) -> np.ndarray:
        """Return the indices of the next batch, int64 (batch_size,); a read-only view."""
        if self._position + self._batch_size > self._count:
            self.epoch += 1
            self._shuffle()
        indices = self._order[self._position : self._position + self._batch_size]
        self._position += self._batch_size
        return indices

    def state(self) -> dict[str, Any]:
        """Return what `load_state` needs to go on from here: a small dictionary that JSON can hold."""
        return {"epoch": self.epoch, "position": self._position, "count": self._count, "epoch_start": self._start}

    def load_state(self, state: dict[str, Any]) -> None:
        """Go on from `state`: the next batch is the one that would have followed there.

        Raises UserError for a state of another number of images, another bit generator, or no state at all.
        """
        try:
            count, epoch, position = (int(state[key]) for key in ("count", "epoch", "position"))
            self._rng.bit_generator.state = state["epoch_start"]
        except (KeyError, TypeError, ValueError) as error:
            raise UserError(f"This is not the state of batches: {error}.") from error
        if count != self._count:
            raise UserError(f"These batches were drawn from {count} images; there are {self._count} now.")
        self.epoch = epoch
        self._shuffle()
        self._position = position

    def _shuffle(self) -> None:
        # Some bit generators keep arrays in their state, which JSON cannot hold; lists serve them as well.
        state = self._rng.bit_generator.state
        self._start = json.loads(json.dumps(state, default=np.ndarray.tolist))
        self._order = self._rng.permutation(self._count)
        self._order.flags.writeable = False
        self._position = 0
