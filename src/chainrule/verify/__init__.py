"""Every layer of the package, five ways: derived, written, coded, differenced and by PyTorch, each held to the truth.

specimens.py  the layers and losses, with inputs, parameters and counterparts
trial.py      one specimen at one random point
ways.py       the five ways, and the truth
verdict.py    `verify_layers` and what it finds

Imports: catalogue, check, derive, layers, nets, pytorch.
"""

from chainrule.verify.verdict import LayerVerdict, Outcome, verify_layers
from chainrule.verify.ways import WAYS

__all__ = ["WAYS", "LayerVerdict", "Outcome", "verify_layers"]
