"""Networks built of layers; each is a layer itself."""

from chainrule.nets.mlp import MLP
from chainrule.nets.sequential import Sequential

__all__ = ["MLP", "Sequential"]
