"""The bases of all optimizers, which update named arrays in place, and of those with one rule for all of them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chainrule.optim.cache_blocks import update_in_pieces

Array = NDArray[Any]


class Optimizer(ABC):
    """Changes the arrays of `params` in place, one step for each call of `step`.

    `lr` may be set between steps; a schedule does so. `steps` counts the steps taken.
    """

    params: dict[str, Array]
    lr: float
    steps: int

    @abstractmethod
    def step(self, grads: Mapping[str, Array]) -> None:
        """Update each parameter with its gradient; gradients of other names are ignored.

        Raises KeyError when a parameter has no gradient, ValueError when a gradient has another shape.
        """

    @abstractmethod
    def _arrays(self) -> dict[str, Array]:
        """The state arrays by name."""

    def state_dict(self) -> dict[str, Array]:
        """Copies of the state arrays, "momentum_buffer.0.weight" and so on, and the number of steps as "steps"."""
        return {name: array.copy(order="C") for name, array in self._arrays().items()} | {"steps": np.array(self.steps)}

    def load_state_dict(self, state: Mapping[str, Array]) -> None:
        """Copy a `state_dict` into this optimizer. Raises KeyError unless the names are the same."""
        own = self._arrays()
        if {*own, "steps"} != state.keys():
            different = ", ".join(sorted({*own, "steps"} ^ state.keys()))
            raise KeyError(f"{type(self).__name__}.load_state_dict: missing or unknown {different}")
        for name, array in own.items():
            array[...] = state[name]
        self.steps = int(state["steps"])


class SingleRule(Optimizer):
    """Updates all parameters by one rule, which a subclass writes as `_update`; it also names its state arrays.

    There is one state array of each name for each parameter.
    """

    def __init__(self, params: Mapping[str, Array], lr: float, weight_decay: float, *state_names: str) -> None:
        require(lr >= 0, f"lr is {lr}, but must be at least 0")
        require(weight_decay >= 0, f"weight_decay is {weight_decay}, but must be at least 0")
        self.params, self.lr, self.weight_decay, self.steps = dict(params), lr, weight_decay, 0
        self.state = {kind: {n: np.zeros_like(p) for n, p in params.items()} for kind in state_names}

    def step(self, grads: Mapping[str, Array]) -> None:
        """Update each parameter with its gradient, as the base says."""
        for name, param in self.params.items():
            if name not in grads:
                raise KeyError(f"{type(self).__name__}.step: no gradient for {name}")
            if grads[name].shape != param.shape:
                raise ValueError(
                    f"{type(self).__name__}.step: the gradient of {name} has shape {grads[name].shape}, "
                    f"but the parameter has shape {param.shape}"
                )
        self.steps += 1
        groups = [(p, grads[n], *(self.state[kind][n] for kind in self.state)) for n, p in self.params.items()]
        self._update_all(groups)

    def _update_all(self, groups: Sequence[tuple[Array, ...]]) -> None:
        """Update parameters, each with its gradient and its state arrays in order."""
        update_in_pieces(self._update, groups)

    @abstractmethod
    def _update(self, p: Array, g: Array, *rest: Array) -> None:
        """Update a piece of parameter p with its gradient g (left unchanged); rest: state arrays in order, scratch."""

    def _arrays(self) -> dict[str, Array]:
        return {f"{kind}.{n}": array for kind, arrays in self.state.items() for n, array in arrays.items()}


def require(condition: bool, message: str) -> None:
    """Raise ValueError with the message unless the condition holds."""
    if not condition:
        raise ValueError(message)
