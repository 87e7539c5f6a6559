"""Mistakes planted in gradients in matrix notation, each judged by plain NumPy besides.

    python -m tests.derive.notation.planted 300 7      300 mistakes, drawn with the seed 7

Columns are arrays of shape (n, 1), numbers of (1, 1), and a product is `@`: what does not fit there is wrong.
"""

import random
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from chainrule.derive import EquationError, derive, prove
from chainrule.derive.language.expressions import Add, Call, Div, Expr, Neg, Num, Ref, add, neg, num
from chainrule.derive.language.occurrences import Occurrence, occurrences
from chainrule.derive.notation.grammar import Grammar
from chainrule.derive.notation.nodes import Ones, Product, Raised, show_matrices
from chainrule.derive.notation.tokens import cut
from chainrule.derive.reading.matrices import Hadamard, Transposed

# forward, shapes, and its gradients as a person writes them
PROGRAMS: list[tuple[str, dict[str, tuple[int, ...]], dict[str, str]]] = [
    ("Y = X W + 1 bᵀ", {"X": (4, 3), "W": (3, 5), "b": (5, 1)}, {"X": "dY Wᵀ", "W": "Xᵀ dY", "b": "dYᵀ 1"}),
    ("Y = X Wᵀ", {"X": (4, 3), "W": (5, 3)}, {"X": "dY W", "W": "dYᵀ X"}),
    (
        "L = ‖X w - y‖²", {"X": (4, 3), "w": (3, 1), "y": (4, 1)},
        {"w": "2 Xᵀ (X w - y)", "X": "2 (X w - y) wᵀ", "y": "2 (y - X w)"},
    ),
    ("L = xᵀ A x", {"x": (3, 1), "A": (3, 3)}, {"x": "A x + Aᵀ x", "A": "x xᵀ"}),
    ("L = aᵀ X⁻¹ b", {"a": (3, 1), "X": (3, 3), "b": (3, 1)}, {"X": "-X⁻ᵀ a bᵀ X⁻ᵀ", "a": "X⁻¹ b", "b": "X⁻ᵀ a"}),
    ("Y = A X B", {"A": (4, 3), "X": (3, 5), "B": (5, 2)}, {"A": "dY Bᵀ Xᵀ", "X": "Aᵀ dY Bᵀ", "B": "Xᵀ Aᵀ dY"}),
    ("Y = sigmoid(X W)", {"X": (4, 3), "W": (3, 5)}, {"W": "Xᵀ (dY ∘ Y ∘ (1 - Y))", "X": "(dY ∘ Y ∘ (1 - Y)) Wᵀ"}),
    ("L = ‖A - U Vᵀ‖_F²", {"A": (4, 5), "U": (4, 2), "V": (5, 2)}, {"U": "-2 (A - U Vᵀ) V", "V": "-2 (A - U Vᵀ)ᵀ U"}),
    ("L = tr(A X B)", {"A": (3, 4), "X": (4, 5), "B": (5, 3)}, {"X": "Aᵀ Bᵀ", "A": "Bᵀ Xᵀ"}),
    ("Y = X X", {"X": (3, 3)}, {"X": "dY Xᵀ + Xᵀ dY"}),
]  # fmt: skip


@dataclass
class Outcome:
    """What became of one planted line."""

    text: str
    equal: bool
    passed: bool
    repaired: bool | None
    seconds: float


def value(expr: Expr, arrays: dict[str, np.ndarray]) -> np.ndarray | None:
    """The value by plain NumPy; None where parts do not fit."""
    match expr:
        case Num(number):
            return np.full((1, 1), float(number))
        case Ref(name):
            return arrays[name]
        case Transposed(argument):
            inner = None if isinstance(argument, Ones) else value(argument, arrays)
            return None if inner is None else inner.T
        case Neg(argument):
            inner = value(argument, arrays)
            return None if inner is None else -inner
        case Add(terms):
            return _fold([value(term, arrays) for term in terms], np.add)
        case Hadamard(left, right):
            return _fold([value(left, arrays), value(right, arrays)], np.multiply)
        case Product(factors):
            return _product(factors, arrays)
        case Raised(base, Num(number), _):
            inner = value(base, arrays)
            return None if inner is None or inner.shape != (1, 1) else inner ** float(number)
        case Div(above, below):
            return _fold([value(above, arrays), value(below, arrays)], np.divide)
        case Call("inv", (argument,)):
            inner = value(argument, arrays)
            return None if inner is None or inner.shape[0] != inner.shape[1] else np.linalg.inv(inner)
    raise TypeError(type(expr).__name__)


def _fold(parts: list[np.ndarray | None], operation: np.ufunc) -> np.ndarray | None:
    total = parts[0]
    for part in parts[1:]:
        if total is None or part is None or (total.shape != part.shape and (1, 1) not in (total.shape, part.shape)):
            return None
        total = operation(total, part)
    return total


def _product(factors: tuple[Expr, ...], arrays: dict[str, np.ndarray]) -> np.ndarray | None:
    """From left to right; a vector of ones is as long as it has to be."""
    total: np.ndarray | None = None
    row_of_ones = False
    for factor in factors:
        one = factor == num(1) or isinstance(factor, Ones)
        if factor == Transposed(num(1)) or factor == Transposed(Ones()):
            row_of_ones = True
            continue
        part = np.ones((total.shape[1] if total is not None else 1, 1)) if one else value(factor, arrays)
        if part is None:
            return None
        if row_of_ones:
            part, row_of_ones = np.ones((1, part.shape[0])) @ part, False
        if total is None:
            total = part
        elif (1, 1) in (total.shape, part.shape):
            total = total * part
        elif total.shape[1] == part.shape[0]:
            total = total @ part
        else:
            return None
    return total


