"""NumPy layers and losses, one file each: equations in the docstring, then forward and backward side by side.

`activations`, `normalization`, `pooling`, `convolution`, `recurrent`, `attention` and `losses` are folders; the other
layers stand beside them, with what all share: base.py (what a layer is), products.py (matrix products) and memory.py
(arrays whose memory is reused).

Imports: display, threads.
"""

from chainrule.layers.activations.elu import ELU
from chainrule.layers.activations.gated.geglu import GEGLU
from chainrule.layers.activations.gated.swiglu import SwiGLU
from chainrule.layers.activations.gelu import GELU
from chainrule.layers.activations.leaky_relu import LeakyReLU
from chainrule.layers.activations.log_softmax import LogSoftmax
from chainrule.layers.activations.mish import Mish
from chainrule.layers.activations.prelu import PReLU
from chainrule.layers.activations.relu import ReLU
from chainrule.layers.activations.sigmoid import Sigmoid
from chainrule.layers.activations.silu import SiLU
from chainrule.layers.activations.softmax import Softmax
from chainrule.layers.activations.softplus import Softplus
from chainrule.layers.activations.tanh import Tanh
from chainrule.layers.attention.multihead_attention import MultiheadAttention
from chainrule.layers.attention.rotary_embedding import RotaryEmbedding
from chainrule.layers.base import Layer
from chainrule.layers.block_linear import BlockLinear
from chainrule.layers.convolution.conv1d import Conv1d
from chainrule.layers.convolution.conv2d import Conv2d
from chainrule.layers.convolution.conv_transpose_2d import ConvTranspose2d
from chainrule.layers.dropout import Dropout
from chainrule.layers.dropout_2d import Dropout2d
from chainrule.layers.embedding import Embedding
from chainrule.layers.flatten import Flatten
from chainrule.layers.gather import Gather
from chainrule.layers.linear import Linear
from chainrule.layers.losses.bce_with_logits import BCEWithLogitsLoss
from chainrule.layers.losses.contrastive import ContrastiveLoss
from chainrule.layers.losses.cross_entropy import CrossEntropyLoss
from chainrule.layers.losses.focal import FocalLoss
from chainrule.layers.losses.huber import HuberLoss
from chainrule.layers.losses.kl_div import KLDivLoss
from chainrule.layers.losses.loss import Loss
from chainrule.layers.losses.mse import MSELoss
from chainrule.layers.losses.nll import NLLLoss
from chainrule.layers.losses.sigmoid_focal import SigmoidFocalLoss
from chainrule.layers.losses.smooth_l1 import SmoothL1Loss
from chainrule.layers.normalization.batch_norm import BatchNorm1d
from chainrule.layers.normalization.batch_norm_2d import BatchNorm2d
from chainrule.layers.normalization.batch_norm_gelu_2d import BatchNormGELU2d
from chainrule.layers.normalization.batch_norm_relu_2d import BatchNormReLU2d
from chainrule.layers.normalization.group_norm import GroupNorm
from chainrule.layers.normalization.instance_norm_1d import InstanceNorm1d
from chainrule.layers.normalization.instance_norm_2d import InstanceNorm2d
from chainrule.layers.normalization.layer_norm import LayerNorm
from chainrule.layers.normalization.rms_norm import RMSNorm
from chainrule.layers.pooling.adaptive_avg_pool_2d import AdaptiveAvgPool2d
from chainrule.layers.pooling.avg_pool_2d import AvgPool2d
from chainrule.layers.pooling.global_avg_pool import GlobalAvgPool
from chainrule.layers.pooling.max_pool_2d import MaxPool2d
from chainrule.layers.recurrent.gru import GRU
from chainrule.layers.recurrent.lstm import LSTM
from chainrule.layers.recurrent.rnn import RNN
from chainrule.layers.residual import Residual
from chainrule.layers.scale import Scale

MultiHeadAttention = MultiheadAttention  # as most people spell it; PyTorch's spelling is the public name

__all__ = [  # noqa: RUF022 - in the order in which one meets them in a net
    "Layer",
    "Linear",
    "BlockLinear",
    "Conv2d",
    "Conv1d",
    "ConvTranspose2d",
    "ELU",
    "ReLU",
    "LeakyReLU",
    "PReLU",
    "GELU",
    "SiLU",
    "Mish",
    "Softplus",
    "Tanh",
    "Sigmoid",
    "Softmax",
    "LogSoftmax",
    "SwiGLU",
    "GEGLU",
    "BatchNorm1d",
    "BatchNorm2d",
    "BatchNormReLU2d",
    "BatchNormGELU2d",
    "LayerNorm",
    "RMSNorm",
    "GroupNorm",
    "InstanceNorm1d",
    "InstanceNorm2d",
    "MaxPool2d",
    "AvgPool2d",
    "AdaptiveAvgPool2d",
    "GlobalAvgPool",
    "Dropout",
    "Dropout2d",
    "Flatten",
    "Gather",
    "Residual",
    "Scale",
    "RNN",
    "LSTM",
    "GRU",
    "Embedding",
    "RotaryEmbedding",
    "MultiheadAttention",
    "Loss",
    "CrossEntropyLoss",
    "NLLLoss",
    "BCEWithLogitsLoss",
    "FocalLoss",
    "SigmoidFocalLoss",
    "KLDivLoss",
    "ContrastiveLoss",
    "MSELoss",
    "HuberLoss",
    "SmoothL1Loss",
]
