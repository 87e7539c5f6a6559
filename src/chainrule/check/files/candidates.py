"""What can be checked in a person's file, with inputs that it takes."""

from __future__ import annotations

import inspect
import itertools
import re
import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, partial
from types import ModuleType
from typing import Any

import numpy as np

from chainrule.check.files.configs import make_configs
from chainrule.check.files.declared import FEATURES, list_declared
from chainrule.check.files.fitting import fit_inputs
from chainrule.check.files.given import Given
from chainrule.check.files.inputs import (
    NUMBER,
    SCHEMES,
    draw_arguments,
    draw_inputs,
    draw_scalars,
    is_column,
    list_schemes,
    list_unknown,
    make_positive,
    randomize,
)
from chainrule.check.files.source.absent import Absent
from chainrule.check.files.used import list_uses
from chainrule.check.model.construction import Sampler, StandIn, construct, recall_arguments
from chainrule.check.model.failure import Failure, NoGradientError, call_theirs
from chainrule.check.model.literals import add_spelled, list_indices, read_source, read_with_helpers, takes_halves
from chainrule.check.model.names import CONTAINERS, LABELS, PARAMETERS, SETTINGS, find_labels
from chainrule.check.model.target import Target, generator, quiet
from chainrule.check.targets.kinds import Kind, Made, Namespace, find_in_file, find_kind, list_arguments
from chainrule.check.targets.pair import find_source
from chainrule.check.targets.pytorch.call import is_function, is_module_class
from chainrule.check.targets.pytorch.module import ModuleKind, leaves_autograd
from chainrule.check.targets.styles.class_pairs import list_functions
from chainrule.check.targets.styles.definite_inputs import DefiniteKind, find_definite
from chainrule.check.targets.styles.tensors.plain_functions import take_arrays
from chainrule.check.targets.styles.tensors.tensor_objects import take_arrays_too
from chainrule.check.trial.evidence import Evidence, weigh
from chainrule.check.trial.inputs import accepts, equalize, output_at
from chainrule.check.trial.sizes import stretch
from chainrule.errors import UserError

SAMPLES = 4
WIDTHS = (5, 7, 3)  # of layers
MOST_TRIED = 90  # ways of calling a thing
MOST_FAILED = 240  # as long as no backward runs
MOST_OFFERED = 400  # the same ways at further inputs among them, once one explains all but numbers
MOST_RETURNED = 3  # ways in which gradients come back in other shapes that are tried with those
MOST_FAILING = 12  # ways in which a backward fails that are looked at again where all sizes are equal
MOST_USED = 3  # calls of it in the file that are taken over
MOST_DECLARED = 8  # of them with the shapes that the file speaks of
INDICES = (Given((4,), 3), Given(value=1), Given((4, 3), 3), Given((2, 4), 3))  # places in a table, or one
SIDES = (28, 32)  # of the pictures that networks with sizes of their own are mostly made for
AS_ARRAY = r"\b{0}\.(?:sum|shape|T|dot|astype|copy|mean|ndim|max|min|reshape|diagonal|todense)\b|\b{0} @|@ {0}\b"
HELD = 11  # a stream of random numbers of its own
COMPUTED = re.compile(
    r"\bif (\w*scale) is None(?: else|:\s+\1\s*=)"
)  # what is not given: `d**-0.5 if scale is None else scale`
SMALL = 1e-6  # a step within which what is rounded to whole numbers mostly stays as it is
FOR_NUMBERS = re.compile(r"truth value of an array|0-dimensional arrays|size-1 arrays|length-1 arrays")
MODULE = ModuleKind()
Maker = Callable[[Mapping[str, Given], int], Made]


class Try(tuple[Target, dict[str, Any]]):
    """A way of calling a thing, a target and its inputs, with what comes of it: looked at once, when it is asked."""

    @cached_property
    def Y(self) -> Any:
        """The output, None where there is none."""
        return output_at(*self)

    @cached_property
    def evidence(self) -> Evidence:
        """What speaks for it."""
        return weigh(*self)


