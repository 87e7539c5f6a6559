"""What is checked: a forward and a backward over named arrays, however the person wrote them."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from chainrule.check.model.failure import LeftOverError
from chainrule.check.model.problem import Array, Arrays, Backward, Forward, SourceFile
from chainrule.check.model.verdict import Row

SUMMED = "the loss has an entry for each sample, so their sum was differentiated"
SEED = 20  # of the generators, where it is fixed
FIXED = np.random.MT19937(SEED)
SALT = 271828  # else dY of seed 0 were the X that a person draws with seed 0, along which a norm's gradient is 0


Resized = Callable[[Any], Any]


def _nothing(*arguments: Any) -> Iterator[Any]:
    return iter(())


def keep_sizes(resized: Resized) -> tuple[Target | None, Arrays]:
    """Return what `Extras.resize` does for a function: all its sizes are those of its inputs."""
    return None, {}


@dataclass(frozen=True, eq=False)
class Extras:
    """What some kinds of targets offer besides; without, there is nothing more to check.

    run_twice(dY, **inputs) runs backward twice on one forward and overwrites what the first run returned, as a person
    may; it returns the gradients of the second. autograd(dY, **inputs) returns gradients by a library's own
    differentiation of the forward, without the person's backward. probe(dY, inputs) yields what else is wrong, as rows,
    and what is worth knowing, as sentences. variants(inputs) yields what is checked as well, and sentences on what
    cannot be. parts(inputs) yields what runs within and may be wrong by itself. settings(inputs) yields the target made
    with other settings. resize(resized) returns the target in other sizes, None for itself, and parameters of its own,
    where it can be had so: resized(value) is an array, or a size, as it is to be. alone(name) returns the target of the
    operation that an input belongs to, of several: its inputs are those required. is_on_purpose(rows, inputs) tells
    whether all that is wrong there is so on purpose, and needs no explanation. `is_single` tells that it is made for
    float32 unless told otherwise, and `is_part` that it is a variant of another: what mends it may be wrong for that
    one.
    """

    run_twice: Backward | None = None
    autograd: Backward | None = None
    probe: Callable[[Array, Arrays], Iterator[Row | str]] = _nothing
    variants: Callable[[Arrays], Iterator[Variant | str]] = _nothing
    parts: Callable[[Arrays], Iterator[Part]] = _nothing
    settings: Callable[[Arrays], Iterator[Setting]] = _nothing
    resize: Callable[[Resized], tuple[Target | None, Arrays]] | None = None
    alone: Callable[[str], Target | None] = lambda name: None
    is_on_purpose: Callable[[Sequence[Row], Arrays], bool] = lambda rows, inputs: False
    is_single: bool = False
    is_part: bool = False


@dataclass(frozen=True, eq=False)
class Target:
    """forward(**inputs) returns Y, and backward(dY, **inputs) gradients by the names of the inputs.

    `required` are the inputs whose gradient must be there (parameters and what comes from the layer before),
    `constants` those that have none (targets). A `loss` takes no cotangent: its dY is 1. `other_mode` is the forward in
    another mode (training or evaluation), behind its words. `called` says how it is called, where that is not plain,
    and `is_guess` that names do not say what backward is handed. `numbers` are settings that an object keeps, by their
    names. `cotangents` are the backward's arguments where it takes one for each of several outputs, which lie in Y one
    behind the other.
    """

    name: str
    forward: Forward
    backward: Backward
    required: tuple[str, ...] = ()
    constants: tuple[str, ...] = ()
    loss: bool = False
    source: SourceFile | None = None
    other_mode: tuple[str, Forward] | None = None
    extras: Extras = Extras()
    called: str = ""
    is_guess: bool = False
    numbers: Mapping[str, float] = field(default_factory=dict)
    cotangents: tuple[str, ...] = ()

    def with_extras(self, **extras: Any) -> Target:
        """Return the target with some extras replaced."""
        return replace(self, extras=replace(self.extras, **extras))

    def without_variants(self, **changes: Any) -> Target:
        """Return the target, itself a variant or a part of another, with fields changed."""
        return replace(self, extras=replace(self.extras, variants=_nothing), **changes)

    def with_fixed_seed(self) -> Target:
        """Return the target with the global generators in one state at each call, so that dropout's mask stays.

        So are those made of it with other settings, or in other sizes.
        """
        more = self.extras

        def resize(resized: Resized) -> tuple[Target | None, Arrays]:
            assert more.resize is not None
            other, own = more.resize(resized)
            return other and other.with_fixed_seed(), own

        return replace(
            self,
            forward=fix_seed(self.forward),
            backward=fix_seed(self.backward),
            other_mode=self.other_mode and (self.other_mode[0], fix_seed(self.other_mode[1])),
            extras=replace(
                more,
                run_twice=more.run_twice and fix_seed(more.run_twice),
                autograd=more.autograd and fix_seed(more.autograd),
                settings=lambda given: (s._replace(target=s.target.with_fixed_seed()) for s in more.settings(given)),
                resize=more.resize and resize,
            ),
        )

    def run(self, inputs: Arrays) -> Array:
        """Return Y for copies of the inputs."""
        with quiet():
            return np.asarray(self.forward(**copies(inputs)))

    def draw_cotangent(self, Y: Array, rng: np.random.Generator) -> Array:
        """Return a random dY of the shape of Y; 1 for a loss."""
        return np.ones(Y.shape) if self.loss else rng.normal(size=Y.shape)

    def gradients(self, dY: Array, inputs: Arrays) -> Arrays:
        """Return the person's gradients, for copies of the inputs and of dY; those that are None are left out."""
        with quiet():
            found = self.backward(dY.copy(), **copies(inputs))
        return {name: _read_numbers(name, gradient) for name, gradient in found.items() if gradient is not None}


