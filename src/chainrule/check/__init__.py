"""Anybody's backward held to the truth, in one sentence.

    verdict = check.check_layer(layer, X)                                # .ok .text .rows
    verdict = check.check_backward(forward, backward, {"X": X, "W": W})
    verdict = check.check_function(function, x, weight)                  # torch.autograd.Function, custom_vjp
    check.assert_backward(forward, backward, {"X": X, "W": W})           # in a test: the failure says what is wrong

A pair is forward(X, W) -> Y and backward(dY, X, W) -> {"X": dX, "W": dW}. The truth is found in float64, by complex
steps or central differences of the forward, at a random cotangent and several points.

api.py          these four; combined.py puts verdicts together
checker.py      every gradient of a target, at every point
target.py       what is checked: a forward and a backward over named arrays
pair.py         plain functions as a target
module.py       layers and losses of chainrule as targets
points.py       where a backward is tried
modes.py        training and evaluation
truth.py        slopes and gradients, from the forward alone
differences.py  gradients by differences
complex_arrays.py  complex steps through arrays of zeros
tolerance.py    how far two right results may lie apart
traps.py        what goes wrong in use
judgement.py    one gradient at one point
answers.py      what is asked for besides:
stages.py       intermediate gradients, read from a person's frames (frames.py)
symbols.py      what is wrong in symbols, of the forward's equations (equations.py, rewriting.py)
picture.py      expected and found, for page.py, which draws them by heat_map.py
failure.py      a backward that raises
reason.py       the row of a wrong gradient with its diagnosis
verdict.py      what a check says
problem.py      one wrong gradient and everything around it, for the diagnosis
diagnosis/      why it is wrong
forward.py      a forward held to what its kind should compute
sandbox.py      a person's file in a process of its own (child.py), where file.py checks what
candidates.py   finds in it by name, with inputs that drawing.py draws:
functions.py    functions with a cache between them
instance.py     objects
torch_function.py   PyTorch's functions: torch_call.py runs them, torch_probes.py, torch_second.py and
                    torch_precision.py look at what goes wrong in use
jax_function.py     functions with a custom_vjp of JAX's
torch_module.py     PyTorch's modules, and the function within that is to blame
"""

from chainrule.check.api import assert_backward, check_backward, check_function, check_layer
from chainrule.check.model.problem import Problem, SourceFile
from chainrule.check.model.verdict import Row, Verdict

__all__ = [
    "Problem",
    "Row",
    "SourceFile",
    "Verdict",
    "assert_backward",
    "check_backward",
    "check_function",
    "check_layer",
]
