"""The PyTorch counterparts: networks with the state dicts of `chainrule.nets`, and layer normalisation three ways.

Needs the extra `torch`: `pip install 'chainrule[torch]'`.

Imports: layers, nets, optim.
"""

try:
    import torch as _torch  # noqa: F401
except ModuleNotFoundError as error:
    if error.name != "torch":
        raise
    raise ImportError("PyTorch is not installed; get it by: pip install 'chainrule[torch]'") from None

from chainrule.pytorch.blocks import BlockLinear, Gather
from chainrule.pytorch.building import PreAct
from chainrule.pytorch.convnet import ConvNet
from chainrule.pytorch.layernorm import LayerNormAutograd, LayerNormFunction, LayerNormManual
from chainrule.pytorch.mlp import MLP
from chainrule.pytorch.muon import Combined, Muon
from chainrule.pytorch.rnn import RNN, RowRNN
from chainrule.pytorch.transformer import RotaryAttention, RotaryEmbedding, SwiGLU, Transformer
from chainrule.pytorch.weights import to_arrays, to_tensors
from chainrule.pytorch.whitened import WhitenedConvNet

__all__ = [
    "MLP",
    "RNN",
    "BlockLinear",
    "Combined",
    "ConvNet",
    "Gather",
    "LayerNormAutograd",
    "LayerNormFunction",
    "LayerNormManual",
    "Muon",
    "PreAct",
    "RotaryAttention",
    "RotaryEmbedding",
    "RowRNN",
    "SwiGLU",
    "Transformer",
    "WhitenedConvNet",
    "to_arrays",
    "to_tensors",
]