Variant = tuple[str, Target, Arrays]


class Part(NamedTuple):
    """What runs within a target, as a target with its inputs there, and the line of its source that it begins at."""

    target: Target
    inputs: Arrays
    line: int | None


class AnyOther(str):
    """A word that stands for all others than those with which a file compares a setting: the words known."""

    known: tuple[str, ...] = ()


class Setting(NamedTuple):
    """A target and its inputs with another value of one setting; `beside` says which others are changed as well."""

    name: str
    own: Any
    other: Any
    target: Target
    inputs: Arrays
    beside: str = ""

    @property
    def words(self) -> str:
        """`alpha = 0.3` in place of its default."""
        return f"{self.beside} and {self._say()}" if self.beside else self._say()

    def _say(self) -> str:
        if self.is_array:
            return f"a {self.name} of shape {self.other.shape}"
        if isinstance(self.other, AnyOther):
            return f"{self.name} other than {' or '.join(map(repr, self.other.known))}"
        return f"{self.name} = {self.other}" if isinstance(self.other, Enum) else f"{self.name} = {self.other!r}"

    @property
    def is_array(self) -> bool:
        """Whether an array is given in place of none."""
        return isinstance(self.other, np.ndarray)

    @property
    def is_branch(self) -> bool:
        """Whether it chooses what is computed: a word, a flag, a member of an enumeration."""
        return isinstance(self.other, str | bool | Enum)


def _read_numbers(name: str, gradient: Any) -> Array:
    """Return a copy of a gradient as an array of real numbers. Raises TypeError where it is something else."""
    numbers = np.array(gradient)
    if numbers.dtype.kind == "O":
        with suppress(TypeError, ValueError, OverflowError):
            numbers = numbers.astype(float)
    if numbers.dtype.kind == "c" and not np.any(numbers.imag):
        numbers = numbers.real
    if numbers.dtype.kind == "c":
        raise LeftOverError(name)
    if numbers.dtype.kind not in "fiub":
        found = f"an array of {numbers.dtype}" if hasattr(gradient, "dtype") else f"of type {type(gradient).__name__}"
        raise TypeError(f"the gradient of {name} is {found}, where an array of real numbers belongs")
    return numbers


def generator(seed: int, *stream: int) -> np.random.Generator:
    """Return a generator whose numbers a person does not draw with the same seed, nor another stream."""
    return np.random.default_rng(_mix(SALT, seed, *stream))  # type: ignore[arg-type]  # of which its stubs do not know


class _Words(np.random.bit_generator.ISeedSequence):
    """A seed sequence whose words are mixed once: that takes nine tenths of the time to make a generator."""

    def __init__(self, numbers: tuple[int, ...]) -> None:
        self.words = np.random.SeedSequence(numbers).generate_state(4, np.uint64)

    def generate_state(self, n_words: int, dtype: Any = np.uint64) -> Array:
        """Return the words that PCG64 begins with."""
        return self.words


@lru_cache(maxsize=256)
def _mix(*numbers: int) -> _Words:
    return _Words(numbers)


def copies(inputs: Arrays) -> Arrays:
    """Return copies that lie in memory as the arrays do; anything else is returned unchanged."""
    return {n: np.array(a, order="K") if isinstance(a, np.ndarray) else a for n, a in inputs.items()}


def other_inputs(X: Array) -> Array:
    """Return another input of the same shape and signs."""
    if not np.ndim(X):
        return 0.9 * X
    rolled = np.empty_like(X)  # as np.roll does, in a fifth of its time
    rolled[:1], rolled[1:] = X[-1:], X[:-1]
    return 0.9 * rolled


def overwrite(array: Any) -> None:
    """Overwrite an array that a person's function returned, as its caller may."""
    if isinstance(array, np.ndarray) and array.flags.writeable:
        array[...] = 7


def restore(given: Mapping[str, Any], inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is given, with plain numbers and flags where `inputs` has them: a recorder makes arrays of them."""
    plain = {n for n, value in inputs.items() if not hasattr(value, "shape") and value is not None}
    return {n: value.item() if n in plain and hasattr(value, "shape") else value for n, value in given.items()}


@contextmanager
def quiet() -> Iterator[None]:
    """Keep a person's code from warning; a complex number that loses its imaginary part is an error."""
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", np.exceptions.ComplexWarning)
        yield


def fix_seed(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function with the global generators at one state in each call."""

    def call(*arguments: Any, **inputs: Any) -> Any:
        own = np.random.mtrand.get_bit_generator()  # is exchanged: a copy of its state takes thirty times as long
        np.random.mtrand.set_bit_generator(FIXED)
        np.random.seed(SEED)  # noqa: NPY002 - the person's code draws from it
        try:
            return function(*arguments, **inputs)
        finally:
            np.random.mtrand.set_bit_generator(own)

    return call
