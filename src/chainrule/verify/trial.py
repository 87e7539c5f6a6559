"""One specimen at one random point: the results of its equations and of its code, as functions of the arrays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

from chainrule.derive import Program, Recurrence, evaluate, parse_backward
from chainrule.verify.specimens import LayerSpecimen, LossSpecimen, cotangent

Array = Any
Arrays = dict[str, Array]


class Trial(Protocol):
    """What the five ways need. Arrays go by the names of the equations: X, W, dX, dW."""

    forward: Program
    recurrence: Recurrence | None  # how the output is fed back, if it is
    arrays: Arrays  # those whose gradients are compared
    dY: Array
    terms: int  # how many rounded terms a gradient sums at most

    def given(self, arrays: Arrays) -> Arrays:
        """Every input of the equations."""

    def code(self, arrays: Arrays) -> Array:
        """The output of the code's forward."""

    def code_gradients(self) -> Arrays:
        """What the code's backward returns."""

    def pytorch_results(self, torch: Any) -> Arrays | str:
        """Output and gradients by PyTorch, or why there are none."""

    def complete(self, gradients: Arrays) -> Arrays:
        """The gradients of X in full, given those that the equations state."""


class LayerTrial:
    """A layer in training, with a random cotangent."""

    def __init__(self, specimen: LayerSpecimen, forward: Program, recurrence: Recurrence | None = None) -> None:
        self.specimen, self.forward, self.recurrence = specimen, forward, recurrence
        self.layer, self.X = specimen.layer(), specimen.input()
        Y, self.cache = specimen.layer().forward(self.X)  # its own layer, whose running statistics move
        self.terms, self.shape = self.X.size, self._see(Y).shape
        self.cotangent = cotangent(Y)
        self.dY = self._see(self.cotangent)
        known = self._symbols(self.layer, self.X, self.cache)
        self.parameters = [name for name in known if name != "X" and self._is_parameter(known[name])]
        moved = self.parameters if specimen.classes is not None else ["X", *self.parameters]
        self.arrays = {name: known[name] for name in moved}

    def given(self, arrays: Arrays) -> Arrays:
        """Every input of the equations."""
        layer, _, cache = self._run(arrays)
        return {**self._symbols(layer, self._input(arrays), cache), **arrays}

    def code(self, arrays: Arrays) -> Array:
        """The output of the code's forward."""
        return self._see(self._run(arrays)[1])

    def code_gradients(self) -> Arrays:
        """dX and the gradients of the parameters that the equations name."""
        layer, _, cache = self._run(self.arrays)
        dX, grads = layer.backward(self.cotangent, cache)
        return self._gradients(dX, grads)

    def pytorch_results(self, torch: Any) -> Arrays | str:
        """Output and gradients of the counterpart with the same state."""
        if self.specimen.draws:
            return "draws its own"
        module = self.specimen.torch(torch.nn).double()
        module.load_state_dict({name: torch.tensor(array) for name, array in self.layer.state_dict().items()})
        X = torch.tensor(self.X, requires_grad=self.specimen.classes is None)
        Y = module(X)
        Y.backward(torch.tensor(self.cotangent))
        trained = {name: array for name, array in module.named_parameters() if array.requires_grad}
        grads = {name: array.grad.numpy() for name, array in trained.items()}
        return {"Y": self._see(Y.detach().numpy()), **self._gradients(X.grad, grads)}

    def complete(self, gradients: Arrays) -> Arrays:
        """With the part of dX that comes through a layer within."""
        if self.specimen.through is None:
            return gradients
        return {**gradients, "dX": gradients["dX"] + self.specimen.through(self.layer, gradients, self.cache)}

    def _run(self, arrays: Arrays) -> tuple[Any, Array, Any]:
        layer, X = self.specimen.layer(np.result_type(*arrays.values())), self._input(arrays)
        self._set(layer, {name: arrays[name] for name in self.parameters})
        return layer, *layer.forward(X)

    def _set(self, layer: Any, parameters: Arrays) -> None:
        """Write what the equations call parameters, or parts of them, into the layer's own."""
        views = self._symbols(layer, self.X, self.cache)
        for symbol, array in parameters.items():
            views[symbol][...] = array

    def _gradients(self, dX: Any, grads: Arrays) -> Arrays:
        """Gradients as the equations see and name them: those of a layer's parameters lie as the parameters do."""
        layer = self.specimen.layer()
        for name, array in layer.params.items():
            if np.shape(grads[name]) != array.shape:
                raise ValueError(f"d{name} has shape {np.shape(grads[name])}, but must have {array.shape}")
            array[...] = grads[name]
        found = {f"d{name}": self._symbols(layer, self.X, self.cache)[name] for name in self.parameters}
        if self.specimen.classes is not None:
            return found
        dX = np.asarray(dX)
        return {"dX": dX.reshape(self._input_shape) if dX.shape == self.X.shape else dX, **found}

    def _input(self, arrays: Arrays) -> Array:
        """The layer's own input."""
        return arrays["X"].reshape(self.X.shape) if "X" in arrays else self.X

    @property
    def _input_shape(self) -> tuple[int, ...]:
        return self.specimen.input_as(self.layer, self.X.shape)

    def _see(self, Y: Array) -> Array:
        """An output as the equations see it."""
        return Y.reshape(self.specimen.output_as(self.layer, Y.shape))

    def _is_parameter(self, value: Any) -> bool:
        return isinstance(value, np.ndarray) and any(np.shares_memory(value, p) for p in self.layer.params.values())

    def _symbols(self, layer: Any, X: Array, cache: Any) -> Arrays:
        attributes = {name: getattr(layer, name) for name in self.forward.inputs if hasattr(layer, name)}
        return {"X": X.reshape(self._input_shape), **attributes, **self.specimen.symbols(layer, X, cache)}


