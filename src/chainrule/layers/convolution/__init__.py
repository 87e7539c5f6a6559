"""Convolutions, and their algorithms: the plain one, and faster ones that tests hold to it.

convolution.py  what conv1d.py and conv2d.py share; channels_last.py arranges the arrays
conv_transpose_2d.py  the backward of a convolution, as a layer
algorithm.py  what an algorithm does, and how the arrays lie
geometry.py   kernel, stride and padding, and the sizes and views that follow from them
reference.py  every window copied into a row of one matrix
im2col.py     the same in parts that fit the cache
pointwise.py  1×1 kernels: one matrix product, nothing copied
shifted.py    one product for each kernel entry
winograd.py   3×3 kernels of stride 1 with fewer multiplications; tiles.py cuts the images into tiles
grouped.py    a convolution for each group of channels; depthwise, where a group has one
choice.py     the algorithms by name, and the rule that chooses

Imports: base, channels_last, memory, normalization, threads.
"""
