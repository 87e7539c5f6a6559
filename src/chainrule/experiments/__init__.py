"""The practical's experiments and better ones: functions that return settings and what is published of them.

Imports: errors, train.
"""

from chainrule.experiments.beyond import convnet_94, mlp_best, mlp_long, mlp_tuned_plus
from chainrule.experiments.experiment import Experiment
from chainrule.experiments.practical import (
    EXPERIMENTS,
    convnet_numpy,
    convnet_torch,
    find_experiment,
    mlp_numpy,
    mlp_torch,
    mlp_tuned,
)
from chainrule.experiments.text import transformer_text

__all__ = [
    "EXPERIMENTS",
    "Experiment",
    "convnet_94",
    "convnet_numpy",
    "convnet_torch",
    "find_experiment",
    "mlp_best",
    "mlp_long",
    "mlp_numpy",
    "mlp_torch",
    "mlp_tuned",
    "mlp_tuned_plus",
    "transformer_text",
]
