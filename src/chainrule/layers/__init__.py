"""NumPy layers and losses, one file each: equations in the docstring, then forward and backward side by side.

`activations`, `normalization`, `pooling`, `convolution` and `losses` are folders; the other layers stand beside them,
with what all share: base.py (what a layer is), threads.py (all cores) and memory.py (arrays whose memory is reused).

Imports: display.
"""

from chainrule.layers.activations.elu import ELU
from chainrule.layers.activations.gelu import GELU
from chainrule.layers.activations.leaky_relu import LeakyReLU
from chainrule.layers.activations.log_softmax import LogSoftmax
from chainrule.layers.activations.relu import ReLU
from chainrule.layers.activations.sigmoid import Sigmoid
from chainrule.layers.activations.silu import SiLU
from chainrule.layers.activations.softmax import Softmax
from chainrule.layers.activations.tanh import Tanh
from chainrule.layers.base import Layer
from chainrule.layers.convolution.conv2d import Conv2d
from chainrule.layers.dropout import Dropout
from chainrule.layers.dropout_2d import Dropout2d
from chainrule.layers.flatten import Flatten
from chainrule.layers.linear import Linear
from chainrule.layers.losses.cross_entropy import CrossEntropyLoss
from chainrule.layers.losses.loss import Loss
from chainrule.layers.losses.mse import MSELoss
from chainrule.layers.normalization.batch_norm import BatchNorm1d
from chainrule.layers.normalization.batch_norm_2d import BatchNorm2d
from chainrule.layers.normalization.batch_norm_relu_2d import BatchNormReLU2d
from chainrule.layers.normalization.layer_norm import LayerNorm
from chainrule.layers.pooling.avg_pool_2d import AvgPool2d
from chainrule.layers.pooling.global_avg_pool import GlobalAvgPool
from chainrule.layers.pooling.max_pool_2d import MaxPool2d
from chainrule.layers.residual import Residual
from chainrule.layers.rnn import RNN

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
