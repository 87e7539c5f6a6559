"""Several optimizers as one, each over parameters of its own."""

from __future__ import annotations

from collections.abc import Mapping

from chainrule.optim.base import Array, Optimizer, require


class Combined(Optimizer):
    """Takes a step with every part. `lr` is that of the first; the others keep their ratio to it.

    Raises ValueError where two parts share a parameter, or the first has a learning rate of 0.
    """

    def __init__(self, *parts: Optimizer) -> None:
        names = [name for part in parts for name in part.params]
        require(len(names) == len({*names}), "the parts of Combined must not share a parameter")
        require(parts[0].lr > 0, "the first part of Combined must have a learning rate above 0")
        self.parts = parts
        self.params = {name: array for part in parts for name, array in part.params.items()}
        self.ratios = [part.lr / parts[0].lr for part in parts]

    @property
    def lr(self) -> float:
        """The learning rate of the first part."""
        return self.parts[0].lr

    @lr.setter
    def lr(self, value: float) -> None:
        for part, ratio in zip(self.parts, self.ratios, strict=True):
            part.lr = ratio * value

    @property
    def momentum(self) -> float:
        """The momentum of the first part, 0 where it has none."""
        return float(getattr(self.parts[0], "momentum", 0.0))

    @momentum.setter
    def momentum(self, value: float) -> None:
        self.parts[0].momentum = value  # type: ignore[attr-defined]

    @property
    def steps(self) -> int:
        """The steps taken."""
        return self.parts[0].steps

    @steps.setter
    def steps(self, value: int) -> None:
        for part in self.parts:
            part.steps = value

    def step(self, grads: Mapping[str, Array]) -> None:
        """Update each parameter with its gradient, as each part does."""
        for part in self.parts:
            part.step(grads)

    def _arrays(self) -> dict[str, Array]:
        return {name: array for part in self.parts for name, array in part._arrays().items()}
