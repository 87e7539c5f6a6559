"""Five ways to one gradient, and the truth that they are compared with.

The truth is the mathematics of the docstring: its equations Forward, evaluated literally, in complex steps. A way
returns the gradients it finds, by name, and the output Y where it computes one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.catalogue import Entry
from chainrule.check.model.tolerance import PYTORCH, tolerance
from chainrule.check.trial.differences import complex_step_gradient
from chainrule.derive import derive
from chainrule.verify.trial import Arrays, Trial, evaluate_gradients, evaluate_output

NOT_INSTALLED = "not installed"


def find_truth(trial: Trial) -> Arrays:
    """The output of the equations Forward and its gradients, by complex steps."""
    Y = evaluate_output(trial, trial.arrays)
    return {"Y": Y, **_differences(trial, lambda arrays: evaluate_output(trial, arrays))}


def derive_gradients(trial: Trial, entry: Entry) -> Arrays:
    """What the engine derives from Forward."""
    compared = {*trial.arrays, *(entry.wanted or ())}
    gradients = derive(entry.forward, [name for name in entry.forward.inputs if name in compared])
    return trial.complete(evaluate_gradients(trial, *(gradient.index for gradient in gradients.values())))


def read_gradients(trial: Trial, entry: Entry) -> Arrays:
    """What the docstring states under Backward."""
    assert entry.backward is not None
    return trial.complete(evaluate_gradients(trial, entry.backward))


def run_code(trial: Trial, entry: Entry) -> Arrays:
    """What the layer's forward and backward compute."""
    return {"Y": trial.code(trial.arrays), **trial.code_gradients()}


def difference_code(trial: Trial, entry: Entry) -> Arrays:
    """Complex steps of the layer's forward, which know nothing of its backward."""
    return _differences(trial, trial.code)


def run_pytorch(trial: Trial, entry: Entry) -> Arrays | str:
    """What PyTorch's counterpart computes, by autograd; a word instead where there is none."""
    try:
        import torch
    except ImportError:
        return NOT_INSTALLED
    return trial.pytorch_results(torch)


WAYS: dict[str, Callable[[Trial, Entry], Arrays | str]] = {
    "derived": derive_gradients,
    "written": read_gradients,
    "coded": run_code,
    "differenced": difference_code,
    "PyTorch": run_pytorch,
}


def bound(way: str, trial: Trial) -> float:
    """How far a way may be from the truth."""
    return PYTORCH if way == "PyTorch" else tolerance(np.float64, trial.terms)


def _differences(trial: Trial, output: Callable[[Arrays], Any]) -> Arrays:
    def along(name: str) -> Callable[[Any], Any]:
        return lambda array: np.sum(trial.dY * output({**trial.arrays, name: array}))

    return {f"d{name}": complex_step_gradient(along(name), array) for name, array in trial.arrays.items()}
