"""What runs in the processes that a person's file is loaded in; `check.apart` starts them.

*find* looks for what can be checked, checks it and explains what is wrong: {"lacks": what could not be limited},
{"found": names}, then {"begin": NAME, "first": whether its first calls begin}, {"verdict": …}, {"complaint": …}, and at
last {"end": what kept the file from being checked, or ""}. All of that is advice, since the file may change whatever
computes it.
*answer* makes the same targets and only calls them: what a forward or a backward returned at given arrays goes back.
Files are opened for reading only, and no other program is started.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np

from chainrule.check.answers.asked import Asked
from chainrule.check.apart.barrier import forbid_harm
from chainrule.check.apart.limits import Watch, limit_resources
from chainrule.check.apart.wire import OWN, Channel, WireError
from chainrule.check.files.given import Given
from chainrule.check.files.verdicts import Opened, check_each, open_file
from chainrule.check.model.failure import Failure, ForbiddenError, call_theirs
from chainrule.check.model.target import Target
from chainrule.check.targets.kinds import list_kinds
from chainrule.check.trial.complex_arrays import complex_arrays
from chainrule.errors import UserError

IDLE = 5.0  # seconds in which a call may wait without computing


def prepare() -> None:
    """Load what each of these processes needs, before the first is forked."""
    list_kinds()
    np.random.default_rng()


def run(order: Mapping[str, Any], channel: Channel) -> None:
    """Do what the order says: its `role` is find or answer."""
    if order["imports"]["jax"]:
        import jax

        jax.config.update("jax_disable_most_optimizations", True)  # it compiles for longer than it computes
        jax.config.update("jax_traceback_filtering", "off")  # which costs a tenth, and only shortens what is raised
        jax.devices()  # it looks for what computes, and warns of it, once
    lacks = limit_resources(order["memory"], is_kernel=order["is_kernel"])
    if order["role"] == "find":
        channel.send({"lacks": lacks})
    watch = Watch(order["patience"])
    forbid_harm()
    {"find": find, "answer": answer}[order["role"]](order, channel, watch)


def find(order: Mapping[str, Any], channel: Channel, watch: Watch) -> None:
    """Tell the verdicts that an order asks for and complaints as they come, then why there are no more."""

    def begin(name: str, first: bool) -> None:
        channel.send({"begin": name, "first": first})
        watch.restart(order["seconds"] if first else 0, IDLE if name else order["seconds"])

    def list_names(names: list[str]) -> None:
        channel.send({"found": names})

    asked = Asked(tuple(order["asked"]["stages"]), tuple(order["asked"]["equations"]), order["asked"]["pictures"])
    path = Path(order["path"])
    try:
        wanted = (path, order["name"], _read_given(order), order["seed"], order["kind"], asked, order["skip"], begin)
        for each in check_each(*wanted, Path(order["folder"]), order["calls"], list_names):
            channel.send({"complaint": each} if isinstance(each, str) else {"verdict": each.describe()})
        end = ""
    except UserError as error:
        end = str(error)
    except MemoryError:
        end = f"{path} needs more memory than the {order['memory'] >> 20} MB it may have"
    watch.pause()
    channel.send({"end": end})


def answer(order: Mapping[str, Any], channel: Channel, watch: Watch) -> None:
    """Answer calls until nobody asks any more; the file is loaded when the first asks."""

    @cache
    def load() -> Opened:
        path, folder = Path(order["path"]), Path(order["folder"])
        return open_file(path, order["name"], _read_given(order), order["calls"], folder)

    told = _Told([])
    while True:
        watch.pause()
        task, *given = channel.receive()
        watch.restart(0, order["seconds"] if task == "make" else IDLE)
        if task == "make":
            name = given[0]
            made = call_theirs(lambda name=name: load().make(name, order["seed"]))  # type: ignore[misc]
            told = _Told([] if isinstance(made, Failure) else [("", *made)])
            reply: Any = made if isinstance(made, Failure) else told.describe(0)
        else:
            reply = call_theirs(partial(getattr(told, f"answer_{task}"), *given))
        try:
            channel.send([False, _say(reply)] if isinstance(reply, Failure) else [True, reply])
        except WireError as error:
            channel.send([False, str(error)])


class _Told:
    """Targets that calls are answered for: the one that a file holds, and its variants."""

    def __init__(self, made: list[tuple[str, Target, dict[str, Any]]]) -> None:
        self._made = made

    def describe(self, k: int) -> dict[str, Any]:
        """Return all that is told of a target besides its answers; None stands for where it is the first one."""
        words, target, inputs = self._made[k]
        return {
            "words": words,
            "name": target.name,
            "inputs": inputs,
            "required": list(target.required),
            "constants": list(target.constants),
            "loss": bool(target.loss),
            "called": target.called,
            "autograd": target.extras.autograd is not None,
        }

    def answer_variants(self) -> list[Any]:
        """Return what is told of the variants of the target, and a sentence for each that there is not."""
        (_, target, inputs), notes = self._made[0], list[str]()
        for each in target.extras.variants(inputs):
            if isinstance(each, str):
                notes.append(each)
            else:
                self._made.append(each)
        return [[self.describe(k) for k in range(1, len(self._made))], notes]

    def answer_forward(self, k: int, is_fixed: bool, inputs: Mapping[str, Any]) -> Any:
        """Return Y."""
        target, given = self._find(k, is_fixed, inputs)
        if any(isinstance(value, np.ndarray) and value.dtype.kind == "c" for value in given.values()):
            with complex_arrays():
                return target.run(given)
        return target.run(given)

    def answer_backward(self, k: int, is_fixed: bool, dY: Any, inputs: Mapping[str, Any]) -> Any:
        """Return the gradients."""
        target, given = self._find(k, is_fixed, inputs)
        return target.gradients(dY, given)

    def answer_autograd(self, k: int, is_fixed: bool, dY: Any, inputs: Mapping[str, Any]) -> Any:
        """Return the gradients of the forward by a library."""
        target, given = self._find(k, is_fixed, inputs)
        assert target.extras.autograd is not None
        return dict(target.extras.autograd(dY, **given))

    def _find(self, k: int, is_fixed: bool, inputs: Mapping[str, Any]) -> tuple[Target, dict[str, Any]]:
        """Return a target with inputs, in which its own stand for what nobody else has."""
        _, target, own = self._made[k]
        return (target.with_fixed_seed() if is_fixed else target), {n: _place(v, own.get(n)) for n, v in inputs.items()}


def _place(value: Any, own: Any) -> Any:
    if value is OWN:
        return own
    if isinstance(value, dict) and isinstance(own, Mapping):
        return {name: _place(each, own.get(name)) for name, each in value.items()}
    return value


def _say(failure: Failure) -> str:
    words = str(failure.error) if isinstance(failure.error, UserError | ForbiddenError) else str(failure)
    return words[:2000]


def _read_given(order: Mapping[str, Any]) -> dict[str, Given]:
    return {name: Given(tuple(shape), classes, value) for name, (shape, classes, value) in order["given"].items()}