def list_candidates(
    module: ModuleType, wanted: str = "", told: frozenset[str] = frozenset()
) -> Iterator[tuple[str, Maker]]:
    """Yield what the file itself defines and can be checked, by name, in the file's order, with what makes a target.

    Modules of PyTorch's that are `told` are checked too, one that a variable holds among them.
    """
    held = {n: v for n, v in vars(module).items() if not isinstance(v, Absent)}
    own = {n: v for n, v in held.items() if getattr(v, "__module__", "") == module.__name__ and callable(v)}
    own |= {n: v for n, v in held.items() if n in told and hasattr(v, "forward") and not inspect.isclass(v)}
    own |= {n: v for n, v in held.items() if type(v).__name__ == "CustomOpDef"}  # which no module owns
    own = {n: take_arrays_too(v) for n, v in take_arrays(own).items()} if _uses_torch(module) else own
    found = set[str]()
    for name, kind, thing in find_in_file(Namespace(own, vars(module), wanted, told)):
        found.add(name)
        yield name, _prepare(name, kind, thing, module)
    bases = {base for value in own.values() if inspect.isclass(value) for base in value.__mro__[1:]}  # checked within
    for owner in [
        name for name, value in own.items() if name not in found and not any(value is base for base in bases)
    ]:
        functions = list_functions(own[owner])
        for name, kind, thing in find_in_file(Namespace(functions, {**vars(module), **functions}, wanted, told)):
            yield f"{owner}.{name}", _prepare(name, kind, thing, module)


def _uses_torch(module: ModuleType) -> bool:
    return any(isinstance(value, ModuleType) and value.__name__ == "torch" for value in vars(module).values())


def _prepare(name: str, kind: Kind, thing: Any, module: ModuleType) -> Maker:
    def make(given: Mapping[str, Given], seed: int) -> Made:
        tries = itertools.chain(_try(name, kind, thing, given, seed), _list_uses(thing, module, given, seed))
        with quiet():
            target, inputs = _choose(tries, name, kind, thing)
        made_elsewhere = kind.is_class and not inspect.isclass(thing)  # of layers of a library's
        return (replace(target, source=find_source(module)) if made_elsewhere else target), inputs

    return make


def _list_uses(thing: Any, module: ModuleType, given: Mapping[str, Given], seed: int) -> Iterator[Try]:
    """Yield a Function as the file's own modules call it, in which some inputs may need no gradient."""
    if not is_function(thing):
        return
    for name, kind in list(vars(module).items()):
        if is_module_class(kind) and kind.__module__ == module.__name__ and leaves_autograd(kind, (thing.__name__,)):
            made = call_theirs(
                lambda name=name, kind=kind: _choose(_try(name, MODULE, kind, given, seed), name, MODULE, kind)  # type: ignore[misc]
            )
            if not isinstance(made, Failure):
                parts = made[0].extras.parts(made[1])
                yield from (Try((part.target, part.inputs)) for part in parts if part.target.name == thing.__name__)


def _try(name: str, kind: Kind, thing: Any, given: Mapping[str, Given], seed: int) -> Iterator[Try]:
    """Yield targets with inputs that may suit, of a thing or of objects of a class; at last, of sizes that it fixes.

    Those come first where an object needs nothing to be made of.
    """
    has_objects = kind.is_class and inspect.isclass(thing)
    is_whole = has_objects and not any(default is ... for default in list_arguments(thing).values())
    for is_fixed in (is_whole, not is_whole) if kind.is_class else (False,):
        for each in _construct(thing, name, given) if has_objects else (thing,):
            own = (find_kind(each) if kind.is_class else None) or kind
            definite = find_definite(own.find_forward(each), list(own.list_arguments(each)), _describe_class(each))
            for sized in _fit_first_input(own, each, given, seed) if is_fixed else (given,):
                if definite:
                    yield from _offer(DefiniteKind(own, definite), each, name, sized, seed)
                yield from _offer(own, each, name, sized, seed)


