"""Draws the points at which lines are compared: sizes of the dimensions, and values of everything that is given.

All that is assumed holds at every point: an equality is solved for entries of an input, anything else by drawing anew.
"""

import math
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

import numpy as np

from chainrule.derive.evaluation.arithmetic import Array, Floating, HighPrecision, Modular
from chainrule.derive.evaluation.assumed_forms import (
    choose_of_two,
    orthonormal_form,
    polish,
    satisfy_forms,
    two_valued_form,
)
from chainrule.derive.evaluation.conditioning import matrix_functions, well_conditioned
from chainrule.derive.evaluation.domains import MIXED, Domains, list_domains
from chainrule.derive.evaluation.places import draw_places
from chainrule.derive.evaluation.points import holds, shifted_axes, tell_infinity
from chainrule.derive.evaluation.sizes import give_room, infer_sizes
from chainrule.derive.language.errors import EquationError
from chainrule.derive.language.expressions import Compare, Partial, Size, add, elements_in, neg, ref
from chainrule.derive.language.programs.program import Assumption
from chainrule.derive.language.subscripts import Affine
from chainrule.derive.prover.partials import marked
from chainrule.derive.prover.truth import Model, Values

MAX_CELLS = 4_000_000


def draw_sizes(
    model: Model,
    rng: np.random.Generator,
    room: int,
    least: Mapping[str, int] | None = None,
    asked: Mapping[str, int] | None = None,
) -> dict[str, int]:
    """Sizes of all dimensions, all different where they fit into `room`, the number of values that one line takes.

    With them goes the place of every scalar that is a class number, under its name: it is the same at all points of
    these sizes.

    `least` are sizes that comparisons of positions ask for, `asked` those that are compared themselves.
    Even the smallest sizes may need more; past MAX_CELLS it is an EquationError.
    """
    homes, shifted = free_homes(model), _shifted(model)
    steps = {model.axes(name)[block.axes[name]] for name, block in model.program.loops.items()}
    smallest = {home: 4 if home in shifted else 3 if home in steps else 2 for home in homes}
    asked = {home: size for home, size in (asked or {}).items() if home in homes}
    free = {home: asked.get(home, max((least or {}).get(home, 0), smallest[home])) for home in homes}
    fixed = {*model.program.assumed_sizes, *asked}
    free, sizes = give_room(free, shifted, lambda tried: try_sizes(model, tried), fixed)
    if sizes is None or cells(model, sizes) > MAX_CELLS:
        raise EquationError("a line has too many indices to be evaluated at any point")
    for home in rng.permutation([home for home in homes if home not in asked]):
        for size in free[home] + rng.permutation(max(min(len(homes), 3), 2) + 1):
            larger = {**free, str(home): int(size)}
            tried = try_sizes(model, larger)
            if size not in [free[other] for other in homes if other != home] and tried and cells(model, tried) <= room:
                free, sizes = larger, tried
                break
    extents = {name: _extent_at(name, model, sizes) for name in sorted(model.program.class_numbers)}
    return sizes | {name: int(rng.integers(extent)) for name, extent in extents.items()}


def _extent_at(name: str, model: Model, sizes: Mapping[str, int]) -> int:
    """How many places a scalar can mean along all axes from which it picks."""
    picked = {
        sizes[model.axes(element.name)[k]]
        for expr in model.expressions
        for element in elements_in(expr)
        for k, index in enumerate(element.indices)
        if index == Affine.of(name)
    }
    return min(picked, default=2)


def free_homes(model: Model) -> list[str]:
    """The dimensions whose size is free to choose: those of the inputs' axes that no assumption fixes."""
    homes = dict.fromkeys(home for name in model.program.inputs for home in model.axes(name))
    return [home for home in homes if home not in model.program.assumed_sizes]


def _shifted(model: Model) -> set[str]:
    """The dimensions of the inputs that a subscript such as `i+a` runs along."""
    return {model.axes(name)[k] for name, k in shifted_axes(model.expressions) if name in model.program.inputs}


