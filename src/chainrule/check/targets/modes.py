"""Training against evaluation: the mode that an object is in or a setting tells, and the other one.

An object has methods train() and eval(), or a flag such as `training`, in itself or in the parts that it is made of; a
function is told by a flag among its arguments, or by `mode` there or in a dictionary of settings.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from inspect import Parameter, signature
from typing import Any

import numpy as np

from chainrule.check.model.failure import Failure, call_theirs
from chainrule.check.model.names import EVALUATION_FLAGS, FLAGS, MODES, OF_EVALUATION, OF_TRAINING
from chainrule.check.model.problem import Arrays
from chainrule.check.model.target import Target, Variant, quiet
from chainrule.check.model.verdict import EVALUATION, TRAINING
from chainrule.check.trial.evidence import weigh
from chainrule.check.trial.inputs import accepts

UNSEEN = (
    "{} the gradients are not those of forward: backward cannot see in which mode that ran, and is for the other alone"
)
NOT_MEANT = "{} backward fails after forward, so nothing was compared there: {}"


def vary_settings(
    target: Target, given: Arrays, forward: Callable[..., Any], is_seen: bool = True
) -> Iterator[Variant | str]:
    """Yield the target in the other mode, where its inputs tell a mode; the person's own is `forward(**inputs)`.

    Running statistics that it leaves in a dictionary of settings stay there: those of the start are 0 and 1. Where
    backward cannot see the mode (`is_seen`), one that is wrong in the other is not meant for it.
    """
    used = {name: copy.deepcopy(value) for name, value in given.items()}
    with quiet():
        call_theirs(lambda: forward(**used))
    arrays = {name: value for name, value in given.items() if isinstance(value, np.ndarray)}
    settings = {name: value for name, value in given.items() if name not in arrays}
    first = replace(target, forward=lambda **inputs: target.forward(**{**inputs, **settings}))
    for (words, cold), (_, warm) in zip(switch_settings(given), switch_settings(used), strict=False):
        found = list(vary(first, given, words, (target, cold), (target, {**warm, **arrays})))
        if found:
            unmet = not is_seen and any(not isinstance(v, str) and not weigh(v[1], v[2]).settles for v in found)
            yield from [UNSEEN.format(words)] if unmet else found
            return


def vary(
    target: Target, given: Arrays, words: str, cold: tuple[Target, Arrays], warm: tuple[Target, Arrays]
) -> Iterator[Variant | str]:
    """Yield the target in another mode, where that computes something else: `warm` has run in the first mode before.

    Where backward fails in that mode after a forward that has run in no other (`cold`), nobody meant it for that one.
    """
    (fresh, start), (other, at) = (cold[0].with_fixed_seed(), cold[1]), (warm[0].with_fixed_seed(), warm[1])
    if not accepts(other, at) or _agree(other.run(at), target.with_fixed_seed().run(given)):
        return
    if accepts(fresh, start):
        found = call_theirs(lambda: fresh.gradients(np.ones_like(fresh.run(start)), start))
        if isinstance(found, Failure):
            yield NOT_MEANT.format(words, found.describe(target.source))
            return
    first = TRAINING if words == EVALUATION else EVALUATION
    yield words, warm[0].without_variants(other_mode=(first, target.forward)), at


def switch_settings(given: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the other mode in words, and the inputs with the setting that tells it."""
    for name, value in given.items():
        for words, other in switch_settings(value) if isinstance(value, Mapping) else _list_others(name, value):
            yield words, {**given, name: other}


def switch_parts(parts: Iterable[Any]) -> str:
    """Bring the parts of an object into the other mode, and return it in words; "" where they have none."""
    parts = list(parts)
    words = next(filter(None, map(_other_mode, parts)), "")
    for part in parts if words else ():
        _bring(part, words)
    return words


def _other_mode(part: Any) -> str:
    told = [words for name, value in _attributes(part) for words, _ in _list_others(name, value)]
    return told[0] if told else EVALUATION if _methods(part) else ""


def _bring(part: Any, words: str) -> None:
    if methods := _methods(part):
        methods[words]()
        return
    for name, value in _attributes(part):
        other = next((other for told, other in _list_others(name, value) if told == words), None)
        if other is not None:
            setattr(part, name, other)


def _methods(part: Any) -> dict[str, Callable[[], Any]]:
    """Return train and eval by the mode that they bring, where an object has both and they need nothing."""
    methods = {TRAINING: getattr(part, "train", None), EVALUATION: getattr(part, "eval", None)}
    return methods if all(callable(m) and _needs_nothing(m) for m in methods.values()) else {}  # type: ignore[return-value]


def _attributes(part: Any) -> list[tuple[str, Any]]:
    return list(getattr(part, "__dict__", {}).items())


def _list_others(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Yield the other mode in words with the value that tells it, as people spell it."""
    key = name.lower().lstrip("_")
    if isinstance(value, bool) and key in FLAGS | EVALUATION_FLAGS:
        yield (EVALUATION if value == (key in FLAGS) else TRAINING), not value
    elif isinstance(value, str) and key in MODES:
        spelled = value.lower()
        yield from ((EVALUATION, other) for other in OF_EVALUATION if spelled in OF_TRAINING)
        yield from ((TRAINING, other) for other in OF_TRAINING if spelled in OF_EVALUATION)


def _needs_nothing(method: Callable[..., Any]) -> bool:
    free = (Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD)
    return all(p.default is not p.empty or p.kind in free for p in signature(method).parameters.values())


def _agree(a: Any, b: Any) -> bool:
    return a.shape == b.shape and np.array_equal(a, b)
