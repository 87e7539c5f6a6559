"""NumPy layers and losses, one file each: equations in the docstring, then forward and backward side by side."""

from chainrule.layers.avg_pool_2d import AvgPool2d
from chainrule.layers.base import Layer
from chainrule.layers.batch_norm import BatchNorm1d
from chainrule.layers.batch_norm_2d import BatchNorm2d
from chainrule.layers.batch_norm_relu_2d import BatchNormReLU2d
from chainrule.layers.conv2d import Conv2d
from chainrule.layers.cross_entropy import CrossEntropyLoss
from chainrule.layers.dropout import Dropout
from chainrule.layers.dropout_2d import Dropout2d
from chainrule.layers.elu import ELU
from chainrule.layers.flatten import Flatten
from chainrule.layers.gelu import GELU
from chainrule.layers.global_avg_pool import GlobalAvgPool
from chainrule.layers.layer_norm import LayerNorm
from chainrule.layers.leaky_relu import LeakyReLU
from chainrule.layers.linear import Linear
from chainrule.layers.log_softmax import LogSoftmax
from chainrule.layers.loss import Loss
from chainrule.layers.max_pool_2d import MaxPool2d
from chainrule.layers.mse import MSELoss
from chainrule.layers.relu import ReLU
from chainrule.layers.residual import Residual
from chainrule.layers.rnn import RNN
from chainrule.layers.sigmoid import Sigmoid
from chainrule.layers.silu import SiLU
from chainrule.layers.softmax import Softmax
from chainrule.layers.tanh import Tanh

__all__ = [  # noqa: RUF022 - in the order in which one meets them in a net
    "Layer",
    "Linear",
    "Conv2d",
    "ELU",
    "ReLU",
    "LeakyReLU",
    "GELU",
    "SiLU",
    "Tanh",
    "Sigmoid",
    "Softmax",
    "LogSoftmax",
    "BatchNorm1d",
    "BatchNorm2d",
    "BatchNormReLU2d",
    "LayerNorm",
    "MaxPool2d",
    "AvgPool2d",
    "GlobalAvgPool",
    "Dropout",
    "Dropout2d",
    "Flatten",
    "Residual",
    "RNN",
    "Loss",
    "CrossEntropyLoss",
    "MSELoss",
]
