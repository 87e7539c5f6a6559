"""Gated recurrent unit: one gate mixes the state before with a new one, another resets what the new one sees of it.

Indices
    s  sample      t  step      q p  gate      m  input feature      n k  state

Forward
    A[s,t,q,n] = sum[m](X[s,t,m] * W[q,n,m]) + b[q,n]
    B[s,t,p,n] = sum[k](H[s,t-1,k] * U[p,n,k]) + c[p,n]
    R[s,t,n]   = 1 / (1 + exp(-A[s,t,0,n] - B[s,t,0,n]))
    Z[s,t,n]   = 1 / (1 + exp(-A[s,t,1,n] - B[s,t,1,n]))
    G[s,t,n]   = tanh(A[s,t,2,n] + R[s,t,n] * B[s,t,2,n])
    H[s,t,n]   = (1 - Z[s,t,n]) * G[s,t,n] + Z[s,t,n] * H[s,t-1,n]
    Y[s,t,n]   = H[s,t,n]
    assume size[q] = 3
    assume size[p] = 3

Backward
    dH[s,t,n]   = dY[s,t,n] + sum[p,k](dB[s,t+1,p,k] * U[p,k,n]) + dH[s,t+1,n] * Z[s,t+1,n]
    eG[s,t,n]   = dH[s,t,n] * (1 - Z[s,t,n]) * (1 - G[s,t,n]^2)
    eR[s,t,n]   = eG[s,t,n] * B[s,t,2,n] * R[s,t,n] * (1 - R[s,t,n])
    eZ[s,t,n]   = dH[s,t,n] * (H[s,t-1,n] - G[s,t,n]) * Z[s,t,n] * (1 - Z[s,t,n])
    dA[s,t,q,n] = delta[q,0] * eR[s,t,n] + delta[q,1] * eZ[s,t,n] + delta[q,2] * eG[s,t,n]
    dB[s,t,p,n] = delta[p,0] * eR[s,t,n] + delta[p,1] * eZ[s,t,n] + delta[p,2] * eG[s,t,n] * R[s,t,n]
    dX[s,t,m]   = sum[q,n](dA[s,t,q,n] * W[q,n,m])
    dW[q,n,m]   = sum[s,t](dA[s,t,q,n] * X[s,t,m])
    db[q,n]     = sum[s,t](dA[s,t,q,n])
    dU[p,n,k]   = sum[s,t](dB[s,t,p,n] * H[s,t-1,k])
    dc[p,n]     = sum[s,t](dB[s,t,p,n])

Why: before the first step the state is 0. A state is an output, feeds the gates of the next step, and goes on into the
next state times Z: its cotangent has three parts, two of which come from the step after, so the equations are solved
from the last step on. The sums over the state before are kept apart from those over the input, for the reset gate R
multiplies one of them alone. (Cho and others, 2014, arXiv:1406.1078; the reset after the product, as in PyTorch.)
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from chainrule.layers.base import Array, Arrays, check_cotangent
from chainrule.layers.memory import empty
from chainrule.layers.products import cut_columns, multiply_columns
from chainrule.layers.recurrent.gated import GatedRecurrent, by_sample, by_step, count_rows, cut_samples, squash
from chainrule.threads import run_parts, single_threaded_blas


class GRUCache(NamedTuple):
    """What the backward needs, step by step: (T, S, …)."""

    X: Array
    gates: Array  # R, Z and G side by side
    recalled: Array  # B[…, 2, :], what the reset gate multiplies
    H: Array


class GRU(GatedRecurrent):
    """`H_t = (1 − Z) ∘ G + Z ∘ H_{t−1}`, with the gates made of X_t and H_{t−1}.

    Input (S, T, M), a batch of sequences of T steps; output (S, T, N), the state after every step; before the first it
    is 0. It is PyTorch's GRU with `batch_first=True` and one layer, its output alone.

    Parameters: weight_ih_l0 W (3 N, M), weight_hh_l0 U (3 N, N), bias_ih_l0 b (3 N) and bias_hh_l0 c (3 N), None with
    `bias=False`, the gates in the order R, Z, G; all start as U(-1/√N, 1/√N), PyTorch's default.
    """

    GATES = 3

    @single_threaded_blas()
    def forward(self, X: Array) -> tuple[Array, GRUCache]:
        """Return the states H; the cache is a GRUCache."""
        self._check_input(X)
        X, N = by_step(X), self.hidden_size
        gates = self._sum_inputs(X, self.bias_ih_l0)  # A at first
        recalled, H = (empty((*gates.shape[:2], N), gates.dtype) for _ in range(2))
        parts = cut_samples(X.shape[1])
        U = cut_columns(self.weight_hh_l0.reshape(3, N, N).swapaxes(1, 2), count_rows(parts))  # by gate
        run_parts(lambda s: self._advance(U, gates[:, s], recalled[:, s], H[:, s]), parts)
        return by_sample(H), GRUCache(X, gates, recalled, H)

    def _advance(self, U: Array, gates: Array, recalled: Array, H: Array) -> None:
        """Go through the steps: bring what `gates` holds, A, to R, Z and G; write the rest."""
        N, before = self.hidden_size, np.zeros_like(H, shape=H.shape[1:])
        B = np.empty_like(H, shape=(3, *before.shape))
        for t, A in enumerate(gates):
            multiply_columns(before, U, B)
            if self.bias_hh_l0 is not None:
                B += self.bias_hh_l0.reshape(3, 1, N)
            recalled[t] = B[2]
            A[:, :N] += B[0]
            A[:, N : 2 * N] += B[1]
            squash(A[:, : 2 * N])
            reset, keep, new = A[:, :N], A[:, N : 2 * N], A[:, 2 * N :]
            new += reset * recalled[t]
            np.tanh(new, out=new)
            np.subtract(before, new, out=H[t])  # H = G + Z (before − G)
            H[t] *= keep
            H[t] += new
            before = H[t]

    @single_threaded_blas()
    def backward(self, dY: Array, cache: GRUCache) -> tuple[Array, Arrays]:
        """Return dX and the gradients of the parameters."""
        dA, grads = self._backward_through_time(dY, cache)
        return self._input_gradient(dA), grads

    @single_threaded_blas()
    def parameter_gradients(self, dY: Array, cache: GRUCache) -> Arrays:
        """Return the gradients of the parameters alone."""
        return self._backward_through_time(dY, cache)[1]

    def _backward_through_time(self, dY: Array, cache: GRUCache) -> tuple[Array, Arrays]:
        """Return dA (T, S, 3 N) and the gradients of the parameters."""
        X, gates, recalled, H = cache
        check_cotangent(self, dY, by_sample(H).shape)
        dH = dY.swapaxes(0, 1)
        dA, dB = (empty(gates.shape, gates.dtype) for _ in range(2))
        parts = cut_samples(H.shape[1])
        U = cut_columns(self.weight_hh_l0, count_rows(parts))
        run_parts(lambda s: self._return(U, dA[:, s], dB[:, s], dH[:, s], gates[:, s], recalled[:, s], H[:, s]), parts)
        return dA, self._weight_gradients(dA, dB, X, H)

    def _return(self, U: Array, dA: Array, dB: Array, dY: Array, gates: Array, recalled: Array, H: Array) -> None:
        """Go back through the steps, and write dA and dB."""
        N = self.hidden_size
        later: Array | None = None  # what the step after hands back
        for t in reversed(range(len(H))):
            reset, keep, new = gates[t, :, :N], gates[t, :, N : 2 * N], gates[t, :, 2 * N :]
            eR, eZ, eG = dA[t, :, :N], dA[t, :, N : 2 * N], dA[t, :, 2 * N :]
            dH = dY[t] if later is None else dY[t] + later
            np.multiply(dH, 1 - keep, out=eG)
            eG *= 1 - new * new
            np.multiply(eG, recalled[t], out=eR)
            np.multiply(dH, H[t - 1] - new if t else -new, out=eZ)
            slopes = 1 - gates[t, :, : 2 * N]
            slopes *= gates[t, :, : 2 * N]
            dA[t, :, : 2 * N] *= slopes
            dB[t] = dA[t]
            dB[t, :, 2 * N :] *= reset
            later = multiply_columns(dB[t], U, np.empty_like(dH))
            later += dH * keep
