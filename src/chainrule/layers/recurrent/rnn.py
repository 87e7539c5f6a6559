"""Recurrent layer: the state at each step is made from that step's input and from the state before.

Indices
    s r  sample      t  step      m  input feature      n k  state

Forward
    A[s,t,n] = sum[m](X[s,t,m] * W[n,m]) + b[n] + sum[k](P[s,t,k] * U[n,k]) + c[n]
    H[s,t,n] = tanh(A[s,t,n])

Backward
    dA[s,t,n] = dH[s,t,n] * (1 - H[s,t,n]^2)
    dX[s,t,m] = sum[n](dA[s,t,n] * W[n,m])
    dP[s,t,k] = sum[n](dA[s,t,n] * U[n,k])
    dW[n,m]   = sum[s,t](dA[s,t,n] * X[s,t,m])
    dU[n,k]   = sum[s,t](dA[s,t,n] * P[s,t,k])
    db[n]     = sum[s,t](dA[s,t,n])
    dc[n]     = sum[s,t](dA[s,t,n])

Recurrence
    P[s,t,n]  = H[s,t-1,n]
    dH[s,t,n] = dY[s,t,n] + dP[s,t+1,n]

Why: P is the state of the step before, 0 before the first, so the equations Forward are solved from the first step on.
A state is an output and feeds the next step, so its cotangent has two parts: dY, which arrives from outside, and what
the next step hands back; after the last step nothing does. So the equations Backward are solved from the last step
on, which is backpropagation through time. Every step uses the same weights: their gradients are summed over the steps.
(Elman, 1990, doi:10.1207/s15516709cog1402_1; Werbos, 1990, doi:10.1109/5.58337.)

Layer normalisation of the summed inputs takes mean and variance over the states of one sample at one step, with one
gain and one shift for all steps. (Ba, Kiros and Hinton, 2016, arXiv:1607.06450, equation 4.)

Forward, norm="layer"
    A[s,t,n]    = sum[m](X[s,t,m] * W[n,m]) + sum[k](P[s,t,k] * U[n,k])
    mu[s,t]     = mean[n](A[s,t,n])
    var[s,t]    = mean[n]((A[s,t,n] - mu[s,t])^2)
    Ahat[s,t,n] = (A[s,t,n] - mu[s,t]) / sqrt(var[s,t] + eps)
    H[s,t,n]    = tanh(gain[n] * Ahat[s,t,n] + shift[n])

Backward, norm="layer"
    dZ[s,t,n]    = dH[s,t,n] * (1 - H[s,t,n]^2)
    dgain[n]     = sum[s,t](dZ[s,t,n] * Ahat[s,t,n])
    dshift[n]    = sum[s,t](dZ[s,t,n])
    dAhat[s,t,n] = gain[n] * dZ[s,t,n]
    dA[s,t,n]    = (dAhat[s,t,n] - mean[k](dAhat[s,t,k]) - Ahat[s,t,n] * mean[k](dAhat[s,t,k] * Ahat[s,t,k]))
                   / sqrt(var[s,t] + eps)
    dX[s,t,m]    = sum[n](dA[s,t,n] * W[n,m])
    dP[s,t,k]    = sum[n](dA[s,t,n] * U[n,k])
    dW[n,m]      = sum[s,t](dA[s,t,n] * X[s,t,m])
    dU[n,k]      = sum[s,t](dA[s,t,n] * P[s,t,k])

Batch normalisation takes mean and variance of one state at one step over the batch, again with one gain and one shift
for all steps. The statistics of different steps are kept apart, for the first steps, which begin at a state of 0, do
not look like later ones. (Cooijmans, Ballas, Laurent, Gülçehre and Courville, 2017, arXiv:1603.09025, section 3.)

Forward, norm="batch"
    A[s,t,n]    = sum[m](X[s,t,m] * W[n,m]) + sum[k](P[s,t,k] * U[n,k])
    mu[t,n]     = mean[s](A[s,t,n])
    var[t,n]    = mean[s]((A[s,t,n] - mu[t,n])^2)
    Ahat[s,t,n] = (A[s,t,n] - mu[t,n]) / sqrt(var[t,n] + eps)
    H[s,t,n]    = tanh(gain[n] * Ahat[s,t,n] + shift[n])

Backward, norm="batch"
    dZ[s,t,n]    = dH[s,t,n] * (1 - H[s,t,n]^2)
    dgain[n]     = sum[s,t](dZ[s,t,n] * Ahat[s,t,n])
    dshift[n]    = sum[s,t](dZ[s,t,n])
    dAhat[s,t,n] = gain[n] * dZ[s,t,n]
    dA[s,t,n]    = (dAhat[s,t,n] - mean[r](dAhat[r,t,n]) - Ahat[s,t,n] * mean[r](dAhat[r,t,n] * Ahat[r,t,n]))
                   / sqrt(var[t,n] + eps)
    dX[s,t,m]    = sum[n](dA[s,t,n] * W[n,m])
    dP[s,t,k]    = sum[n](dA[s,t,n] * U[n,k])
    dW[n,m]      = sum[s,t](dA[s,t,n] * X[s,t,m])
    dU[n,k]      = sum[s,t](dA[s,t,n] * P[s,t,k])
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import DTypeLike

from chainrule.layers.activations.relu import ReLU
from chainrule.layers.activations.tanh import Tanh
from chainrule.layers.base import Array, Arrays, Layer, check_cotangent, check_floating, uniform
from chainrule.layers.normalization.batch_norm import BatchNorm1d
from chainrule.layers.normalization.layer_norm import LayerNorm

NONLINEARITIES: dict[str, type[Layer]] = {"tanh": Tanh, "relu": ReLU}
NORMS = (None, "layer", "batch")


class StepCache(NamedTuple):
    """What the backward needs of one step; Ahat and the norm's own cache are None without a norm."""

    Ahat: Array | None
    norm: Any
    nonlinearity: Any


