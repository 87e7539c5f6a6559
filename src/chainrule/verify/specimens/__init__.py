"""Every layer and loss of the package, each with an input, awkward random parameters and its PyTorch counterpart.

A new layer is one entry in the file of its kind; `chainrule verify`, the contracts and the parity tests then hold it.
Sizes within a shape all differ. specimen.py says what a specimen is.

Imports: layers, nets, pytorch.
"""

from chainrule.verify.specimens import (
    activations,
    attention,
    basic,
    convolution,
    losses,
    nets,
    normalization,
    pooling,
    recurrent,
)
from chainrule.verify.specimens.specimen import LayerSpecimen, LossSpecimen, cotangent

__all__ = ["LAYERS", "LOSSES", "LayerSpecimen", "LossSpecimen", "cotangent"]

LAYERS: dict[str, LayerSpecimen] = {
    **basic.LAYERS,
    **convolution.LAYERS,
    **activations.LAYERS,
    **normalization.LAYERS,
    **pooling.LAYERS,
    **recurrent.LAYERS,
    **attention.LAYERS,
    **nets.LAYERS,
}
LOSSES: dict[str, LossSpecimen] = losses.LOSSES
