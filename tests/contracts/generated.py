"""The backward that derive generates, as a pair that the checker takes."""

import numpy as np

from chainrule import check, derive


def check_generated(d):
    """Return the verdict on the generated NumPy of derived gradients, at a point of their own proof."""
    point = d._engine.proof.points[0]
    inputs = {n: np.asarray(v).astype(float) for n, v in point.inputs.items() if n != f"d{d.program.output}"}
    names = [name for name in d if inputs[name].ndim]
    settings = {n: v if v.ndim else float(v) if n in d else int(v) for n, v in inputs.items() if n not in names}

    def forward(*arrays):
        values = {**settings, **dict(zip(names, arrays, strict=True))}
        return np.asarray(derive.evaluate(d.program, values)[d.program.output])

    def backward(dY, *arrays):
        found = d.evaluate({**settings, **dict(zip(names, arrays, strict=True))}, dY)
        return {name: np.asarray(found[name]) for name in names}

    return check.check_backward(forward, backward, {name: inputs[name] for name in names})