def try_sizes(model: Model, free: Mapping[str, int]) -> dict[str, int] | None:
    """The sizes of all dimensions that follow from the free ones; None where they leave an index no value."""
    known = {**free, **model.program.assumed_sizes}
    shapes = {name: tuple(known[home] for home in model.axes(name)) for name in model.program.inputs}
    try:
        letters = infer_sizes(model.program, shapes, dict.fromkeys(model.program.subscript_scalars, 2.0))
    except EquationError:
        if _shifted(model):
            return None
        raise
    return {home: letters[home] for home in set(model.program.dimensions.of.values())}


def cells(model: Model, sizes: Mapping[str, int]) -> int:
    """How many values the largest line takes, with its derivatives by the largest input."""
    of = model.program.dimensions.of
    largest = max((math.prod(sizes[home] for home in model.axes(name)) for name in model.program.inputs), default=1)
    return largest * max(math.prod(sizes[of[a]] for a in e.letters) for e in model.expressions)


def draw_given(
    model: Model, sizes: Mapping[str, int], rng: np.random.Generator, domains: Domains, scale: float = 1.0
) -> dict[str, Array]:
    """Real values for all that is given, as multiples of 1/1024, so that every arithmetic holds them exactly."""
    drawn: dict[str, Any] = {}
    for name, axes in model.given.items():
        shape = tuple(sizes[home] for home in axes)
        value = domains.get(name, MIXED).place(scale * rng.standard_normal(shape))
        drawn[name] = float(whole_number(name, model, sizes)) if name in model.program.subscript_scalars else value
    drawn |= {name: places.astype(float) for name, places in draw_places(model.program, sizes, rng).items()}
    satisfy_forms([assumption.claim for assumption in model.program.assumptions], drawn)
    return drawn


def draw_residues(model: Model, sizes: Mapping[str, int], rng: np.random.Generator) -> dict[str, Array]:
    """Whole numbers, uniform modulo the prime; places of index arrays."""
    drawn = {
        name: np.array(
            whole_number(name, model, sizes)
            if name in model.program.subscript_scalars
            else rng.integers(1, Modular.prime, [sizes[h] for h in axes])
        )
        for name, axes in model.given.items()
    }
    forms = (two_valued_form(assumption.claim) for assumption in model.program.assumptions)
    for name, other in (form for form in forms if form and form[0] in drawn):
        drawn[name] = choose_of_two(drawn[name], other) % Modular.prime
    return drawn | draw_places(model.program, sizes, rng)


def whole_number(name: str, model: Model, sizes: Mapping[str, int]) -> int:
    """A scalar that stands in a subscript: its place where it is a class number, else a stride of 2."""
    return sizes[name] if name in model.program.class_numbers else 2


AWAY = {"<": -1, "<=": -1, ">": 1, ">=": 1}  # where the left side lies, seen from the right one


def satisfy(values: Values) -> Values | None:
    """The point with inputs changed so that all assumptions hold; None where that does not work out here."""
    equalities = [a for a in values.model.program.assumptions if _is_equality(a)]
    for _ in range(40):
        open_ones = [a for a in equalities if not _holds(values, a)]
        if not open_ones and not isinstance(values.arithmetic, Modular):  # remainders have no order
            rest = [a for a in values.model.program.assumptions if not _is_equality(a)]
            open_ones = [a for a in rest if not _holds(values, a)]
        if not open_ones:
            return values
        for assumption in open_ones:
            stepped = _newton_step(values, assumption)
            if stepped is None:
                return None
            values = stepped
    return None


def _is_equality(assumption: Assumption) -> bool:
    return assumption.claim.relation == "==" and not isinstance(assumption.claim.left, Size)


def _holds(values: Values, assumption: Assumption) -> bool:
    return holds(assumption.claim, values.evaluate, tolerance(values.arithmetic))


def tolerance(arithmetic: Floating) -> float | Decimal:
    """How close to equal is equal, relative to the largest value: 20 of 50 digits may cancel."""
    match arithmetic:
        case Modular():
            return 0
        case HighPrecision(digits=digits):
            return Decimal(1).scaleb(20 - digits)
        case _:
            return 1e-10


