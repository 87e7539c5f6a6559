"""Specimens of the activations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chainrule.verify.specimens.specimen import LayerSpecimen, alike, ours


def _gated(gate: str, dim: int) -> Callable[[Any], Any]:
    """PyTorch's side of a unit whose first half makes the gate."""

    def make(nn: Any) -> Any:
        class Gated(nn.Module):
            def forward(self, X: Any) -> Any:
                A, B = X.chunk(2, dim=dim)
                return getattr(nn.functional, gate)(A) * B

        return Gated()

    return make


LAYERS = {
    "elu": LayerSpecimen(**alike("ELU")),
    "elu, alpha 0.7": LayerSpecimen(**alike("ELU", 0.7)),
    "elu, alpha 1.7": LayerSpecimen(**alike("ELU", 1.7)),
    "relu": LayerSpecimen(**alike("ReLU")),
    "leaky relu": LayerSpecimen(**alike("LeakyReLU")),
    "leaky relu, slope 1.3": LayerSpecimen(**alike("LeakyReLU", 1.3)),
    "gelu": LayerSpecimen(**alike("GELU")),
    "gelu by tanh": LayerSpecimen(**alike("GELU", approximate="tanh"), variant='approximate="tanh"'),
    "silu": LayerSpecimen(**alike("SiLU")),
    "tanh": LayerSpecimen(**alike("Tanh")),
    "sigmoid": LayerSpecimen(**alike("Sigmoid")),
    "softmax": LayerSpecimen(**alike("Softmax", dim=-1)),
    "softmax, first axis": LayerSpecimen(**alike("Softmax", dim=0), shape=(3, 4, 2), stated=False, mixes_samples=True),
    "log-softmax": LayerSpecimen(**alike("LogSoftmax", dim=-1)),
    "log-softmax, middle axis": LayerSpecimen(**alike("LogSoftmax", dim=1), shape=(3, 4, 2), stated=False),
    "mish": LayerSpecimen(**alike("Mish")),
    "softplus": LayerSpecimen(**alike("Softplus")),
    "softplus, steep": LayerSpecimen(**alike("Softplus", beta=2.0, threshold=3.0)),
    "prelu": LayerSpecimen(**alike("PReLU", 5)),
    "prelu with one leak": LayerSpecimen(**alike("PReLU"), shape=(4, 2, 5), stated=False),
    "prelu of images": LayerSpecimen(**alike("PReLU", 3), shape=(4, 3, 5, 2), stated=False),
    "swiglu": LayerSpecimen(
        make=ours("SwiGLU"), torch=_gated("silu", -1), shape=(7, 10), input_as=lambda layer, shape: (7, 2, 5)
    ),
    "swiglu, middle axis": LayerSpecimen(
        make=ours("SwiGLU", dim=1), torch=_gated("silu", 1), shape=(3, 4, 5), stated=False
    ),
    "geglu": LayerSpecimen(
        make=ours("GEGLU"), torch=_gated("gelu", -1), shape=(7, 10), input_as=lambda layer, shape: (7, 2, 5)
    ),
}
