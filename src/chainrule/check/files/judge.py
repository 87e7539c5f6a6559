"""Verdicts that a person's code has no hand in: here it never runs, and only arrays come from it.

One process answers what the forward returns, another what the backward returns, and neither sees what the other is
asked. Inputs and cotangents are drawn here, from numbers that nobody knows before; the truth is found from the
forward's answers, as everywhere.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from chainrule.check.answers.purpose import excuse
from chainrule.check.apart.processes import Process
from chainrule.check.apart.wire import WireError
from chainrule.check.checker import add_variant, check_numbers
from chainrule.check.files.known_forwards import check_forward, find_kind_of, is_held_to
from chainrule.check.model.explanation import Explanation
from chainrule.check.model.problem import Array, Arrays, SourceFile
from chainrule.check.model.target import Target
from chainrule.check.model.typed import read_as
from chainrule.check.model.verdict import NOT_REPEATABLE, RIGHT, WRONG, Row, Verdict
from chainrule.check.trial.inputs import accepts, are_probabilities
from chainrule.errors import UserError, escape_lines

DRAWS = 3  # of inputs, where at some nothing can be decided
APART = "Its own process called it right; numbers computed apart from that process, at values drawn anew, disagree."
REPAIR = "Another --seed may show why; a file that changes NumPy, Python or chainrule itself is judged by this alone."
ONLY_THERE = "d{} was returned to its own process, and not to the one that it is judged by"


class GoneError(BaseException):
    """A process that answers has ended, or took too long; nothing may catch this but who asked."""


class AnswerError(UserError):
    """What a person's code raised in another process, or that its answer is none."""


class Answers:
    """Calls of a person's code: forwards in one process, backwards in the other."""

    def __init__(self, forwards: Process, backwards: Process, seconds: float) -> None:
        self._processes, self._seconds = {"forward": forwards, "backward": backwards}, seconds

    def make(self, name: str) -> tuple[dict[str, Any], list[Any], list[Any]]:
        """Let both make the target of a name; return what is told of it, of its variants, and notes."""
        told: dict[str, Any] = {}
        for side in ("backward", "forward"):
            told = self.ask(side, "make", name)
            variants, notes = self.ask(side, "variants")
        return told, variants, notes

    def ask(self, side: str, task: str, *given: Any) -> Any:
        """Return the answer to a call; raise AnswerError where it failed, GoneError where none comes."""
        try:
            reply = self._processes[side].call([task, *given], self._seconds)
        except (EOFError, OSError) as error:
            raise GoneError from error
        except (WireError, ValueError, TypeError) as error:
            raise AnswerError(f"it answered what is no answer: {error}") from error
        if not isinstance(reply, list) or len(reply) != 2:
            raise AnswerError("it answered what is no answer")
        if reply[0] is not True:
            raise AnswerError(_clean(reply[1]))
        return reply[1]


@dataclass(frozen=True, eq=False)
class RemoteTarget(Target):
    """A target whose forward and backward run in other processes; `fixed` makes it with generators at one state."""

    fixed: Callable[[], Target] | None = None

    def with_fixed_seed(self) -> Target:
        """Return the target with the generators of those processes in one state at each call."""
        return self.fixed() if self.fixed else self


def judge_apart(name: str, answers: Answers, source: SourceFile, kind: str) -> Verdict:
    """Return the verdict on what a file calls `name`, in its other mode too, from answers alone.

    Raises UserError where there are no answers to judge.
    """
    told, variants, notes = answers.make(name)
    verdict = _judge(told, 0, answers, source, find_kind_of(name, kind, source))
    for k, each in enumerate(variants, 1):
        words = _clean(each.get("words", "")) if isinstance(each, dict) else ""
        try:
            verdict = add_variant(verdict, words, _judge(each, k, answers, source, ""))
        except UserError:  # it runs in that mode no more: its own process tells so
            continue
    return replace(verdict, notes=tuple(dict.fromkeys((*verdict.notes, *map(_clean, notes)))))


