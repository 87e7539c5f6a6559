"""Optimizers over named arrays, changed in place, schedules, and averages of weights, with PyTorch's semantics.

Imports: threads.
"""

from chainrule.optim.adam import Adam, AdamW
from chainrule.optim.averaging import Average, ExponentialAverage, Lookahead, TailAverage
from chainrule.optim.base import Optimizer
from chainrule.optim.combined import Combined
from chainrule.optim.muon import Muon, list_hidden_matrices, orthogonalise
from chainrule.optim.schedules import (
    Schedule,
    constant,
    cosine,
    cycle_momentum,
    linear,
    one_cycle,
    schedule,
    step_decay,
    triangular,
)
from chainrule.optim.sgd import SGD

__all__ = [
    "SGD",
    "Adam",
    "AdamW",
    "Average",
    "Combined",
    "ExponentialAverage",
    "Lookahead",
    "Muon",
    "Optimizer",
    "Schedule",
    "TailAverage",
    "constant",
    "cosine",
    "cycle_momentum",
    "linear",
    "list_hidden_matrices",
    "one_cycle",
    "orthogonalise",
    "schedule",
    "step_decay",
    "triangular",
]
