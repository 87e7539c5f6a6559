"""Cells for Jupyter: `%load_ext chainrule` gives %%derive, %%prove and %%check.

    %%derive --input W                     %%prove                              %%check --input x=8x5
    Y[s,n] = sum[m](X[s,m] * W[n,m])       forward                              class Square:
                                               Y[i] = X[i]^2                        def forward(self, x): ...
                                           gradient dX[i]                           def backward(self, dout): ...
                                               = 2 * dY[i] * X[i]

Imports: catalogue, check, derive, display, errors.
"""

from chainrule.notebook.cells import register

__all__ = ["register"]
