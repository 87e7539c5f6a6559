"""Averages of weights along a run: of its last steps, or exponential; and a look ahead that keeps going back.

All work on named arrays in place, NumPy's or PyTorch's.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

from chainrule.optim.base import require


class Average(ABC):
    """A second copy of named arrays that follows them: `mean ← mean + w (array - mean)` with a share w of each step.

    `update` is called after each step of an optimizer; `exchange` puts the averages in the arrays' place and the arrays
    in theirs, and a second call takes that back. Until the first step that counts there is none, and `exchange` does
    nothing.
    """

    def __init__(self, arrays: Mapping[str, Any]) -> None:
        self.arrays, self.steps = dict(arrays), 0
        self.means = {name: array + 0 for name, array in self.arrays.items()}

    def update(self) -> None:
        """Take in the arrays as they are after one more step."""
        self.steps += 1
        if share := self.weigh(self.steps):
            for name, mean in self.means.items():
                mean += share * (self.arrays[name] - mean)

    @abstractmethod
    def weigh(self, step: int) -> float:
        """The share of the arrays in the averages after this step, the first of which is 1; 0 leaves them."""

    @property
    def begun(self) -> bool:
        """Whether there is an average yet."""
        return self.weigh(self.steps) > 0

    def exchange(self) -> None:
        """Swap the arrays and their averages."""
        if self.begun:
            for name, mean in self.means.items():
                kept = self.arrays[name] + 0
                self.arrays[name][...] = mean
                mean[...] = kept

    def load(self, means: Mapping[str, Any], steps: int) -> None:
        """Go on from such averages after so many steps. Raises KeyError unless the names are the same."""
        if means.keys() != self.means.keys():
            raise KeyError(f"{type(self).__name__}.load: missing or unknown {sorted(means.keys() ^ self.means.keys())}")
        for name, mean in self.means.items():
            mean[...] = means[name]
        self.steps = steps


class TailAverage(Average):
    """The mean over the last `share` of a run of `total` steps, each step counting the same.

    Source: Polyak and Juditsky, "Acceleration of stochastic approximation by averaging", 1992; Izmailov and others,
    "Averaging Weights Leads to Wider Optima and Better Generalization", UAI 2018, arXiv:1803.05407.
    """

    def __init__(self, arrays: Mapping[str, Any], total: int, share: float = 0.2) -> None:
        require(0 < share <= 1, f"share is {share}, but must be above 0 and at most 1")
        self.first = total - max(1, math.ceil(share * total)) + 1
        super().__init__(arrays)

    def weigh(self, step: int) -> float:
        """1, 1/2, 1/3 … from the first step that counts."""
        return 1 / (step - self.first + 1) if step >= self.first else 0.0


class ExponentialAverage(Average):
    """`mean ← d mean + (1-d) array`, made a true mean from the first step on: with weights dⁿ / Σ dⁿ, n steps back.

    As `torch.optim.swa_utils.get_ema_multi_avg_fn` but for the first steps, where that starts from the first weights.
    """

    def __init__(self, arrays: Mapping[str, Any], decay: float = 0.999) -> None:
        require(0 <= decay < 1, f"decay is {decay}, but must be in [0, 1)")
        self.decay = decay
        super().__init__(arrays)

    def weigh(self, step: int) -> float:
        """(1-d) / (1-dᵗ) at step t."""
        return (1 - self.decay) / (1 - self.decay**step) if step else 0.0


class Lookahead(Average):
    """Every `interval` steps: `slow ← slow + α (array - slow)`, and the arrays go back to `slow`.

    What training goes on from is the average itself, so `exchange` does nothing.
    Source: Zhang, Lucas, Hinton and Ba, "Lookahead Optimizer: k steps forward, 1 step back", 2019, arXiv:1907.08610.
    """

    def __init__(self, arrays: Mapping[str, Any], interval: int = 5, alpha: float = 0.5) -> None:
        require(interval >= 1, f"interval is {interval}, but must be at least 1")
        require(0 < alpha <= 1, f"alpha is {alpha}, but must be above 0 and at most 1")
        self.interval, self.alpha = interval, alpha
        super().__init__(arrays)

    def update(self) -> None:
        """Take in the arrays; at the end of an interval, set them back."""
        super().update()
        if self.weigh(self.steps):
            for name, slow in self.means.items():
                self.arrays[name][...] = slow

    def weigh(self, step: int) -> float:
        """α at the end of each interval."""
        return self.alpha if step % self.interval == 0 else 0.0

    @property
    def begun(self) -> bool:
        """Never: there is nothing to exchange."""
        return False