def _judge(told: Mapping[str, Any], k: int, answers: Answers, source: SourceFile, kind: str) -> Verdict:
    """Return the verdict on one target: of several draws, the first at which something can be decided."""
    target, own = _read_target(told, k, answers, source)
    verdict = None
    for _ in range(DRAWS):
        seed = int.from_bytes(os.urandom(7), "little")
        inputs = draw_like(target, own, np.random.default_rng(seed))
        verdict = excuse(check_numbers(target, inputs, seed), target.with_fixed_seed(), _as_doubles(inputs))
        if verdict.ok or verdict.kind == WRONG:
            break
    assert verdict is not None
    if is_held_to(kind, target, own) and all(row.name != "Y" for row in verdict.rows):
        verdict = replace(verdict, rows=(check_forward(target, own, kind), *verdict.rows))
    return verdict


def join(advice: Verdict, apart: Verdict) -> Verdict:
    """Return one verdict: the rows judged apart, and of its own process what is said besides, or worse.

    `advice` calls everything right or on purpose; only what is judged apart makes it so.
    """
    judged = {row.name: row for row in apart.rows}
    wrong = Explanation("place", APART, REPAIR)
    rows = [row if row.kind != WRONG or row.explanation else replace(row, explanation=wrong) for row in apart.rows]
    for row in advice.rows:
        if row.name not in judged and row.kind == RIGHT and row.tolerance is not None:
            rows.append(Row(row.name, NOT_REPEATABLE, ONLY_THERE.format(row.name)))
        elif row.name not in judged:
            rows.append(row)
    return replace(advice, rows=tuple(rows), places=apart.places)


def draw_like(target: Target, inputs: Mapping[str, Any], rng: np.random.Generator) -> dict[str, Any]:
    """Return inputs of the same shapes, signs and kinds with other numbers; those given, where forward refuses them."""
    drawn = {name: _draw_like(value, rng) for name, value in inputs.items()}
    return drawn if accepts(target, _as_doubles(drawn)) else dict(inputs)


def _draw_like(value: Any, rng: np.random.Generator) -> Any:
    if not isinstance(value, np.ndarray) or value.dtype.kind != "f" or np.array_equal(value, np.round(value)):
        return value
    drawn = np.asarray(value * rng.uniform(0.7, 1.3, value.shape))
    return np.asarray(drawn / drawn.sum(axis=-1, keepdims=True)) if are_probabilities(value) else drawn


def _as_doubles(inputs: Mapping[str, Any]) -> dict[str, Any]:
    floats = {n: a.astype(float) for n, a in inputs.items() if isinstance(a, np.ndarray) and a.dtype.kind == "f"}
    return {**inputs, **floats}


def _read_target(
    told: Any, k: int, answers: Answers, source: SourceFile, is_fixed: bool = False
) -> tuple[RemoteTarget, dict[str, Any]]:
    """Return the target that a process told of, with its inputs; raise AnswerError where it told of none."""
    try:
        inputs = {_clean(name): value for name, value in told["inputs"].items()}
        required, constants = (tuple(map(_clean, read_as(list[str], told[key]))) for key in ("required", "constants"))
        name, called, loss = _clean(told["name"]), _clean(told["called"]), told["loss"] is True
        has_autograd = told["autograd"] is True
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise AnswerError("it answered what is no target") from error

    def forward(**given: Any) -> Array:
        return _as_array(answers.ask("forward", "forward", k, is_fixed, given))

    def backward(dY: Array, **given: Any) -> Arrays:
        return _as_arrays(answers.ask("backward", "backward", k, is_fixed, dY, given))

    def autograd(dY: Array, **given: Any) -> Arrays:
        return _as_arrays(answers.ask("forward", "autograd", k, is_fixed, dY, given))

    def fixed() -> Target:
        return _read_target(told, k, answers, source, True)[0]

    target = RemoteTarget(
        name, forward, backward, required, constants, loss, source, called=called, fixed=None if is_fixed else fixed
    )
    return (target.with_extras(autograd=autograd) if has_autograd else target), inputs  # type: ignore[return-value]


def _as_array(answer: Any) -> Array:
    if not isinstance(answer, np.ndarray):
        raise AnswerError("forward returns no array of numbers")
    return answer


def _as_arrays(answer: Any) -> Arrays:
    if not isinstance(answer, dict) or not all(isinstance(each, np.ndarray) for each in answer.values()):
        raise AnswerError("backward returns what are no arrays of numbers")
    return answer


def _clean(text: Any) -> str:
    """Return a text that came from a person's process as one line that harms nobody."""
    return escape_lines(str(text)[:2000])
