"""Mistakes planted around a right backward: in what it does with one gradient, with dY, or between calls.

Each takes the parts of a backward and the name of a gradient, and returns the parts with the mistake; None where it
cannot be made there.
"""

from dataclasses import replace

from .styles import DRAWN, TARGETS

ON_GRADIENT = {
    "twice as large": "2 * ({E})",
    "half as large": "({E}) / 2",
    "negated": "-({E})",
    "zero": "np.zeros_like({E})",
    "divided by its rows": "({E}) / max(2, len({E}))",
    "times its rows": "({E}) * max(2, len({E}))",
    "upside down": "np.flip({E}, 0)",
    "rolled": "np.roll({E}, 1, 0)",
    "shifted": "np.concatenate([0 * ({E})[:1], ({E})[:-1]])",
    "transposed": "({E}).T.reshape(({E}).shape)",
    "averaged over rows": "np.broadcast_to(({E}).mean(axis=0), ({E}).shape)",
    "summed over rows": "({E}).sum(axis=0)",
    "last row left out": "np.concatenate([({E})[:-1], 0 * ({E})[-1:]])",
    "derivative missing": "dY + 0",
}
ON_COTANGENT = {
    "dY not used": "dY = np.ones_like(dY)",
    "dY summed first": "dY = np.broadcast_to(dY.sum(axis=0, keepdims=True), dY.shape)",
    "first sample only": "dY = np.concatenate([dY[:1], 0 * dY[1:]])",
}


def change_gradient(parts, name, form):
    return replace(parts, gradients={**parts.gradients, name: form.format(E=parts.gradients[name])})


def change_cotangent(parts, name, form):
    return None if parts.is_loss else replace(parts, backward=f"{form}\n{parts.backward}")


def swap_gradients(parts, name, _):
    """Exchange two gradients; whether their shapes allow it, running shows."""
    others = list(parts.gradients)
    other = others[(others.index(name) + 1) % len(others)]
    if other == name:
        return None
    swapped = {name: parts.gradients[other], other: parts.gradients[name]}
    return replace(parts, gradients={**parts.gradients, **swapped})


def flip_input(parts, name, _):
    """Use another input upside down."""
    others = [other for other in parts.arguments[1:] if other not in (name, *DRAWN, *TARGETS)]
    return replace(parts, backward=f"{others[0]} = np.flip({others[0]}, 0)\n{parts.backward}") if others else None


def keep_first(parts, name, _):
    return replace(parts, stale=True)


def add_up(parts, name, _):
    return replace(parts, accumulated=name)


AROUND = {
    **{kind: (change_gradient, form) for kind, form in ON_GRADIENT.items()},
    **{kind: (change_cotangent, form) for kind, form in ON_COTANGENT.items()},
    "swapped": (swap_gradients, ""),
    "another input upside down": (flip_input, ""),
    "stale": (keep_first, ""),
    "accumulated": (add_up, ""),
}