def _offer(kind: Kind, thing: Any, name: str, given: Mapping[str, Given], seed: int) -> Iterator[Try]:
    arguments = add_spelled(kind.list_arguments(thing), kind.find_forward(thing))
    made: list[Try] = []
    offered = set[tuple[Any, ...]]()
    for inputs in _list_inputs(arguments, kind, thing, name, given, seed, made):
        numbers = _list_numbers(inputs)
        if numbers in offered:
            continue
        offered.add(numbers)
        for labels in _list_readings(kind, thing, inputs, name, find_labels(list(arguments))):
            for target, every in kind.make_all(thing, inputs, name, labels):
                if kind.starts_constant:
                    every |= randomize({n: a for n, a in every.items() if n not in inputs}, seed)
                made.append(Try((target, every)))
                yield made[-1]


def _list_numbers(inputs: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return what tells inputs from others: the numbers in arrays, and what else says of itself."""
    arrays = {n: a for n, a in inputs.items() if isinstance(a, np.ndarray) and a.dtype.kind != "O"}
    return tuple(
        (n, a.shape, a.dtype.str, a.tobytes()) if (a := arrays.get(n)) is not None else (n, repr(v))
        for n, v in inputs.items()
    )


def _list_inputs(
    arguments: Mapping[str, Any], kind: Kind, thing: Any, name: str, given: Mapping[str, Given], seed: int,
    made: list[Try],
) -> Iterator[dict[str, Any]]:  # fmt: skip
    """Yield inputs as the file itself gives them, and by names; where nothing `made` of them is understood, others.

    Those are what the file speaks of, and at last what the forward asks for by what it says of others. The file's own
    come last too where two of their axes are equal, which would hide one taken for the other.
    """
    used = list(_list_used(arguments, kind, thing, name, given))
    for each in used:
        if _differ(each, kind.square):
            yield from itertools.islice(draw_inputs(arguments, each, seed), 1)
    declared = list(_list_declared(arguments, kind, thing, given))
    needed = {n for n, default in arguments.items() if default is ...} - LABELS - SETTINGS.keys()
    for each in declared:
        if needed and needed <= each.keys() and _differ(each, kind.square):  # all is said
            yield from itertools.islice(draw_inputs(arguments, each, seed), MOST_DECLARED)
    if numbers := kind.guess_scalars(thing):
        yield from draw_inputs({**arguments, **numbers}, given, seed)
    drawn, odd = dict[str, Any](), list[dict[str, Any]]()
    halves = takes_halves(kind.find_forward(thing))
    for inputs in draw_inputs(arguments, given, seed):
        drawn = drawn or inputs
        if halves and _is_odd(inputs):
            odd.append(inputs)
        else:
            yield inputs
    yield from odd
    is_understood = any(each.Y is not None and _is_understood(each) for each in made)
    if drawn and not is_understood:
        yield from (
            d for u in used if not _differ(u, kind.square) for d in itertools.islice(draw_inputs(arguments, u, seed), 1)
        )
        yield from _list_further(arguments, kind, thing, name, given, seed, made, drawn, declared)


def _list_further(
    arguments: Mapping[str, Any], kind: Kind, thing: Any, name: str, given: Mapping[str, Given], seed: int,
    made: list[Try], drawn: dict[str, Any], declared: Sequence[Mapping[str, Given]],
) -> Iterator[dict[str, Any]]:  # fmt: skip
    """Yield inputs other than those `drawn` by names: declared shapes, shapes that the forward asks for, places."""
    for each in declared:
        for inputs in itertools.islice(draw_inputs(arguments, each, seed), MOST_DECLARED):
            yield from (inputs, make_positive(inputs, given))
    yield from _shape_as_returned(list(made), drawn.keys() - given.keys(), drawn)
    has_own = any(every.keys() - drawn.keys() for _, every in made)  # parameters of an object, which have their sizes
    if has_own and any(each.Y is not None for each in made):
        return

    if made and FOR_NUMBERS.search(_ask_why(*made[0])):
        yield draw_scalars(drawn, given, seed)
    yield from _fit(arguments, kind, thing, name, given, seed, drawn)
    text = _read_whole(kind, thing)
    indices = list_indices(text, [n for n in arguments if n not in given])
    asked = {n: set(re.findall(rf"\b{n}\.(\w+)\(\)", text)) - set(dir(np.ndarray)) for n in arguments if n not in given}
    given = {**{n: Given(array=Sampler(methods)) for n, methods in asked.items() if methods}, **given}
    for places in INDICES if indices else ():
        known: dict[str, Given] = {**dict.fromkeys(indices, places), **given}
        for held in (*declared, {}):
            yield from itertools.islice(draw_inputs(arguments, {**held, **known}, seed), MOST_DECLARED)
        if first := next(draw_inputs(arguments, known, seed), None):
            yield from _fit(arguments, kind, thing, name, known, seed, first)


def _fit(
    arguments: Mapping[str, Any], kind: Kind, thing: Any, name: str, given: Mapping[str, Given], seed: int,
    drawn: dict[str, Any],
) -> Iterator[dict[str, Any]]:  # fmt: skip
    """Yield inputs in shapes that the forward asks for, where what backward returns has these too."""

    def run(inputs: Mapping[str, Any]) -> Any:
        if refusal := kind.find_refusal(thing, dict(inputs)):
            return refusal
        made = call_theirs(lambda: kind.make(thing, dict(inputs), name))
        return made if isinstance(made, Failure) else call_theirs(lambda: made[0].run(made[1]))

    fixed = {*given, *(each for each, default in arguments.items() if default is not ...)}
    fitted = fit_inputs(drawn, fixed, run, seed)
    for inputs in (each for fit in fitted for each in (fit, make_positive(fit, given))):
        readings = _list_readings(kind, thing, inputs, name, find_labels(list(arguments)))
        if any(weigh(*each).fits for labels in readings for each in kind.make_all(thing, inputs, name, labels)):
            yield inputs


def _read_whole(kind: Kind, thing: Any) -> str:
    """Return the text of a forward with that of what it calls, or of the class whose method it is."""
    is_theirs = type(thing).__module__.partition(".")[0] not in ("builtins", "chainrule")
    return (read_source(type(thing)) if is_theirs else "") or read_with_helpers(kind.find_forward(thing))


def _may_be_meant(found: tuple[int, ...], own: tuple[int, ...], output: tuple[int, ...]) -> bool:
    """Tell whether the shape of a gradient may be that of its input: as long, or that of an output with more axes."""
    is_spread = any(there != here == 1 for there, here in zip(found, own, strict=False))  # a sum is forgotten
    return found == output if len(found) != len(own) else not is_spread


def _shape_as_returned(
    made: Sequence[Try], names: Collection[str], drawn: Mapping[str, Any]
) -> Iterator[dict[str, Any]]:
    """Yield inputs in the shapes in which their gradients come back: `x[..., 0], x[..., 1]` reads two columns.

    What was spread to all axes of the output has these itself. Only inputs `names` may have other shapes.
    """
    for each in made[:MOST_RETURNED]:
        (_, inputs), evidence = each, each.evidence
        if evidence.runs and not evidence.has_form and not evidence.is_unsummed and evidence.point:
            found, rng, Y = evidence.point.found, generator(0, 1), evidence.point.truth.Y
            shapes = {n: np.shape(found[n]) for n in inputs if n in found and n in names}
            kept = {n: s for n, s in shapes.items() if _may_be_meant(s, np.shape(inputs[n]), Y.shape)}
            changed = {n: rng.normal(0.2, 1.0, s) for n, s in kept.items() if s != np.shape(inputs[n])}
            if changed:
                yield {n: changed.get(n, inputs[n]) for n in drawn}


def _list_declared(
    arguments: Mapping[str, Any], kind: Kind, thing: Any, given: Mapping[str, Given]
) -> Iterator[Mapping[str, Given]]:
    """Yield what is given, with shapes that the text of a forward, or of its class, says of other arguments."""
    made_with = call_theirs(lambda: recall_arguments(thing))
    known = {n: value for n, value in arguments.items() if type(value) is int}
    known |= {} if isinstance(made_with, Failure) else made_with
    forward = kind.find_forward(thing)
    yield from list_declared(forward, list(arguments), given, made_with=known, besides=_describe_class(thing))


def _describe_class(thing: Any) -> str:
    """Return what a class, or that of an object, says of itself."""
    owner = thing if inspect.isclass(thing) else type(thing)
    return "" if owner.__module__ == "builtins" or inspect.isfunction(thing) else inspect.getdoc(owner) or ""


def _list_used(
    arguments: Mapping[str, Any], kind: Kind, thing: Any, name: str, given: Mapping[str, Given]
) -> Iterator[Mapping[str, Given]]:
    """Yield what the file itself calls a function with, and what is given."""
    function = kind.find_forward(thing)
    source = None if kind.is_class else find_source(thing if is_function(thing) else function)
    if source is not None:
        called = {name, getattr(function, "__name__", name), getattr(thing, "__name__", name)} - {"forward"}
        for used in itertools.islice(list_uses(source.text, called, list(arguments)), MOST_USED):
            yield {**used, **given}


def _differ(given: Mapping[str, Given], square: Collection[str]) -> bool:
    """Tell whether no array has two axes of one size, but for square ones, and none a single entry along its first."""
    shapes = [each.shape[len(each.shape) // 2 if name in square else 0 :] for name, each in given.items() if each.shape]
    return all(len(set(shape)) == len(shape) and shape[0] > 1 for shape in shapes)


def _is_odd(inputs: Mapping[str, Any]) -> bool:
    """Tell whether the last axis of the first array has no two halves."""
    shape = next((np.shape(a) for a in inputs.values() if np.ndim(a)), ())
    return bool(shape and shape[-1] % 2)


def _is_understood(tried: Try) -> bool:
    """Tell whether a way of calling explains the shapes that come back, if only with sums that were forgotten."""
    (_, inputs), evidence = tried, tried.evidence
    return not is_column(inputs) and ((evidence.fits and not _is_doubtful(evidence, inputs)) or evidence.is_unsummed)


def _is_doubtful(evidence: Evidence, inputs: Mapping[str, Any]) -> bool:
    """Tell whether nothing is right of vectors, which fit where matrices are meant: `U @ V.T` is a number then."""
    arrays = [a for a in inputs.values() if isinstance(a, np.ndarray)]
    return len(arrays) > 2 and all(a.ndim < 2 for a in arrays) and not evidence.right


def _is_settled(evidence: Evidence, inputs: Mapping[str, Any], others: Mapping[str, Any]) -> bool:
    """Tell whether a way explains the backward but for its numbers, so that inputs of other shapes are not asked."""
    has_matrix = any(np.ndim(a) > 1 for a in others.values())
    return evidence.fits and not (has_matrix and _is_doubtful(evidence, inputs))


def _holds_places(inputs: Mapping[str, Any]) -> bool:
    """Tell whether the first input is whole numbers, as places in a table are."""
    return getattr(next(iter(inputs.values()), None), "dtype", np.dtype(float)).kind in "iu"


def _is_smooth(target: Target, inputs: dict[str, Any]) -> bool:
    """Tell whether the output moves with the first input, of real numbers, however little that moves."""
    (name, X), *_ = inputs.items()
    if not isinstance(X, np.ndarray) or X.dtype.kind != "f":
        return False
    here, beside = output_at(target, inputs), output_at(target, {**inputs, name: X + SMALL})
    return here is not None and beside is not None and not np.array_equal(here, beside)


def _list_readings(kind: Kind, thing: Any, inputs: dict[str, Any], name: str, labels: str) -> tuple[str, ...]:
    """Return what the second input may be: the labels of a loss, or, of what is not one number, an input as others."""
    if not labels:
        return ("",)
    if kind.find_refusal(thing, inputs):
        return (labels,)
    made = call_theirs(lambda: kind.make(thing, inputs, name, labels))
    Y = None if isinstance(made, Failure) else output_at(*made)
    return (labels,) if Y is None or Y.ndim == 0 else ("", labels)


def _fit_first_input(kind: Kind, thing: Any, given: Mapping[str, Given], seed: int) -> Iterator[Mapping[str, Given]]:
    """Yield shapes of the first input that fit an object's first weight, where it fixes the sizes itself."""
    arguments = kind.list_arguments(thing)
    inputs = next(draw_inputs(arguments, given, seed), {})
    first = next(iter(arguments), "")
    if first in given or not first:
        return
    if list_indices(_read_whole(kind, thing), [first]):
        yield from ({**given, first: each} for each in INDICES if each.shape)
    made = call_theirs(lambda: kind.make(thing, inputs, labels=find_labels(list(arguments))))
    every = {} if isinstance(made, Failure) else made[1]
    weights = (a for n, a in every.items() if n not in inputs and np.ndim(a) in (1, 2, 4))
    for weight in itertools.islice(weights, 1):
        flat = [shape for size in reversed(weight.shape) for shape in ((SAMPLES, size), (2, SAMPLES - 1, size))]
        pictures = [(2, weight.shape[1], side, side) for side in SIDES] if weight.ndim == 4 else []
        for shape in pictures if weight.ndim == 4 else flat:
            if label := next((n for n in arguments if n.lower() in LABELS and n not in given), ""):
                yield {**given, first: Given(shape), label: Given(shape[:1], _count_classes(every, inputs))}
            yield {**given, first: Given(shape)}


def _count_classes(every: Mapping[str, Any], inputs: Mapping[str, Any]) -> int:
    """Return how many outputs an object seems to have: the length of its last bias, or a side of its last weight."""
    own = [a for n, a in every.items() if n not in inputs and np.ndim(a)]
    return max(2, own[-1].size if max(own[-1].shape) == own[-1].size else min(own[-1].shape)) if own else 2


def _list_drawn(kind: Any, arguments: Mapping[str, Any], given: Mapping[str, Given]) -> Iterator[dict[str, Any]]:
    """Yield arguments for a constructor: by what the file says of them, by their names, and layers for a container."""
    unclear = {name for name in arguments if name.lower() not in PARAMETERS} - given.keys()
    declared = (d for d in list_declared(kind.__init__, list(arguments), given, FEATURES) if unclear & d.keys())
    kept = ({**given, **arrays} for arrays in _list_arrays_held(kind, unclear))
    said = itertools.product(itertools.chain(declared, kept), SCHEMES[:1], (False,), (False,))
    ways = itertools.product((given,), list_schemes(given), (False, True), (False, True))
    for known, scheme, listed, alike in itertools.chain(said, ways):
        draw = partial(draw_arguments, given=known, scheme=scheme, listed=listed, alike=alike)
        yield draw(arguments) | make_configs(kind, arguments, draw)
    if held := {name: [StandIn(1.3), StandIn(0.6)] for name in arguments if name.lower() in CONTAINERS}:
        drawn = draw_arguments(arguments, given, SCHEMES[0], listed=False)
        yield drawn | held
        yield drawn | {name: list(WIDTHS) for name in held}  # of as many units each


def _list_arrays_held(kind: Any, names: Collection[str]) -> Iterator[dict[str, Given]]:
    """Yield arrays for what a constructor takes for one by its text, `A.sum(1)` or `A @ W`: square ones first."""
    text = read_source(kind.__init__)
    used = [n for n in names if re.search(AS_ARRAY.format(re.escape(n)), text)]
    for shape in ((SAMPLES, SAMPLES), SCHEMES[0]["x"]) if used else ():
        rng = generator(0, HELD)
        yield {name: Given(shape, array=rng.uniform(0.1, 1.0, shape)) for name in used}


def _construct(kind: Any, name: str, given: Mapping[str, Given]) -> Iterator[Any]:
    """Yield objects of a class, made with sizes of each scheme; raise UserError where none can be made."""
    arguments, refusals, count, seen = list_arguments(kind), list[Failure](), 0, set[str]()
    for drawn in _list_drawn(kind, arguments, given):
        if (made_of := str({n: getattr(value, "shape", value) for n, value in drawn.items()})) in seen:
            continue
        seen.add(made_of)
        instance = call_theirs(lambda drawn=drawn: construct(kind, drawn))  # type: ignore[misc]
        if isinstance(instance, Failure):
            refusals.append(instance)
            continue
        count += 1
        yield instance
    held = [value for value in vars(sys.modules.get(kind.__module__)).values() if type(value) is kind]
    yield from held  # those that the file itself makes
    if not count and not held:
        wanted = ", ".join(n for n, default in arguments.items() if default is ...)
        raise UserError(
            f"{name}: no arguments were found with which it can be made ({wanted}): "
            f"{refusals[0].describe(find_source(kind))}; give them with --input NAME=value:5 or NAME=8x5"
        )


def _choose(tries: Iterator[Try], name: str, kind: Kind, thing: Any) -> Made:
    """Return the way of calling a thing that explains it best; raise UserError, with what the first try met, for none.

    Where the first way that suits the forward explains the backward but for its numbers, other ways are asked at the
    same inputs alone: numbers are the person's.
    """
    refusal, best, seen, failing = "", None, set[tuple[Any, ...]](), list[Made]()
    computed = set(COMPUTED.findall(_read_whole(kind, thing)))
    for count, tried in enumerate(tries):
        target, inputs = tried
        if best and best[1].fits and count > MOST_OFFERED:
            break
        if best and len(seen) > (MOST_TRIED if best[1].runs else MOST_FAILED):
            break
        if best and best[1].is_unsummed and not is_column(best[0][1]):
            break
        if best and _is_settled(best[1], best[0][1], inputs) and not _are_same(inputs, best[0][1]):
            continue
        if best and best[1].explains_rows and is_column(inputs):
            continue  # rows of one entry hide what is wrong along a row
        if best and best[1].runs and _holds_places(inputs) and _is_smooth(*best[0]):
            continue  # of whole numbers no gradient is asked for, but here they are no places in a table
        if best and any(v is None and best[0][1].get(n) is not None and n not in computed for n, v in inputs.items()):
            continue  # a parameter that it does without is compared all the same
        shapes = ((n, np.shape(v), _describe_range(v)) for n, v in inputs.items() if hasattr(v, "shape"))
        way = (target.called, target.loss, *sorted(target.numbers.items()), *shapes)
        if best and way in seen:
            continue  # it would say the same once more
        seen.add(way)
        if not _suits(tried, kind):
            refusal = refusal or _ask_why(target, inputs)
            continue
        evidence = tried.evidence
        failing += [(target, inputs)] if not evidence.runs and len(failing) < MOST_FAILING else []
        if evidence.settles:
            return _tell_numbers(target, _lengthen(target, inputs), kind, thing)
        is_first_to_run = best is not None and not best[1].runs and bool(evidence.right)
        if best is None or is_first_to_run or (evidence.fits and evidence.weight > best[1].weight):
            best = (target, inputs), evidence
    unknown = list_unknown(kind.list_arguments(thing))
    if best and not best[1].runs and unknown:
        if square := next((each for each in failing if _is_wrong_in_squares(*each)), None):
            return _tell_numbers(*square, kind, thing)
        failure = call_theirs(lambda: best[0][0].gradients(*_ones(*best[0])))
        said = f": {failure.describe(best[0][0].source)}" if isinstance(failure, Failure) else ""
        raise UserError(
            f"{name}: no shapes of {', '.join(unknown)} were found with which its backward runs{said}; give them "
            f"with {' '.join(f'--input {each}=4x5' for each in unknown)}"
        )
    if best and not best[1].runs and not best[1].has_form and (said := _say_of_call(*best[0])):
        raise UserError(f"{name}: no way was found in which its backward may be called: {said}; say it with --call")
    if best:
        return _tell_numbers(*best[0], kind, thing)
    if said := kind.refuse(thing, name):
        raise UserError(said)
    wanted = ", ".join(name for name in list_arguments(kind.find_forward(thing)) if name not in ("self", "ctx"))
    if "which is not there" in refusal:
        raise UserError(
            f"{kind.call_it(thing, name)}: its forward cannot run here{refusal}; write it in operations that run "
            "without that, beside it, to have its backward checked"
        )
    raise UserError(
        f"{kind.call_it(thing, name)}: no inputs were found that it takes (arguments: {wanted or 'none'}){refusal}; "
        "give them with --input NAME=8x5"
    )


def _lengthen(target: Target, inputs: dict[str, Any]) -> dict[str, Any]:
    """Return the inputs with a longer sequence where that of the first has one place, which hides how places meet."""
    (name, X), *_ = inputs.items()
    if np.ndim(X) < 3 or not is_column(inputs):
        return inputs
    longer = {**inputs, name: stretch(X, {X.ndim - 1: SAMPLES + 2}, generator(0, HELD))}
    return longer if weigh(target, longer).has_form else inputs


def _describe_range(array: Any) -> tuple[bool, bool, int]:
    """Return whether no entry is negative, or 0, and the largest of whole numbers: classes or places."""
    values = np.asarray(array)
    largest = int(values.max(initial=0)) if values.dtype.kind in "iu" else 0
    least = values.min() if values.size else 1
    return bool(least >= 0), bool(least > 0), largest


def _is_wrong_in_squares(target: Target, inputs: dict[str, Any]) -> bool:
    """Tell whether a backward that fails runs where all sizes are equal, and is wrong even there."""
    square = equalize(target, inputs)
    evidence = weigh(target, square) if square else None
    return evidence is not None and evidence.runs and not evidence.settles


def _tell_numbers(target: Target, inputs: dict[str, Any], kind: Kind, thing: Any) -> Made:
    """Return the target with a word on inputs that were taken for numbers though their names do not say so."""
    required = [name for name, default in kind.list_arguments(thing).items() if default is ...]
    numbers = [
        name
        for name in required
        if isinstance(inputs.get(name), float) and inputs[name] == NUMBER and name.lower() not in SETTINGS
    ]
    told = [f"{name} was taken for a number; if it is an array, give --input {name}=4x5" for name in numbers]
    return replace(target, called="; ".join(filter(None, (target.called, *told)))), inputs


def _say_of_call(target: Target, inputs: dict[str, Any]) -> str:
    """Return how a backward fails where that is of its call: how many arguments, or what one unknown is."""
    failure = call_theirs(lambda: target.gradients(*_ones(target, inputs)))
    if not isinstance(failure, Failure):
        return ""
    is_guess = target.is_guess and isinstance(failure.error, TypeError | AttributeError)
    return failure.describe(target.source) if is_guess or failure.is_of_arguments else ""


def _ones(target: Target, inputs: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    return np.ones(target.run(inputs).shape), inputs


def _are_same(a: Mapping[str, Any], b: Mapping[str, Any]) -> bool:
    return a.keys() == b.keys() and all(np.shape(a[name]) == np.shape(b[name]) for name in a)


def _ask_why(target: Target, inputs: dict[str, Any]) -> str:
    """Return what a forward says to inputs that it does not take; raise NoGradientError where it has no gradient."""
    Y = call_theirs(lambda: target.run(inputs))
    if isinstance(Y, Failure):
        if isinstance(Y.error, NoGradientError):
            raise Y.error
        return f": {Y.describe(target.source)}"
    return ": it returns None" if Y.dtype == object and Y.ndim == 0 and Y[()] is None else ""


def _suits(tried: Try, kind: Kind) -> bool:
    """Tell whether the forward takes these inputs, and by more than luck: where signs differ, with the others too."""
    target, inputs = tried
    Y = tried.Y if inputs else None
    if Y is None or not kind.fits(Y):
        return False
    name, X = next(iter(inputs.items()))
    return bool(np.all(X >= 0)) or accepts(target, {**inputs, name: -X})
