"""How a backward may be called: what each of its arguments is handed, the likeliest way first.

People hand a backward the gradient that arrives, the inputs of the forward again, its output, what the forward kept
beside its output, parameters, and a learning rate, in any order and under any name.
"""

from __future__ import annotations

import copy
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from inspect import Parameter, ismethod, signature
from typing import Any

import numpy as np

from chainrule.check.model.construction import remember_as
from chainrule.check.model.literals import list_written
from chainrule.check.model.names import CACHE, RATES, are_alike, is_cotangent_name, is_gradient_of
from chainrule.check.targets.kinds import list_arguments
from chainrule.check.targets.pinned import WORDS, Call, find_call
from chainrule.errors import UserError

COTANGENT, OUTPUT, KEPT, RATE, INPUT = "dY", "output", "kept", "rate", "input:"
PLACE = "place:"  # zeros, to which a backward adds the gradient of an input
STEP = 0.5  # the learning rate that a backward is handed; a power of 2, so that dividing by it rounds nothing
HELD = 0.75  # of an earlier gradient, in a place
MOST_WAYS = 24
OUTPUTS = {"y", "out", "output", "outputs", "a", "act", "activation", "yhat", "y_hat", "pred", "result"}


class Place(np.ndarray):
    """Zeros that note in which shape they are written to as a whole, where that is once alone."""

    count: int = 0
    written: Any = None

    def __iadd__(self, other: Any) -> Place:  # type: ignore[misc]
        """Add a gradient."""
        self._note(other)
        return super().__iadd__(other)

    def __setitem__(self, key: Any, value: Any) -> None:
        """Write a gradient, or a part of it."""
        self._note(value if key is Ellipsis or key == slice(None) else None)
        super().__setitem__(key, value)

    def _note(self, value: Any) -> None:
        self.count, self.written = self.count + 1, value

    def read(self, keeps_shape: bool) -> np.ndarray:
        """Return what was left here, in its own shape or in that in which it was written."""
        as_written = keeps_shape and self.count == 1 and self.written is not None
        return np.array(self.written if as_written else self, subok=False)


class Descent:
    """Stands for an optimizer of a layer: each update is a plain step against the gradient."""

    def update(self, w: Any, grad: Any) -> Any:
        """Return the parameter after a step."""
        return w - STEP * grad

    step = update


def take_plain_steps(thing: Any) -> Any:
    """Return the object, or a copy of it that takes plain steps where it holds optimizers: `self.opt.update(W, dW)`."""
    own = getattr(thing, "__dict__", {})
    held = [name for name, value in own.items() if _is_optimizer(value)]
    if not held:
        return thing
    other = copy.deepcopy(thing)
    remember_as(other, thing)
    vars(other).update({name: Descent() for name in held})
    vars(other).update(dict.fromkeys(("learning_rate", *(name for name in own if name.lower() in RATES)), STEP))
    return other


def _is_optimizer(value: Any) -> bool:
    """Tell whether a value has one method for steps, which takes a parameter and its gradient."""
    if type(value).__module__ in ("builtins", __name__) or callable(getattr(value, "forward", None)):
        return False
    methods = [getattr(value, name, None) for name in ("update", "step")]
    taken = [[n for n, default in list_arguments(m).items() if default is ...] for m in methods if ismethod(m)]
    return len(taken) == 1 and len(taken[0]) == 2 and is_cotangent_name(taken[0][1])


@dataclass(frozen=True)
class Way:
    """What each argument of a backward is handed: the cotangent, the output, an input by its name, a rate, …

    A place is zeros in the shape of an input, in which backward leaves its gradient. What is written there in another
    shape is spread, unless `keeps_shapes`: then it is the gradient as it is.
    """

    names: tuple[str, ...]
    roles: tuple[str, ...]
    keeps_shapes: bool = False

    def hand(
        self, dY: Any, values: Mapping[str, Any], output: Any, kept: Sequence[Any], held: str = ""
    ) -> dict[str, Any]:
        """Return the arguments by name; `kept` is what stood behind the output.

        The place of the gradient of the input `held` has something in it already.
        """
        rest = iter(kept)
        special = {COTANGENT: dY, OUTPUT: output, RATE: STEP}

        def give(role: str) -> Any:
            kind, _, name = role.partition(":")
            if kind == PLACE[:-1]:
                start = HELD if name == held else 0.0
                return np.full(np.shape(values[name]), start, getattr(values[name], "dtype", float)).view(Place)
            return next(rest, None) if role == KEPT else special[role] if role in special else values[name]

        return {name: give(role) for name, role in zip(self.names, self.roles, strict=True)}

    @property
    def places(self) -> list[str]:
        """The inputs whose gradients are left in places."""
        return [role[len(PLACE) :] for role in self.roles if role.startswith(PLACE)]

    def collect(self, handed: Mapping[str, Any], returned: Any) -> Any:
        """Return what a backward returned or, where that is nothing, the gradients that it left in places, by name."""
        held = {role[len(PLACE) :]: handed[n] for n, role in zip(self.names, self.roles, strict=True) if PLACE in role}
        if returned is not None or not held:
            return returned
        return {n: a.read(self.keeps_shapes) if isinstance(a, Place) else a for n, a in held.items()}

    @property
    def is_guess(self) -> bool:
        """Whether an argument is handed an input, or what arrives, though neither its name nor its place says so."""

        def is_said(name: str, role: str) -> bool:
            own = role.removeprefix(INPUT)
            key = name.lower().strip("_")
            is_same = are_alike(name, own) or own.lower().endswith(f".{key}") or key in OUTPUTS
            return role in (KEPT, RATE, OUTPUT) or PLACE in role or is_same

        pairs = list(zip(self.names, self.roles, strict=True))
        return any(not is_said(n, r) for n, r in pairs if r != COTANGENT) or not any(
            r == COTANGENT and (is_cotangent_name(n) or k == 0) for k, (n, r) in enumerate(pairs)
        )

    @property
    def is_plain(self) -> bool:
        """Whether it is handed the cotangent first, and then nothing or what the forward kept; or nothing at all."""
        return not self.roles or (self.roles[:1] == (COTANGENT,) and set(self.roles[1:]) <= {KEPT})

    def describe(self) -> str:
        """Say in a few words what is handed where."""
        words = {COTANGENT: "dY", OUTPUT: "Y", KEPT: "what forward kept", RATE: f"a learning rate of {STEP}"}
        return ", ".join(
            f"{name}={words.get(role, role.removeprefix(INPUT).replace(PLACE, 'zeros for d'))}"
            for name, role in zip(self.names, self.roles, strict=True)
        )


