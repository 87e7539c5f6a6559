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
from chainrule.layers.products import cut_columns, multiply, multiply_columns
from chainrule.layers.recurrent.gated import GatedRecurrent, by_sample, by_step, count_rows, cut_samples, squash
from chainrule.threads import run_parts, single_threaded_blas

ORDER = [0, 1, 3, 2]  # in which the gates lie in memory: I, F, O, which are sigmoids, and G


class LSTMCache(NamedTuple):
    """What the backward needs, step by step: (T, S, …)."""

    X: Array
    gates: Array  # I, F, O and G: (4, T, S, N)
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

    @single_threaded_blas()
    def forward(self, X: Array) -> tuple[Array, LSTMCache]:
        """Return the states H; the cache is an LSTMCache."""
        self._check_input(X)
        X, N = by_step(X), self.hidden_size
        T, S, M = X.shape
        gates = empty((4, T, S, N), np.result_type(X, self.weight_ih_l0))
        biases: list[Array | None] = [None] * 4
        if self.bias_ih_l0 is not None and self.bias_hh_l0 is not None:
            biases = list(self._by_gate(self.bias_ih_l0 + self.bias_hh_l0))
        for gate, W, b in zip(gates, self._by_gate(self.weight_ih_l0), biases, strict=True):
            multiply(X.reshape(T * S, M), W.T, gate.reshape(T * S, N), b)  # Z without the state before, for all steps
        C, tanh_C, H = (empty((T, S, N), gates.dtype) for _ in range(3))
        parts = cut_samples(S)
        U = cut_columns(self._by_gate(self.weight_hh_l0).swapaxes(1, 2), count_rows(parts))
        run_parts(lambda s: self._advance(U, gates[:, :, s], C[:, s], tanh_C[:, s], H[:, s]), parts)
        return by_sample(H), LSTMCache(X, gates, C, tanh_C, H)

    def _advance(self, U: Array, gates: Array, C: Array, tanh_C: Array, H: Array) -> None:
        """Go through the steps: make I, F, O and G of `gates`, Z without the state before; write the rest."""
        recalled = np.empty((4, *H.shape[1:]), H.dtype)
        with np.errstate(over="ignore"):  # see `squash`
            for t in range(len(H)):
                Z = gates[:, t]
                if t:
                    Z += multiply_columns(H[t - 1], U, recalled)
                squash(Z[:3])
                in_, forget, out, new = Z
                np.tanh(new, out=new)
                np.multiply(in_, new, out=C[t])
                if t:
                    C[t] += np.multiply(forget, C[t - 1], out=recalled[0])
                np.tanh(C[t], out=tanh_C[t])
                np.multiply(out, tanh_C[t], out=H[t])

    def _by_gate(self, array: Array) -> Array:
        """A weight (4 N, …) or bias as (4, N, …), its gates as they lie in memory."""
        return array.reshape(4, self.hidden_size, *array.shape[1:])[ORDER]

    @single_threaded_blas()
    def backward(self, dY: Array, cache: LSTMCache) -> tuple[Array, Arrays]:
        """Return dX and the gradients of the parameters."""
        dZ, grads = self._backward_through_time(dY, cache)
        return self._input_gradient(dZ), grads

    @single_threaded_blas()
    def parameter_gradients(self, dY: Array, cache: LSTMCache) -> Arrays:
        """Return the gradients of the parameters alone."""
        return self._backward_through_time(dY, cache)[1]

    def _backward_through_time(self, dY: Array, cache: LSTMCache) -> tuple[Array, Arrays]:
        """Return dZ (T, S, 4 N) and the gradients of the parameters."""
        X, gates, C, tanh_C, H = cache
        check_cotangent(self, dY, by_sample(H).shape)
        T, S, N = H.shape
        dH, dZ = dY.swapaxes(0, 1), empty((T, S, 4 * N), gates.dtype)
        parts = cut_samples(S)
        U = cut_columns(self.weight_hh_l0, count_rows(parts))
        run_parts(lambda s: self._return(U, dZ[:, s], dH[:, s], gates[:, :, s], C[:, s], tanh_C[:, s]), parts)
        return dZ, self._weight_gradients(dZ, dZ, X, H)

    def _return(self, U: Array, dZ: Array, dY: Array, gates: Array, C: Array, tanh_C: Array) -> None:
        """Go back through the steps, and write dZ: at first what of it is known without the steps after."""
        in_, forget, out, new = gates
        T, S, N = C.shape
        parts, dC_dH = dZ.reshape(T, S, 4, N), empty(C.shape, C.dtype)
        dI, dF, dG, dO = (parts[:, :, gate] for gate in range(4))
        for dgate, gate in ((dI, in_), (dF, forget), (dO, out)):
            np.subtract(1, gate, out=dgate)
            dgate *= gate
        dI *= new  # dI / dC, and so on
        dF[1:] *= C[:-1]
        dF[:1] = 0
        for slope, tanh, factor in ((dG, new, in_), (dC_dH, tanh_C, out)):
            np.multiply(tanh, tanh, out=slope)
            np.subtract(1, slope, out=slope)
            slope *= factor
        dO *= tanh_C  # dO / dH
        dC, recalled = np.zeros_like(C, shape=(S, N)), np.empty_like(C, shape=(S, N))
        for t in reversed(range(T)):
            dH = dY[t]
            if t < T - 1:
                dH = np.add(dY[t], multiply_columns(dZ[t + 1], U, recalled), out=recalled)
                dC *= forget[t + 1]
            dC += np.multiply(dH, dC_dH[t], out=dC_dH[t])
            parts[t, :, :3] *= dC[:, None]
            parts[t, :, 3] *= dH
