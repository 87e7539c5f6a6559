"""One-dimensional convolution: the kernel is laid on every place of the padded sequence, and each gives one output.

Indices
    s  sample        c  channel in     f  channel out
    t  input step    i  output step    a  kernel entry

Forward
    Y[s,f,i] = sum[c,a](X[s,c,st*i+a-pt] * W[f,c,a]) + b[f]

Backward
    dX[s,c,t] = sum[f,i](dY[s,f,i] * W[f,c,t+pt-st*i])
    dW[f,c,a] = sum[s,i](dY[s,f,i] * X[s,c,st*i+a-pt])
    db[f]     = sum[s,i](dY[s,f,i])

Why: the stride is st, the padding pt. An output i meets the input t through the one entry of the kernel that lies on
it, t + pt - st i, if there is such an entry: outside its range an array is zero. Turned round, the same pairs of input
and output meet the kernel entry a, and every output the bias.
"""

from __future__ import annotations

from chainrule.layers.base import Array, as_size
from chainrule.layers.channels_last import Pair
from chainrule.layers.convolution.convolution import Convolution


class Conv1d(Convolution):
    """`Y = X ⋆ W + b`, cross-correlation, as in PyTorch: a `Conv2d` of images of one row.

    `kernel_size`, `stride` and `padding` are numbers, `groups` as in `Conv2d`. Parameters: weight W (F, C / groups, A),
    bias b (F), or None with `bias=False`; both start as PyTorch's do. Input (S, C, T), output (S, F, I) with
    I = (T + 2 padding - A) // stride + 1.
    """

    axes = ("T",)

    def _as_pair(self, name: str, value: int | Pair, least: int) -> Pair:
        if isinstance(value, tuple | list) and len(value) == 1:
            (value,) = value
        size = as_size("Conv1d", name, value, least)
        return (0 if name == "padding" else 1, size)

    def _lift(self, array: Array) -> Array:
        return array[:, :, None]

    def _drop(self, array: Array) -> Array:
        return array[:, :, 0]
