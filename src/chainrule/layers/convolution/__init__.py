"""The two-dimensional convolution, and its algorithms: the plain one, and faster ones that tests hold to it.

conv2d.py     the layer; channels_last.py arranges its arrays
algorithm.py  what an algorithm does, and how the arrays lie
geometry.py   kernel, stride and padding, and the sizes and views that follow from them
reference.py  every window copied into a row of one matrix
im2col.py     the same in parts that fit the cache
pointwise.py  1×1 kernels: one matrix product, nothing copied
shifted.py    one product for each kernel entry
winograd.py   3×3 kernels of stride 1 with fewer multiplications; tiles.py cuts the images into tiles
choice.py     the algorithms by name, and the rule that chooses

Imports: base, channels_last, memory, normalization, threads.
"""
