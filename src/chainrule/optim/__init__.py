"""Optimizers over named arrays, changed in place, and learning-rate schedules; both with PyTorch's semantics.

Imports: nothing else of chainrule.
"""

from chainrule.optim.adam import Adam, AdamW
from chainrule.optim.base import Optimizer
from chainrule.optim.schedules import Schedule, constant, cosine, one_cycle, schedule, step_decay
from chainrule.optim.sgd import SGD

__all__ = [
    "SGD",
    "Adam",
    "AdamW",
    "Optimizer",
    "Schedule",
    "constant",
    "cosine",
    "one_cycle",
    "schedule",
    "step_decay",
]