def list_ways(backward: Callable[..., Any], inputs: Sequence[str], kept: int = 0, loss: bool = False) -> list[Way]:
    """Return the ways of calling a backward, the likeliest first; `inputs` are the forward's and the parameters.

    kept: how many values the forward returns behind its output.  loss: whether it may do without a cotangent.
    """
    if call := find_call(backward):
        return [_follow(call, inputs)]
    try:
        parameters = list(signature(backward).parameters.values())
    except (TypeError, ValueError):
        return []
    positional = [p for p in parameters if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
    taken = [
        p for p in positional if p.default is Parameter.empty or p.name in inputs or _is_worth_giving(p, positional)
    ]
    if not taken and any(p.kind == p.VAR_POSITIONAL for p in parameters):
        return []
    written = list_written(backward)
    roles = (_list_places(p.name, inputs, written) or _list_roles(p.name, inputs, kept) for p in taken)
    choices = tuple(tuple(each) for each in roles)
    if loss and taken and all(p.name in inputs for p in taken):  # the gradient of a loss, at what the loss is given
        choices = tuple((f"{INPUT}{p.name}",) for p in taken)
    ways = _combine(tuple(p.name for p in taken), choices, kept, loss)
    return sorted(ways, key=lambda way: not way.is_plain) if kept else list(ways)


def _follow(call: Call, inputs: Sequence[str]) -> Way:
    """Return the way that a person has said; raise UserError where it hands what is not there."""
    unknown = next((role for _, role in call.arguments if role not in WORDS and role not in inputs), "")
    if unknown:
        known = ", ".join((*WORDS, *inputs))
        raise UserError(f"--call {call.backward}: there is no {unknown} to hand it; there are {known}")
    names, roles = zip(*call.arguments, strict=True)
    return Way(names, tuple(WORDS.get(role, f"{INPUT}{role}") for role in roles))


def _is_worth_giving(parameter: Parameter, every: Sequence[Parameter]) -> bool:
    """Tell whether an argument with a default is the cotangent, as in backward(dout=1)."""
    required = any(is_cotangent_name(p.name) for p in every if p.default is Parameter.empty)
    return is_cotangent_name(parameter.name) and not required


def _list_places(name: str, inputs: Sequence[str], written: Sequence[str]) -> list[str]:
    """Return the place of the gradient that a backward writes into this argument, where it does."""
    return [f"{PLACE}{each}" for each in inputs if name in written and is_gradient_of(name, each)][:1]


def _list_roles(name: str, inputs: Sequence[str], kept: int) -> list[str]:
    """Return what an argument of this name may be handed: what its name says first, then anything."""
    key = name.lower().strip("_")
    same = [f"{INPUT}{each}" for each in inputs if each.lower() == name.lower() or each.lower().endswith(f".{key}")]
    alike = [f"{INPUT}{each}" for each in inputs if are_alike(each, name)]
    if key in RATES:
        return [RATE, *same]
    if key == CACHE and kept:
        return [KEPT]
    named = [COTANGENT] * is_cotangent_name(name) + same + alike + [OUTPUT] * (key in OUTPUTS)
    others = [] if name in inputs else [f"{INPUT}{each}" for each in inputs]  # x is never another input
    rest = [KEPT] * bool(kept) + [COTANGENT, *others, OUTPUT]
    return list(dict.fromkeys([*named, *rest]))


@lru_cache(maxsize=256)
def _combine(names: tuple[str, ...], choices: tuple[tuple[str, ...], ...], kept: int, loss: bool) -> tuple[Way, ...]:
    """Return the ways in the order of how far they depart from the first choice of each argument."""
    return tuple(itertools.islice(_depart(names, choices, kept, loss), MOST_WAYS))


def _depart(names: tuple[str, ...], choices: Sequence[Sequence[str]], kept: int, loss: bool) -> Iterator[Way]:
    places = [range(len(roles)) for roles in choices]
    every = sorted(itertools.islice(itertools.product(*places), 4096), key=lambda picked: (sum(picked), picked))
    for picked in every:
        roles = tuple(roles[k] for roles, k in zip(choices, picked, strict=True))
        own = [role for role in roles if role != KEPT]
        once = len(set(own)) == len(own) and roles.count(KEPT) <= kept
        if once and (COTANGENT in roles or loss):
            yield Way(names, roles)
