"""Two-dimensional convolution: the kernel is laid on every place of the padded input, and each time gives one output.

Indices
    s  sample             c  channel in         f  channel out
    h  input row          w  input column
    i  output row         j  output column
    a  kernel row         e  kernel column       g  group of channels

Forward
    Y[s,f,i,j] = sum[c,a,e](X[s,c,sh*i+a-ph,sw*j+e-pw] * W[f,c,a,e]) + b[f]

Backward
    dX[s,c,h,w] = sum[f,i,j](dY[s,f,i,j] * W[f,c,h+ph-sh*i,w+pw-sw*j])
    dW[f,c,a,e] = sum[s,i,j](dY[s,f,i,j] * X[s,c,sh*i+a-ph,sw*j+e-pw])
    db[f]       = sum[s,i,j](dY[s,f,i,j])

Forward, groups=G
    Y[s,g,f,i,j] = sum[c,a,e](X[s,g,c,sh*i+a-ph,sw*j+e-pw] * W[g,f,c,a,e]) + b[g,f]

Backward, groups=G
    dX[s,g,c,h,w] = sum[f,i,j](dY[s,g,f,i,j] * W[g,f,c,h+ph-sh*i,w+pw-sw*j])
    dW[g,f,c,a,e] = sum[s,i,j](dY[s,g,f,i,j] * X[s,g,c,sh*i+a-ph,sw*j+e-pw])
    db[g,f]       = sum[s,i,j](dY[s,g,f,i,j])

Why: strides are sh and sw, paddings ph and pw, for rows and columns. An output (i, j) meets the input (h, w) through
the one entry of the kernel that lies on it, row h + ph - sh i, if there is such a row: outside its range an array is
zero, which is the padding of X and the end of the kernel W. Turned round, the same pairs of input and output meet the
kernel entry (a, e), and every output the bias. With groups the axes of channels, in and out, are seen as two, group and
channel of the group: each group is a convolution of its own.
"""

from __future__ import annotations

from chainrule.layers.channels_last import Pair, as_pair
from chainrule.layers.convolution.convolution import Convolution


class Conv2d(Convolution):
    """`Y = X ⋆ W + b`, cross-correlation, as in PyTorch.

    `kernel_size`, `stride` and `padding` are a number, or a pair for rows and columns. `groups` must divide the
    channels in and out; with as many groups as channels in it is a depthwise convolution. Parameters: weight W
    (F, C / groups, A, E), bias b (F), or None with `bias=False`; both start as U(-1/√M, 1/√M) with M = A E C / groups,
    PyTorch's default. Input (S, C, H, W), output (S, F, I, J) with I = (H + 2 pad - A) // stride + 1 rows, and columns
    alike.

    Input and output have PyTorch's shape but lie in memory channels last: an input that does not is copied. The weight
    lies in memory column by column, so that a matrix product reads its output channels in a row. `algorithm` is one of
    those in `layers/convolution/`, by name; "auto" chooses by shape. Not all fit all kernels: else a ValueError.
    """

    axes = ("H", "W")

    def _as_pair(self, name: str, value: int | Pair, least: int) -> Pair:
        return as_pair("Conv2d", name, value, least)
