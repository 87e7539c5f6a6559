"""Algorithms of the two-dimensional convolution, one module each: the plain one, `im2col`, and faster ones beside it.

All work on arrays that lie channels last, and for all of them a weight is what `Conv2d` calls `weight.T`:

    X   (S, H, W, C)      input
    W   (E, A, C, F)      weight: kernel column, kernel row, channel in, channel out
    Y   (S, I, J, F)      output, without the bias

geometry.py  kernel, stride and padding, and the sizes and views that follow from them
im2col.py    every window copied into a row of a matrix, then one matrix product: the reference
"""