class LossTrial:
    """A loss and its targets."""

    recurrence: Recurrence | None = None

    def __init__(self, specimen: LossSpecimen, forward: Program) -> None:
        self.specimen, self.forward, self.loss = specimen, forward, specimen.make()
        X, self.targets = specimen.arguments()
        self.arrays, self.dY, self.terms = {"X": X}, np.float64(1), X.size

    def given(self, arrays: Arrays) -> Arrays:
        """X, and what the targets and settings of the loss are called."""
        attributes = {name: getattr(self.loss, name) for name in self.forward.inputs if hasattr(self.loss, name)}
        return {**attributes, **self.specimen.symbols(self.loss, arrays["X"], self.targets), **arrays}

    def code(self, arrays: Arrays) -> Array:
        """The loss."""
        return self.loss.forward(arrays["X"], self.targets)[0]

    def code_gradients(self) -> Arrays:
        """dX."""
        return {"dX": self.loss.backward(self.loss.forward(self.arrays["X"], self.targets)[1])}

    def pytorch_results(self, torch: Any) -> Arrays | str:
        """Loss and gradient of the counterpart."""
        if self.specimen.torch is None:
            return "has none"
        X = torch.tensor(self.arrays["X"], requires_grad=True)
        value = self.specimen.torch(torch.nn)(X, torch.tensor(self.targets))
        value.backward()
        return {"Y": value.detach().numpy(), "dX": X.grad.numpy()}

    def complete(self, gradients: Arrays) -> Arrays:
        """Nothing is missing."""
        return gradients


def evaluate_output(trial: Trial, arrays: Arrays) -> Array:
    """The output of the equations Forward, evaluated literally."""
    return evaluate_forward(trial, arrays)[trial.forward.output]


def evaluate_forward(trial: Trial, arrays: Arrays) -> Arrays:
    """Every array of the equations Forward, inputs included, evaluated literally."""
    given, output, recurrence = trial.given(arrays), trial.forward.output, trial.recurrence
    if recurrence is None:
        sizes = dict(zip(trial.forward.statements[-1].letters, trial.dY.shape, strict=True))
        return {**given, **evaluate(trial.forward, given, sizes=sizes)}
    H, P = np.zeros_like(trial.dY), recurrence.before.statements[-1]
    sizes = dict(zip(P.letters, H.shape, strict=True))
    for _ in range(H.shape[1] + 1):  # each time the states of one step more are right
        given |= evaluate(recurrence.before, {output: H}, sizes=sizes)
        found = evaluate(trial.forward, given)
        H = found[output]
    return {**given, **found}


def evaluate_gradients(trial: Trial, *backwards: str | Program) -> Arrays:
    """Gradients by equations, evaluated literally; each text stands for itself."""
    programs = [parse_backward(text, trial.forward) if isinstance(text, str) else text for text in backwards]
    known, dH = evaluate_forward(trial, trial.arrays), f"d{trial.forward.output}"

    def differentiate(arriving: Array) -> Arrays:
        found = [evaluate(program, {**known, dH: arriving}) for program in programs]
        return {name: array for arrays in found for name, array in arrays.items()}

    return differentiate(_arriving_cotangent(trial, differentiate))


def _arriving_cotangent(trial: Trial, differentiate: Callable[[Array], Arrays]) -> Array:
    """The cotangent of the output in full: dY, and what comes back where the output is fed back."""
    if trial.recurrence is None:
        return trial.dY
    after, dP = trial.recurrence.after, f"d{trial.recurrence.before.output}"
    dH = trial.dY
    for _ in range(dH.shape[1]):  # each time the cotangents of one step more are right
        dH = evaluate(after, {"dY": trial.dY, dP: differentiate(dH)[dP]})[after.output]
    return dH