def mistakes(expr: Expr, names: list[str], rng: random.Random) -> Iterator[Expr]:
    """Endless changes of an expression."""
    places = list(occurrences(expr))
    while True:
        place = rng.choice(places)
        changed = _changed(place, names, rng)
        if changed is not None:
            yield place.put(changed)


def _changed(place: Occurrence, names: list[str], rng: random.Random) -> Expr | None:
    node = place.node
    ways: list[Expr] = []
    if not isinstance(node, Num):
        ways += [node.argument if isinstance(node, Transposed) else Transposed(node), neg(node)]
        if place.is_root:
            ways.append(Product((num(2), node)))
    if isinstance(node, Num) and place.parent is not None:
        ways.append(num(node.value + 1))
    if isinstance(node, Ref):
        ways += [Ref(name) for name in names if name != node.name]
    if isinstance(node, Product):
        k = rng.randrange(len(node.factors) - 1)
        swapped = [*node.factors]
        swapped[k : k + 2] = swapped[k + 1], swapped[k]
        dropped = node.factors[:k] + node.factors[k + 1 :]
        ways += [Product(tuple(swapped)), dropped[0] if len(dropped) == 1 else Product(dropped)]
        if len(node.factors) == 2:
            ways.append(Hadamard(*node.factors))
    if isinstance(node, Hadamard):
        ways += [node.left, node.right, Product((node.left, node.right))]
    if isinstance(node, Add):
        k = rng.randrange(len(node.terms))
        ways += [
            add(*node.terms[:k], *node.terms[k + 1 :]),
            add(*node.terms[:k], neg(node.terms[k]), *node.terms[k + 1 :]),
        ]
    if isinstance(node, Call) and node.function == "inv":
        ways.append(node.arguments[0])
    return rng.choice(ways) if ways else None


def plant(count: int, seed: int, repairs: bool = True) -> Iterator[Outcome]:
    """Plant mistakes, two for each gradient in turn."""
    rng = random.Random(seed)
    done = 0
    while done < count:
        for forward, shapes, gradients in PROGRAMS:
            arrays, truths = _point(forward, shapes, seed)
            for name, text in gradients.items():
                if done >= count:
                    return
                right = Grammar(cut(text, 1, set(arrays)), 1, text, set(arrays)).whole()
                assert np.allclose(value(right, arrays), truths[name]), (forward, name)  # type: ignore[arg-type]
                wrong = next(mistakes(right, [n for n in arrays if not n.startswith("dL")], rng))
                if outcome := _judge(forward, name, wrong, arrays, truths[name], repairs):
                    done += 1
                    yield outcome


def _point(
    forward: str, shapes: dict[str, tuple[int, ...]], seed: int
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Values of all names, as matrices, and the true gradients, from derived code that is held to PyTorch elsewhere."""
    draw = np.random.default_rng(seed)
    arrays = {name: draw.standard_normal(shape) for name, shape in shapes.items()}
    flat = {name: array[:, 0] if name.islower() else array for name, array in arrays.items()}
    gradients = derive(forward)
    output = gradients.program.output
    computed = gradients.functions[0](*(flat[name] for name in gradients.program.inputs))[output]
    cotangent = draw.standard_normal(np.shape(computed)) if np.ndim(computed) else np.float64(1)
    found = gradients.evaluate(flat, cotangent)
    if np.ndim(computed):
        arrays |= {output: computed, f"d{output}": cotangent}
    return arrays, {name: np.reshape(found[name], shapes[name]) for name in shapes}


def _judge(
    forward: str, name: str, wrong: Expr, arrays: dict[str, np.ndarray], truth: np.ndarray, repairs: bool
) -> Outcome | None:
    """The verdict on a line; None where it is no line that both can read."""
    found = value(wrong, arrays)
    if found is not None and truth.shape[1] == 1 and found.shape[0] == 1:
        found = found.T  # the gradient of a vector may be written as a row, as in 1ᵀ dY
    equal = found is not None and found.shape == truth.shape and np.allclose(found, truth, rtol=1e-9, atol=1e-9)
    line = show_matrices(wrong)
    text = f"forward\n    {forward}\ngradient d{name}\n    = {line}\n"
    start = time.monotonic()
    try:
        verdict = prove(text, repairs and not equal)
    except EquationError:
        return None
    seconds = time.monotonic() - start
    repaired = None
    if repairs and not verdict.ok:
        repaired = bool(verdict.repair) and _follows(text.replace(f"= {line}\n", f"= {verdict.repair}\n"))
    return Outcome(f"{forward}: d{name} = {line}  ->  {verdict.repair}", equal, verdict.ok, repaired, seconds)


def _follows(text: str) -> bool:
    try:
        return prove(text, repairs=False).ok
    except EquationError:
        return False


def main(count: int, seed: int) -> None:
    """Print what became of the mistakes."""
    outcomes = list(plant(count, seed))
    wrong = [outcome for outcome in outcomes if not outcome.equal]
    for outcome in outcomes:
        if outcome.passed != outcome.equal or (not outcome.equal and not outcome.repaired):
            print("PASSED" if outcome.passed else "refused", outcome.equal, outcome.repaired, outcome.text)
    repaired = sum(bool(outcome.repaired) for outcome in wrong)
    slowest = max(outcome.seconds for outcome in outcomes)
    passed, refused = sum(o.passed for o in wrong), sum(not o.passed for o in outcomes if o.equal)
    print(f"{len(wrong)} wrong: {passed} passed, {repaired} repaired; {len(outcomes) - len(wrong)} right: {refused} "
          f"refused; slowest {slowest:.1f} s")  # fmt: skip


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
