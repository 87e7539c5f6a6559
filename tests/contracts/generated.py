"""The backward that derive generates, as a pair that the checker takes."""

import numpy as np

from chainrule import check, derive
from chainrule.derive.evaluation.places import as_places
from chainrule.derive.language.expressions import Compare, Num, Reduce, Ref


def check_generated(d):
    """Return the verdict on the generated NumPy of derived gradients, at a point of their own proof.

    An input that is assumed to sum to a number is made of one that is free, through which its gradient is taken back:
    wherever the checker moves that, the assumption holds.
    """
    point = d._engine.proof.points[0]
    inputs = {n: np.asarray(v).astype(float) for n, v in point.inputs.items() if n != f"d{d.program.output}"}
    names = [name for name in d if inputs[name].ndim]
    settings = {n: v if v.ndim else float(v) if n in d else int(v) for n, v in inputs.items() if n not in names}
    sums = {name: rest for name, *rest in list_sums(d.program)}

    def assume(arrays):
        values = {**settings, **dict(zip(names, arrays, strict=True))}
        scaled = {n: total * values[n] / values[n].sum(axes, keepdims=True) for n, (axes, total) in sums.items()}
        return values, {**values, **scaled}

    def forward(*arrays):
        values = assume(arrays)[1]
        as_places(d.program, values)  # refuses places outside of a table that was cut, as the backward does
        return np.asarray(derive.evaluate(d.program, values)[d.program.output])

    def backward(dY, *arrays):
        free, values = assume(arrays)
        gradients = d.evaluate(values, dY)
        found = {name: np.asarray(gradients[name]) for name in names}
        for name, (axes, total) in sums.items():
            through = (found[name] * values[name]).sum(axes, keepdims=True)
            found[name] = (total * found[name] - through) / free[name].sum(axes, keepdims=True)
        return found

    return check.check_backward(forward, backward, {name: inputs[name] for name in names})


def list_sums(program):
    """Yield the inputs that are assumed to sum to a number, with the axes and the number."""
    for assumption in program.assumptions:
        match assumption.claim:
            case Compare("==", Reduce("sum", letters, Ref(name, indices)), Num(total)) if name in program.inputs:
                yield name, tuple(k for k, index in enumerate(indices) if index.letter in letters), float(total)
