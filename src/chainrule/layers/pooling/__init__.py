"""Pooling over windows of an image.

Imports: base, channels_last, convolution, memory, threads.
"""
