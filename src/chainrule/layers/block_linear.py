"""Affine map whose matrix is block diagonal: each group of features is mixed by a matrix of its own.

Indices
    s  sample      g  group      q p  place      m  input feature of a place      n  output feature of a place

Forward
    Y[s,q,g,n] = sum[p,m](W[g,q,n,p,m] * X[s,p,g,m]) + b[q,g,n]

Backward
    dX[s,p,g,m]   = sum[q,n](W[g,q,n,p,m] * dY[s,q,g,n])
    dW[g,q,n,p,m] = sum[s](dY[s,q,g,n] * X[s,p,g,m])
    db[q,g,n]     = sum[s](dY[s,q,g,n])

Why: within a group this is the map of Linear, and groups don't meet: of all weights between inputs and outputs those
of two groups are 0, and stay so. The features are seen as places, groups and features, with one place as groups that
lie side by side. A layer of P groups, then one of any number of groups that lie across P places, reaches every output
from every input, with far fewer weights than one matrix: the product of two such matrices is a Monarch matrix (Dao and
others, 2022, arXiv:2204.00595; for images see Qiu and others, 2024, arXiv:2406.06248).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import DTypeLike

from chainrule.layers.base import Array, Arrays, Layer, as_size, check_cotangent, check_features, uniform
from chainrule.layers.memory import empty
from chainrule.threads import run_parts


class BlockLinear(Layer):
    """`Y_g = X_g W_gᵀ + 1 b_gᵀ` for each group g of the features.

    Parameters: weight W (groups, N / groups, M / groups) and bias b (N), or None with `bias=False`; both start as
    U(-1/√K, 1/√K) with K = M / groups, as those of a `Linear` of a group's size do. Input (S, M) or (…, M), output (S,
    N) or (…, N). Features are ordered by place, then group, so with one of the `places` each group is a run of
    neighbours; with several it has a run in each place. `groups` times `places` must divide M and N, else a ValueError.
    """

    parameter_names = freezable = ("weight", "bias")

    def __init__(
        self,
        in_features: int,
        out_features: int,
        groups: int,
        places: int = 1,
        bias: bool = True,
        *,
        rng: np.random.Generator | None = None,
        dtype: DTypeLike = np.float32,
    ) -> None:
        check_blocks(in_features, out_features, groups, places)
        self.in_features, self.out_features, self.groups, self.places = in_features, out_features, groups, places
        M, N = in_features // groups, out_features // groups
        self.weight: Array = uniform(rng, 1 / math.sqrt(M), (groups, N, M), dtype)
        self.bias: Array | None = uniform(rng, 1 / math.sqrt(M), (out_features,), dtype) if bias else None

    def __repr__(self) -> str:
        sizes = f"{self.in_features}, {self.out_features}, groups={self.groups}"
        places = f", places={self.places}" if self.places > 1 else ""
        return f"BlockLinear({sizes}{places}{'' if self.bias is not None else ', bias=False'})"

    def forward(self, X: Array) -> tuple[Array, Array]:
        """Return Y; the cache is X."""
        check_features(self, X, -1, self.in_features)
        inputs = self._split(X)
        Y = empty((*X.shape[:-1], self.out_features), np.result_type(X, self.weight))
        outputs = self._split(Y)
        biases = None if self.bias is None else self._split(self.bias)

        def multiply(g: int) -> None:
            rows = _flatten(inputs[:, :, g]) @ self.weight[g].T  # (S,PM)(PM,QN) -> (S,QN)
            if biases is not None:
                rows += _flatten(biases[:, :, g])
            Y_g = outputs[:, :, g]
            Y_g[...] = rows.reshape(Y_g.shape)

        run_parts(multiply, range(self.groups))
        return Y, X

    def backward(self, dY: Array, cache: Array) -> tuple[Array, Arrays]:
        """Return dX and the gradients of weight and bias."""
        return self._backward(dY, cache, empty(cache.shape, np.result_type(dY, self.weight)))

    def parameter_gradients(self, dY: Array, cache: Array) -> Arrays:
        """Return the gradients of weight and bias alone."""
        return self._backward(dY, cache, None)[1]

    def _backward(self, dY: Array, X: Array, dX: Array | None) -> tuple[Array, Arrays]:
        """Return what `backward` does, with dX written to the array given, or left out."""
        check_cotangent(self, dY, (*X.shape[:-1], self.out_features))
        inputs, cotangents, back = self._split(X), self._split(dY), None if dX is None else self._split(dX)
        grads = self._empty_gradients(dY, X)
        dW, db = grads.get("weight"), self._split(grads["bias"]) if "bias" in grads else None

        def multiply(g: int) -> None:
            dY_g = _flatten(cotangents[:, :, g])
            if dW is not None:
                np.matmul(dY_g.T, _flatten(inputs[:, :, g]), out=dW[g])  # (QN,S)(S,PM) -> (QN,PM)
            if db is not None:
                db[0, :, g] = dY_g.sum(axis=0).reshape(self.places, -1)  # (S,QN) -> (QN)
            if back is not None:
                dX_g = back[:, :, g]
                dX_g[...] = (dY_g @ self.weight[g]).reshape(dX_g.shape)  # (S,QN)(QN,PM) -> (S,PM)

        run_parts(multiply, range(self.groups))
        return dX, grads  # type: ignore[return-value]

    def _empty_gradients(self, dY: Array, X: Array) -> Arrays:
        """Return arrays for the gradients of what is trained."""
        grads = {"weight": empty(self.weight.shape, np.result_type(dY, X))}
        if self.bias is not None:
            grads["bias"] = np.empty(self.bias.shape, dY.dtype)
        return {name: grad for name, grad in grads.items() if name in self.parameter_names}

    def _split(self, X: Array) -> Array:
        """The view (S, places, groups, features of a place) of (…, features)."""
        size = X.shape[-1] // (self.places * self.groups)
        return X.reshape(math.prod(X.shape[:-1]), self.places, self.groups, size)


def check_blocks(in_features: int, out_features: int, groups: int, places: int) -> None:
    """Raise ValueError unless these are the sizes of a BlockLinear."""
    sizes = {"in_features": in_features, "out_features": out_features}
    for name, size in (sizes | {"groups": groups, "places": places}).items():
        as_size("BlockLinear", name, size, 1)
    for name, size in sizes.items():
        if size % (groups * places):
            parts = f"{groups} groups" if places == 1 else f"{groups} groups in each of {places} places"
            raise ValueError(f"BlockLinear: {name} is {size}, which {parts} do not divide")


def _flatten(features: Array) -> Array:
    """A group's features (S, P, M) as rows (S, P M): a view, of one place, else a copy."""
    return features.reshape(len(features), features.shape[1] * features.shape[2])
