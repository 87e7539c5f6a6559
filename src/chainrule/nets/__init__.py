"""Networks built of layers; each is a layer itself.

Imports: layers.
"""

from importlib import import_module
from typing import Any

from chainrule.nets.building import PreAct
from chainrule.nets.convnet import ConvNet
from chainrule.nets.mlp import MLP
from chainrule.nets.row_rnn import RowRNN
from chainrule.nets.sequential import Sequential
from chainrule.nets.transformer import Transformer
from chainrule.nets.weights import load_weights, save_weights
from chainrule.nets.whitened import WhitenedConvNet, set_dirac
from chainrule.nets.whitening import whitening_filters, whitening_map

__all__ = [
    "MLP",
    "ConvNet",
    "PreAct",
    "RowRNN",
    "Sequential",
    "Transformer",
    "WhitenedConvNet",
    "from_onnx",
    "load_weights",
    "save_weights",
    "set_dirac",
    "whitening_filters",
    "whitening_map",
]


def __getattr__(name: str) -> Any:
    """`from_onnx`, which needs a library of its own and is built on this package, loads when it is asked for."""
    if name == "from_onnx":
        return import_module("chainrule.onnx").from_onnx
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