class RNNCache(NamedTuple):
    """What the backward of the recurrent layer needs."""

    X: Array
    H: Array
    steps: list[StepCache]


class RNN(Layer):
    """`H_t = tanh(X_t Wᵀ + b + H_{t-1} Uᵀ + c)`, with a norm of the summed inputs `H_t = tanh(γ ∘ norm(…) + β)`.

    Input (S, T, M), a batch of sequences of T steps; output (S, T, N), the state after every step; before the first it
    is 0. It is PyTorch's RNN with `batch_first=True` and one layer.

    Parameters: weight_ih_l0 W (N, M), weight_hh_l0 U (N, N), bias_ih_l0 b (N) and bias_hh_l0 c (N), None with
    `bias=False`; all start as U(-1/√N, 1/√N), PyTorch's default. With `norm="layer"` or "batch", whose shift does their
    work, there are no biases, but gain γ (N), all 1 at first, and shift β (N), all 0.

    Batch normalisation keeps running statistics for each step apart (buffers norms.0.running_mean, …) and must be told
    for how many: `steps`; a longer sequence is a ValueError. In training it needs two samples at least.
    """

    parameter_names = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0", "gain", "shift")

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        *,
        nonlinearity: str = "tanh",
        bias: bool = True,
        norm: str | None = None,
        steps: int | None = None,
        eps: float = 1e-5,
        rng: np.random.Generator | None = None,
        dtype: DTypeLike = np.float32,
    ) -> None:
        check_rnn(nonlinearity, norm, steps)
        rng = np.random.default_rng() if rng is None else rng
        N, bound = hidden_size, 1 / math.sqrt(hidden_size) if hidden_size else 0.0
        self.input_size, self.hidden_size, self.norm, self.eps = input_size, hidden_size, norm, eps
        self.nonlinearity = NONLINEARITIES[nonlinearity]()
        self.weight_ih_l0: Array = uniform(rng, bound, (N, input_size), dtype)
        self.weight_hh_l0: Array = uniform(rng, bound, (N, N), dtype)
        biased = bias and norm is None
        self.bias_ih_l0: Array | None = uniform(rng, bound, (N,), dtype) if biased else None
        self.bias_hh_l0: Array | None = uniform(rng, bound, (N,), dtype) if biased else None
        self.gain: Array | None = None if norm is None else np.ones(N, dtype)
        self.shift: Array | None = None if norm is None else np.zeros(N, dtype)
        self.norms: list[Layer] = []  # batch norm's, one for each step; layer norm's, one for all
        if norm == "layer":
            self.norms = [LayerNorm(N, eps, elementwise_affine=False)]
        elif norm == "batch":
            self.norms = [BatchNorm1d(N, eps, affine=False, dtype=dtype) for _ in range(steps or 0)]

    def __repr__(self) -> str:
        norm = "" if self.norm is None else f", norm={self.norm!r}"
        return f"RNN({self.input_size}, {self.hidden_size}{norm})"

    @property
    def children(self) -> dict[str, Layer]:
        """The norms, which hold batch norm's running statistics."""
        return {f"norms.{t}": norm for t, norm in enumerate(self.norms)}

    def forward(self, X: Array) -> tuple[Array, RNNCache]:
        """Return the states H; the cache is an RNNCache."""
        self._check_input(X)
        summed = X @ self.weight_ih_l0.T  # (S,T,M)(M,N) -> (S,T,N), for all steps at once
        if self.bias_ih_l0 is not None and self.bias_hh_l0 is not None:
            summed += self.bias_ih_l0 + self.bias_hh_l0
        H, caches = np.empty_like(summed), []
        P, U = np.zeros_like(summed, shape=(len(X), self.hidden_size)), self.weight_hh_l0.T.copy()  # read faster so
        for t in range(X.shape[1]):
            P, cache = self._take_step(t, summed[:, t] + P @ U)
            H[:, t] = P
            caches.append(cache)
        return H, RNNCache(X, H, caches)

    def _take_step(self, t: int, A: Array) -> tuple[Array, StepCache]:
        """Return the state that the summed inputs A (S, N) of step t lead to."""
        Ahat, norm_cache = None, None
        if self.norm is not None:
            Ahat, norm_cache = self._norm_at(t).forward(A)
            A = self.gain * Ahat + self.shift
        H, cache = self.nonlinearity.forward(A)
        return H, StepCache(Ahat, norm_cache, cache)

    def backward(self, dY: Array, cache: RNNCache) -> tuple[Array, Arrays]:
        """Return dX and the gradients of the parameters."""
        dA, grads = self._backward_through_time(dY, cache)
        return dA @ self.weight_ih_l0, grads  # (S,T,N)(N,M) -> (S,T,M)

    def parameter_gradients(self, dY: Array, cache: RNNCache) -> Arrays:
        """Return the gradients of the parameters alone."""
        return self._backward_through_time(dY, cache)[1]

    def _backward_through_time(self, dY: Array, cache: RNNCache) -> tuple[Array, Arrays]:
        """Return dA (S, T, N) and the gradients of the parameters."""
        X, H, steps = cache
        check_cotangent(self, dY, H.shape)
        dA, dP = np.empty_like(H), np.zeros_like(H, shape=(len(H), self.hidden_size))
        norm_grads = {} if self.gain is None else {"gain": np.zeros_like(self.gain), "shift": np.zeros_like(self.gain)}
        for t in reversed(range(X.shape[1])):
            dH = dY[:, t] + dP
            dZ, _ = self.nonlinearity.backward(dH, steps[t].nonlinearity)
            dA[:, t] = self._return_through_norm(t, dZ, steps[t], norm_grads)
            dP = dA[:, t] @ self.weight_hh_l0  # (S,N)(N,N) -> (S,N), to the step before
        return dA, {**self._weight_gradients(dA, X, H), **norm_grads}

    def _return_through_norm(self, t: int, dZ: Array, step: StepCache, grads: Arrays) -> Array:
        """Return dA of one step, and add the step's part to the gradients of gain and shift."""
        if step.Ahat is None:
            return dZ
        grads["gain"] += np.einsum("sn,sn->n", dZ, step.Ahat)
        grads["shift"] += dZ.sum(axis=0)
        return self._norm_at(t).backward(self.gain * dZ, step.norm)[0]

    def _weight_gradients(self, dA: Array, X: Array, H: Array) -> Arrays:
        """Return the gradients of weights and biases: sums over samples and steps."""
        rows = dA.reshape(-1, self.hidden_size)
        after, before = (part.reshape(-1, self.hidden_size) for part in (dA[:, 1:], H[:, :-1]))  # P is 0 at first
        grads = {"weight_ih_l0": rows.T @ X.reshape(-1, self.input_size), "weight_hh_l0": after.T @ before}
        if self.bias_ih_l0 is not None:
            grads["bias_ih_l0"] = rows.sum(axis=0)
            grads["bias_hh_l0"] = grads["bias_ih_l0"].copy()
        return grads

    def _norm_at(self, t: int) -> Layer:
        return self.norms[t if self.norm == "batch" else 0]

    def _check_input(self, X: Array) -> None:
        check_floating(self, X)
        if X.ndim != 3 or X.shape[2] != self.input_size:
            raise ValueError(f"{self!r}: X has shape {X.shape}, but must have shape (S, T, {self.input_size})")
        if self.norm == "batch" and X.shape[1] > len(self.norms):
            raise ValueError(f"{self!r}: X has shape {X.shape}, but there are statistics for {len(self.norms)} steps")


def check_rnn(nonlinearity: str, norm: str | None, steps: int | None) -> None:
    """Raise ValueError unless a recurrent layer can be made so."""
    if nonlinearity not in NONLINEARITIES:
        raise ValueError(f"nonlinearity is {nonlinearity!r}, but must be one of {', '.join(NONLINEARITIES)}")
    if norm not in NORMS:
        raise ValueError(f"norm is {norm!r}, but must be None, layer or batch")
    if (norm == "batch") != (steps is not None):
        raise ValueError(f"norm is {norm!r} and steps is {steps}: steps goes with norm='batch', and must then be given")
