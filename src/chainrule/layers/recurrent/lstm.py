"""Long short-term memory: gates decide what a cell forgets, takes in and shows, so that it may keep a value for long.

Indices
    s  sample      t  step      q p  gate      m  input feature      n k  state

Forward
    Z[s,t,q,n] = sum[m](X[s,t,m] * W[q,n,m]) + b[q,n] + sum[k](H[s,t-1,k] * U[q,n,k]) + c[q,n]
    I[s,t,n]   = 1 / (1 + exp(-Z[s,t,0,n]))
    F[s,t,n]   = 1 / (1 + exp(-Z[s,t,1,n]))
    G[s,t,n]   = tanh(Z[s,t,2,n])
    O[s,t,n]   = 1 / (1 + exp(-Z[s,t,3,n]))
    C[s,t,n]   = F[s,t,n] * C[s,t-1,n] + I[s,t,n] * G[s,t,n]
    H[s,t,n]   = O[s,t,n] * tanh(C[s,t,n])
    Y[s,t,n]   = H[s,t,n]
    assume size[q] = 4

Backward
    dH[s,t,n]   = dY[s,t,n] + sum[p,k](dZ[s,t+1,p,k] * U[p,k,n])
    dC[s,t,n]   = dH[s,t,n] * O[s,t,n] * (1 - tanh(C[s,t,n])^2) + dC[s,t+1,n] * F[s,t+1,n]
    dI[s,t,n]   = dC[s,t,n] * G[s,t,n]
    dF[s,t,n]   = dC[s,t,n] * C[s,t-1,n]
    dG[s,t,n]   = dC[s,t,n] * I[s,t,n]
    dO[s,t,n]   = dH[s,t,n] * tanh(C[s,t,n])
    dZ[s,t,q,n] = delta[q,0] * dI[s,t,n] * I[s,t,n] * (1 - I[s,t,n])
                  + delta[q,1] * dF[s,t,n] * F[s,t,n] * (1 - F[s,t,n])
                  + delta[q,2] * dG[s,t,n] * (1 - G[s,t,n]^2)
                  + delta[q,3] * dO[s,t,n] * O[s,t,n] * (1 - O[s,t,n])
    dX[s,t,m]   = sum[q,n](dZ[s,t,q,n] * W[q,n,m])
    dW[q,n,m]   = sum[s,t](dZ[s,t,q,n] * X[s,t,m])
    dU[q,n,k]   = sum[s,t](dZ[s,t,q,n] * H[s,t-1,k])
    db[q,n]     = sum[s,t](dZ[s,t,q,n])
    dc[q,n]     = sum[s,t](dZ[s,t,q,n])

Why: before the first step state and cell are 0. A state is an output and feeds the gates of the next step; a cell feeds
its own state and, times the next forget gate, the next cell. So both cotangents have two parts, one of which comes from
the step after, and the equations are solved from the last step on. Along the cells they are multiplied by the forget
gates alone, which is what lets them live long. (Hochreiter and Schmidhuber, 1997, doi:10.1162/neco.1997.9.8.1735; Gers,
Schmidhuber and Cummins, 2000, doi:10.1162/089976600300015015.)
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from chainrule.layers.base import Array, Arrays, check_cotangent
from chainrule.layers.memory import empty
from chainrule.layers.recurrent.gated import GatedRecurrent, by_sample, by_step, cut_samples, squash
from chainrule.layers.threads import run_parts


class LSTMCache(NamedTuple):
    """What the backward needs, step by step: (T, S, …)."""

    X: Array
    gates: Array  # I, F, G and O side by side
    C: Array
    tanh_C: Array
    H: Array


class LSTM(GatedRecurrent):
    """`H_t = O ∘ tanh(C_t)`, `C_t = F ∘ C_{t−1} + I ∘ G`, the gates made of X_t and H_{t−1}.

    Input (S, T, M), a batch of sequences of T steps; output (S, T, N), the state after every step; before the first,
    state and cell are 0. It is PyTorch's LSTM with `batch_first=True` and one layer, its output alone.

    Parameters: weight_ih_l0 W (4 N, M), weight_hh_l0 U (4 N, N), bias_ih_l0 b (4 N) and bias_hh_l0 c (4 N), None with
    `bias=False`, the gates in the order I, F, G, O; all start as U(-1/√N, 1/√N), PyTorch's default.
    """

    GATES = 4

    def forward(self, X: Array) -> tuple[Array, LSTMCache]:
        """Return the states H; the cache is an LSTMCache."""
        self._check_input(X)
        X, N = by_step(X), self.hidden_size
        both = None if self.bias_ih_l0 is None else self.bias_ih_l0 + self.bias_hh_l0
        gates = self._sum_inputs(X, both)  # Z at first
        C, tanh_C, H = (empty((*gates.shape[:2], N), gates.dtype) for _ in range(3))
        run_parts(lambda s: self._advance(gates[:, s], C[:, s], tanh_C[:, s], H[:, s]), cut_samples(X.shape[1]))
        return by_sample(H), LSTMCache(X, gates, C, tanh_C, H)

    def _advance(self, gates: Array, C: Array, tanh_C: Array, H: Array) -> None:
        """Go through the steps: make I, F, G and O of `gates`, Z without the state before; write the rest."""
        N, U = self.hidden_size, self.weight_hh_l0
        for t, Z in enumerate(gates):
            if t:
                Z += H[t - 1] @ U.T
            squash(Z[:, : 2 * N])
            np.tanh(Z[:, 2 * N : 3 * N], out=Z[:, 2 * N : 3 * N])
            squash(Z[:, 3 * N :])
            in_, forget, new, out = (Z[:, n : n + N] for n in range(0, 4 * N, N))
            np.multiply(in_, new, out=C[t])
            if t:
                C[t] += forget * C[t - 1]
            np.tanh(C[t], out=tanh_C[t])
            np.multiply(out, tanh_C[t], out=H[t])

    def backward(self, dY: Array, cache: LSTMCache) -> tuple[Array, Arrays]:
        """Return dX and the gradients of the parameters."""
        dZ, grads = self._backward_through_time(dY, cache)
        return self._input_gradient(dZ), grads

    def parameter_gradients(self, dY: Array, cache: LSTMCache) -> Arrays:
        """Return the gradients of the parameters alone."""
        return self._backward_through_time(dY, cache)[1]

    def _backward_through_time(self, dY: Array, cache: LSTMCache) -> tuple[Array, Arrays]:
        """Return dZ (T, S, 4 N) and the gradients of the parameters."""
        X, gates, C, tanh_C, H = cache
        check_cotangent(self, dY, by_sample(H).shape)
        dH, dZ = dY.swapaxes(0, 1), empty(gates.shape, gates.dtype)
        run_parts(
            lambda s: self._return(dZ[:, s], dH[:, s], gates[:, s], C[:, s], tanh_C[:, s]), cut_samples(H.shape[1])
        )
        return dZ, self._weight_gradients(dZ, dZ, X, H)

    def _return(self, dZ: Array, dY: Array, gates: Array, C: Array, tanh_C: Array) -> None:
        """Go back through the steps, and write dZ."""
        N, later = self.hidden_size, 0.0  # later: dC[t+1] F[t+1]
        for t in reversed(range(len(gates))):
            in_, forget, new, out = (gates[t, :, n : n + N] for n in range(0, 4 * N, N))
            dI, dF, dG, dO = (dZ[t, :, n : n + N] for n in range(0, 4 * N, N))
            dH = dY[t] if t == len(gates) - 1 else dY[t] + dZ[t + 1] @ self.weight_hh_l0
            dC = 1 - tanh_C[t] * tanh_C[t]
            dC *= out
            dC *= dH
            dC += later
            np.multiply(dC, new, out=dI)
            np.multiply(dC, C[t - 1] if t else 0.0, out=dF)
            np.multiply(dC, in_, out=dG)
            np.multiply(dH, tanh_C[t], out=dO)
            slopes = 1 - gates[t]  # of a sigmoid: G is mended below
            slopes *= gates[t]
            slopes[:, 2 * N : 3 * N] = 1 - new * new
            dZ[t] *= slopes
            dC *= forget
            later = dC
