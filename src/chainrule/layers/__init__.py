"""NumPy layers and losses, one file each: equations in the docstring, then forward and backward side by side."""

from chainrule.layers.base import Layer
from chainrule.layers.linear import Linear

__all__ = ["Layer", "Linear"]
