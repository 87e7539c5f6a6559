# Right.
from __future__ import annotations

from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

import numpy as np

T = TypeVar("T")


class Differentiable(Protocol):
    def forward(self, x: np.ndarray, /) -> np.ndarray: ...
    def backward(self, dy: np.ndarray, /) -> np.ndarray: ...


@dataclass(slots=True)
class Param(Generic[T]):
    value: np.ndarray
    grad: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        self.grad = np.zeros_like(self.value)


@dataclass
class Affine:
    in_dim: int
    out_dim: int
    w: Param = field(init=False)
    b: Param = field(init=False)

    def __post_init__(self) -> None:
        self.w = Param(np.random.default_rng(0).standard_normal((self.in_dim, self.out_dim)))
        self.b = Param(np.zeros(self.out_dim))

    def forward(self, x: np.ndarray, /) -> np.ndarray:
        self._x = x
        return x @ self.w.value + self.b.value

    def backward(self, dy: np.ndarray, /) -> np.ndarray:
        self.w.grad += self._x.T @ dy
        self.b.grad += dy.sum(axis=0)
        return dy @ self.w.value.T
