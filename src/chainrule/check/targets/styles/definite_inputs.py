"""Matrices that are positive definite: what a Cholesky factor is taken of, a covariance, what has a root.

Such an A is given as P Pᵀ + I of a free matrix P, and the gradient of P is compared, which is (dA + dAᵀ) P: it asks
neither that A stays symmetric when its entries move, nor in which of A's two halves a backward has its gradient.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from chainrule.check.model.literals import read_with_helpers
from chainrule.check.model.problem import Array, Arrays, Backward
from chainrule.check.model.target import Target
from chainrule.check.targets.kinds import Kind, Made

FACTORED = re.compile(r"\b(?:cholesky|cholesky_ex|cho_factor|eigh|eigvalsh|sqrtm|logm)\(\s*\(?\s*(\w+)")
COPIED = re.compile(r"\b(\w+) = (\w+)\.(?:detach|clone|copy|double|astype)\(")
ALGEBRA = re.compile(r"\blinalg\.(?!norm\b)|\b(?:cholesky|cho_\w+|inv|solve|slogdet|logdet)\(")
SAID = r"(?:positive[- ](?:semi-?)?definite|\bspd\b|\bpsd\b|covariance|\bsymmetric)"
NAMES = re.compile(r"cov(?:ariance)?|sigma|precision|spd|psd|gram|kernel_matrix", re.IGNORECASE)
DIGITS = "_0123456789"
CALLED = "{} drawn positive definite, as P Pᵀ + I, and what is compared is the gradient of P"


def find_definite(function: Callable[..., Any], names: Sequence[str], besides: str = "") -> list[str]:
    """Return the arguments that a function decomposes as a symmetric matrix, or that a text says to be one.

    That text is its own, those of the functions that it calls, and what stands `besides`.

    One that it inverts and says nothing of is none: its gradient has to be right where it is not symmetric.
    """
    text = f"{read_with_helpers(function)}\n{besides}"
    if not ALGEBRA.search(text):
        return []
    copied = dict(COPIED.findall(text))
    factored = {copied.get(name, name) for name in FACTORED.findall(text)}
    return [n for n in names if n in factored or NAMES.fullmatch(n.strip(DIGITS)) or _is_said(n, text)]


def _is_said(name: str, text: str) -> bool:
    """Tell whether a text says of a name, in one line, that it is a symmetric matrix."""
    return bool(re.search(rf"(?i)(?-i:\b{name}\b)[^\n.]*{SAID}|{SAID}[^\n.]{{0,20}}(?-i:\b{name}\b)", text))


def fill(P: Any) -> Any:
    """Return P Pᵀ + I, of a matrix or of several behind one another; anything else as it is."""
    return P @ np.swapaxes(P, -1, -2) + np.eye(P.shape[-2], dtype=P.dtype) if np.ndim(P) > 1 else P


def draw_through(target: Target, names: Sequence[str]) -> Target:
    """Return the target whose inputs `names` are the matrices P of those that it takes."""

    def fill_all(given: Mapping[str, Any]) -> dict[str, Any]:
        return {name: fill(value) if name in names else value for name, value in given.items()}

    def through(backward: Backward) -> Backward:
        def call(dY: Array, **given: Any) -> Arrays:
            found = backward(dY, **fill_all(given))
            return {n: _pull_back(g, given[n]) if n in names else g for n, g in found.items()}

        return call

    more = target.extras
    extras = replace(
        more,
        run_twice=more.run_twice and through(more.run_twice),
        autograd=more.autograd and through(more.autograd),
        probe=lambda dY, given: iter(()),  # it moves the entries of A, which stays symmetric
        variants=lambda given: (
            each
            if isinstance(each, str)
            else (each[0], draw_through(each[1], names), {**each[2], **_only(names, given)})
            for each in more.variants(fill_all(given))
        ),
        settings=lambda given: (
            each._replace(target=draw_through(each.target, names), inputs={**each.inputs, **_only(names, given)})
            for each in more.settings(fill_all(given))
        ),
    )
    called = CALLED.format(" and ".join(names) + (" are" if len(names) > 1 else " is"))
    return replace(
        target,
        forward=lambda **given: target.forward(**fill_all(given)),
        backward=through(target.backward),
        extras=extras,
        called="; ".join(filter(None, (target.called, called))),
    )


def _only(names: Sequence[str], given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: given[name] for name in names}


def _pull_back(dA: Any, P: Any) -> Any:
    """Return the gradient of P; that of A as it is, where it has not the shape of A."""
    if dA is None or np.ndim(P) < 2 or np.shape(dA) != (*P.shape[:-1], P.shape[-2]):
        return dA
    return (dA + np.swapaxes(dA, -1, -2)) @ P


class DefiniteKind(Kind):
    """A kind of thing of which some inputs are positive definite."""

    def __init__(self, kind: Kind, names: Sequence[str]) -> None:
        self.kind, self.square = kind, names
        self.starts_constant = kind.starts_constant
        for method in ("find_forward", "list_arguments", "guess_scalars", "name_inputs", "call_it", "refuse", "fits"):
            setattr(self, method, getattr(kind, method))

    def make_all(self, thing: Any, inputs: dict[str, Any], name: str = "", labels: str = "") -> Iterator[Made]:
        """Yield the targets of the kind, which are given P for each of those inputs that is a matrix."""
        names = [name for name in self.square if np.ndim(inputs.get(name, 0)) > 1]
        if not names:
            return
        filled = {**inputs, **{name: fill(inputs[name]) for name in names}}
        for target, every in self.kind.make_all(thing, filled, name, labels):
            yield draw_through(target, names), {**every, **{n: inputs[n] for n in names if n in every}}