def _newton_step(values: Values, assumption: Assumption) -> Values | None:
    """Move one entry of an input for each equation that does not hold."""
    with values.arithmetic.calculating():
        return _moved_to(values, assumption.claim)


def _moved_to(values: Values, claim: Compare) -> Values | None:
    letters = tuple(sorted(claim.free))
    gap = add(claim.left, neg(claim.right))
    residual = values.evaluate(gap, letters)
    if claim.relation != "==":
        if claim.relation not in AWAY:
            return None
        wrong = residual * AWAY[claim.relation] <= 0
        away = AWAY[claim.relation] * (0.25 + abs(residual) % 1)  # beyond the bound, elsewhere at each point
        residual = np.where(wrong, residual - away, 0 * residual)
    if (columns := orthonormal_form(claim)) and columns[0] in values.model.given:
        near = np.all(np.abs(residual) < 0.1)  # a wide matrix has no orthonormal columns
        return values.with_given(columns[0], polish(values.arrays[columns[0]], columns[1])) if near else None
    program = values.model.program
    for name in sorted(gap.names & set(program.inputs) - program.index_arrays, key=lambda n: -program.ranks[n]):
        axes = tuple(marked(a, 1 + k) for k, a in enumerate(program.axes(name)))
        slope = values.evaluate(Partial(gap, ref(name, axes)), letters + axes)
        moved = _move(np.array(values.arrays[name]), residual, slope, values.arithmetic)
        if moved is not None:
            return values.with_given(name, moved)
    return None


def _move(array: Array, residual: Array, slope: Array, arithmetic: Floating) -> Array | None:
    done = set()
    for place in np.ndindex(np.shape(residual)):
        if residual[place] == 0:
            continue
        entries = [entry for entry in np.ndindex(array.shape) if slope[place][entry] != 0]
        if not entries or not np.all(np.isfinite(np.asarray(slope[place], dtype=float))):
            return None
        if entries[-1] not in done:
            done.add(entries[-1])
            step = arithmetic.divide(residual[place], slope[place][entries[-1]])
            array[entries[-1]] = arithmetic.reduced(array[entries[-1]] - step)
    return array


def asks_of_shapes(model: Model) -> bool:
    """Whether a program has values where its matrices are wide, or tall: an inverse of A Aᵀ, orthonormal columns."""
    claims = (assumption.claim for assumption in model.program.assumptions)
    return bool(matrix_functions(model.expressions)) or any(map(orthonormal_form, claims))


def is_finite(array: Array) -> bool:
    """Whether all values are defined."""
    return bool(np.all(np.isfinite(np.asarray(array, dtype=np.float64))))


def find_domains(model: Model, wanted: Iterable[str], rng: np.random.Generator) -> Domains:
    """Which inputs must be positive, or lie between 0 and 1, between -1 and 1 or beyond 1, for all to be defined.

    As few as possible: a formula is judged on the whole of the domain. Raises EquationError where nothing will do.
    """
    wanted = list(wanted)
    drawn = [draw_sizes(model, rng, 20_000) for _ in range(6 if asks_of_shapes(model) else 1)]
    partly, most = None, 0  # where a point has to be drawn several times
    for domains in list_domains(model.program, rng):
        good = 0
        for sizes in drawn:  # A Aᵀ has an inverse where A is wide alone
            for _ in range(3):  # some only, as for log(h(X[i])) with an unknown h
                values = satisfy(Values(model, sizes, draw_given(model, sizes, rng, domains)))
                good += values is not None and is_defined(values, wanted)
            if good:
                break
        if good == 3:
            return domains
        if good > most:
            partly, most = domains, good
    if partly is not None:
        return partly
    what = "no values of the inputs were found at which the forward program and its gradients are defined"
    raise EquationError(what + tell_infinity(model.program))


def is_defined(values: Values, wanted: Iterable[str]) -> bool:
    """Whether the program and these gradients have values at a point, and keep their digits."""
    names = [*values.model.program.defined, *(f"d{name}" for name in wanted)]
    functions = matrix_functions(values.model.expressions)
    return all(is_finite(values[name]) for name in names) and well_conditioned(functions, values.evaluate)
