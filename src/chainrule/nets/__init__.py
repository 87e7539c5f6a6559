"""Networks built of layers; each is a layer itself.

Imports: layers.
"""

from chainrule.nets.building import PreAct
from chainrule.nets.convnet import ConvNet
from chainrule.nets.mlp import MLP
from chainrule.nets.row_rnn import RowRNN
from chainrule.nets.sequential import Sequential
from chainrule.nets.transformer import Transformer

__all__ = ["MLP", "ConvNet", "PreAct", "RowRNN", "Sequential", "Transformer"]
