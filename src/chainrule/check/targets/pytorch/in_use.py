"""What goes wrong with a Function of PyTorch's in use: what it returns, changes and keeps."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from chainrule.check.model.explanation import Explanation
from chainrule.check.model.failure import Failure, call_theirs, until_failure
from chainrule.check.model.names import CONSTANTS, is_buffer_name
from chainrule.check.model.problem import Array
from chainrule.check.model.verdict import WRONG, Row
from chainrule.check.targets.pytorch.call import Caller, to_array, to_arrays
from chainrule.check.targets.pytorch.precision import probe_precision
from chainrule.check.targets.pytorch.second_derivative import probe_second

Given = Mapping[str, Any]
MOVE = 1e-3
RTOL = 1e-6


def probe_function(caller: Caller, dY: Array, given: Given) -> Iterator[Row | str]:
    """Yield a row for what is wrong and a sentence for what is worth knowing."""
    if rows := list(_probe_number(caller, dY, given)):
        yield from rows
        return
    if any(gradient.shape != given[name].shape for name, gradient in caller.find(given, dY, caller.floats).items()):
        return
    probes: tuple[Callable[[Caller, Array, Given], Iterator[Row | str]], ...] = (
        _probe_none, _probe_forward, _probe_needs, _probe_sum, _probe_repeat, _probe_context, probe_second,
        probe_precision,
    )  # fmt: skip
    for probe in probes:
        yield from until_failure(probe(caller, dY, given))


def _probe_number(caller: Caller, dY: Array, given: Given) -> Iterator[Row]:
    """Count the gradients against the inputs; further ones that are None do no harm."""
    returned, wanted = caller.find_returned(given, dY, caller.floats), len(caller.names)
    if not returned or (len(returned) >= wanted and all(d is None for d in returned[wanted:])):
        return
    gradients = "one gradient" if len(returned) == 1 else f"{len(returned)} gradients"
    inputs = f"{wanted} input{'s' * (wanted > 1)} ({', '.join(caller.names)})"
    cause = f"backward returns {gradients}, but forward takes {inputs}."
    repair = "Return one for each, in their order, and None for what has none."
    names = [name for name in caller.names[len(returned) :] if name in caller.floats and name.lower() not in CONSTANTS]
    for name in names or ("dY",):
        said = "backward is refused by PyTorch" if name == "dY" else f"d{name} is missing"
        yield Row(name, WRONG, said, explanation=Explanation("missing", cause, repair))


def _probe_none(caller: Caller, dY: Array, given: Given) -> Iterator[Row]:
    returned = dict(zip(caller.names, caller.find_returned(given, dY, caller.floats), strict=False))
    none = [name for name in caller.floats if name in returned and returned[name] is None]
    constants = caller.list_constants(given) if none else []
    for name in none:
        if name not in constants and _counts(caller, given, name):
            cause, repair = f"backward returns None for {name}, but Y depends on it.", f"Compute and return d{name}."
            yield Row(name, WRONG, f"d{name} is missing", explanation=Explanation("missing", cause, repair))


def _counts(caller: Caller, given: Given, name: str) -> bool:
    """Whether Y changes with an input that moves a little."""
    moved = {**given, name: given[name] * (1 + MOVE) + MOVE}
    return not np.array_equal(to_array(caller.run(given).Y), to_array(caller.run(moved).Y))


def _probe_forward(caller: Caller, dY: Array, given: Given) -> Iterator[Row]:
    """Look for inputs that are changed in place without a word to PyTorch."""
    tensors = caller.run(given).tensors
    changed = [n for n, a in given.items() if isinstance(a, np.ndarray) and not np.array_equal(a, to_array(tensors[n]))]
    dirty = _list_dirty(caller, given) if changed else []
    for name in changed:
        if is_buffer_name(name):
            continue  # it is kept up to date in place, as batch normalisations do
        if name not in dirty:
            cause = (
                f"forward changes {name} in place and does not tell PyTorch: wherever else {name} is used, gradients go"
            )
            repair = f"Call ctx.mark_dirty({name}) in forward, or work on a copy."
            explanation = Explanation("in place", f"{cause} wrong without a word.", repair)
            yield Row(name, WRONG, f"{name} is changed by forward", explanation=explanation)


def _list_dirty(caller: Caller, given: Given) -> list[str]:
    ran = call_theirs(lambda: caller.run_plainly(given))
    if isinstance(ran, Failure):  # it may need the true ctx
        return []
    call, context = ran
    return [name for name, tensor in call.tensors.items() if any(tensor is other for other in context.dirty)]


def _probe_needs(caller: Caller, dY: Array, given: Given) -> Iterator[Row | str]:
    """Ask for one gradient at a time: it must stay what it was, and the others need not be computed."""
    names = [name for name in caller.floats if name.lower() not in CONSTANTS]
    every, spent = caller.find(given, dY.copy(), caller.floats), set()  # a backward may write over what it is given
    for name in names if len(names) > 1 else ():
        alone = call_theirs(lambda name=name: caller.find(given, dY.copy(), (name,)))  # type: ignore[misc]
        if isinstance(alone, Failure):
            yield Row(name, WRONG, f"backward fails where {name} alone needs a gradient: {alone.describe()}")
            continue
        if name in every and (name not in alone or not _same(alone[name], every[name])):
            words = f"d{name} is {'another one' if name in alone else 'missing'} where {name} alone needs a gradient"
            yield Row(name, WRONG, f"{words}: look at what is asked of ctx.needs_input_grad")
        spent |= _list_spent(caller, dY, given, name)
    if spent:
        *most, last = (f"d{name}" for name in names if name in spent)
        computed = f"{', '.join(most)} and {last}" if most else last
        yield (
            f"backward computes {computed} even where nobody asks for it: look at ctx.needs_input_grad and return None "
            "there, which saves the work"
        )


def _list_spent(caller: Caller, dY: Array, given: Given, needed: str) -> set[str]:
    """Return the inputs whose gradients are computed where another one alone is needed; dY itself costs nothing."""
    sent = dY.copy()
    returned = zip(caller.names, caller.find_returned(given, sent, (needed,)), strict=False)
    own = sent.ctypes.data
    return {n for n, d in returned if n in caller.floats and n != needed and d is not None and d.data_ptr() != own}


def _probe_sum(caller: Caller, dY: Array, given: Given) -> Iterator[str]:
    """Send the cotangent of Y.sum(), all of whose entries are one place in memory."""
    import torch

    Y = caller.run(given).Y
    found = call_theirs(lambda: caller.find(given, torch.ones((), dtype=Y.dtype).expand(Y.shape), caller.floats))
    if isinstance(found, Failure):
        yield (
            f"backward fails after Y.sum(), whose cotangent is one number expanded: {found}; use reshape for view, and "
            "change no cotangent in place"
        )
        return
    expected = caller.find(given, torch.ones(Y.shape, dtype=Y.dtype), caller.floats)
    for name in found:
        if not _same(found[name], expected[name]):
            yield f"d{name} is another one after Y.sum(), whose cotangent is one number expanded"


def _probe_repeat(caller: Caller, dY: Array, given: Given) -> Iterator[Row]:
    """Run backward twice on one graph, as `retain_graph=True` allows."""
    import torch

    call = caller.run(given, caller.floats)
    leaves, twice = list(call.leaves.values()), []
    try:
        for _ in range(2):
            found = torch.autograd.grad(call.Y, leaves, call.cotangent(dY.copy()), retain_graph=True, allow_unused=True)
            twice.append(to_arrays(dict(zip(call.leaves, found, strict=True))))
    except RuntimeError as error:
        if "modified by an inplace operation" in str(error):
            yield Row("dY", WRONG, "backward changes a saved tensor in place, so that it cannot run a second time")
        return
    first, second = twice
    for name in first:
        if not _same(first[name], second[name]):
            yield Row(
                name, WRONG, f"d{name} is another one when backward runs a second time: the first changes its cache"
            )


def _probe_context(caller: Caller, dY: Array, given: Given) -> Iterator[str]:
    """Look at the attributes of ctx: a tensor there is outside PyTorch's care."""
    call = caller.run(given, caller.floats)
    node = call.Y.grad_fn
    for attribute, value in vars(node).items() if hasattr(node, "_forward_cls") else ():
        name = next((n for n, tensor in call.tensors.items() if n in caller.floats and value is tensor), "")
        if any(value is output for output in call.outputs):
            why = "is an output, which holds its own graph: its memory is freed late or never"
            yield f"ctx.{attribute} {why}; use ctx.save_for_backward"
        elif name:
            why = f"is {name} itself: a change of {name} in place before backward would go unnoticed"
            yield f"ctx.{attribute} {why}; use ctx.save_for_backward"


def _same(a: Array, b: Array) -> bool:
    return a.shape == b.shape and np.allclose(a, b, rtol=RTOL, atol=1e-9 * float(np.max(np.abs(b), initial=0)))
