"""What the practical asks for, each experiment a function that returns its settings and its published figure."""

from chainrule.experiments.experiment import Experiment
from chainrule.experiments.practical import EXPERIMENTS, convnet_torch, find_experiment, mlp_numpy, mlp_torch, mlp_tuned

__all__ = ["EXPERIMENTS", "Experiment", "convnet_torch", "find_experiment", "mlp_numpy", "mlp_torch", "mlp_tuned"]
