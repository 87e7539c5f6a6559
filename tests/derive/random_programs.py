"""Random programs, right, odd and broken: each must end in a proven answer or in one sentence.

`python -m tests.derive.random_programs [COUNT [SEED]]` tries so many (2,000), and lists each that does not, or that
takes more than ten seconds of CPU. What `derive` answers is given to `prove` too. With `--catalogue` for numbers, the
programs are those of the layers and of the gallery, and each is listed with its seconds of CPU.
"""

import random
import resource
import signal
import sys
import time
from collections.abc import Iterable

from chainrule import catalogue
from chainrule.derive import EquationError, WrongStepError, derive, prove

LETTERS = "ijklmnpqstuv"
NAMES = ("X", "G", "Q", "alpha", "z", "W", "μ", "Θ", "X_1")
NUMBERS = ("0", "1", "2", "3", "0.5", "1.5", "1e-1", ".25")
FUNCTIONS = (
    "exp", "log", "sqrt", "tanh", "sigmoid", "σ", "sin", "cos", "sinh", "cosh", "relu", "abs", "sign", "softplus",
    "erf", "arctan", "log1p", "√",
)  # fmt: skip
PRODUCTS = (" * ", "*", " × ", "·", "∘", " ⊙ ")
LIMIT = 10.0  # seconds of CPU


class Writer:
    """Writes one program; arrays keep the number of their indices."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.ranks: dict[str, int] = {}
        self.defined: list[str] = []
        self.used: set[str] = set()

    def program(self) -> str:
        """One to three lines, seldom with a mistake in the text."""
        rng = self.rng
        rows = [self.line(f"Y{k}") for k in range(rng.choice((1, 1, 1, 2, 2, 3)))]
        text = "\n".join(rows)
        return self.mutated(text) if rng.random() < 0.15 else text

    def line(self, name: str) -> str:
        """A definition, with a factor for each index of its left side that the right side may lack."""
        left = self.rng.sample(LETTERS, self.rng.choice((0, 1, 1, 2, 2, 3)))
        value = self.expr(left, self.rng.choice((1, 2, 2, 3)))
        if self.defined and self.rng.random() < 0.8:
            value += self.rng.choice((" + ", " - ", "*")) + self.reduced(left, self.defined[-1])
        for letter in left:
            value = f"({value}){self.rng.choice(PRODUCTS)}Z{letter}[{letter}]"
        self.defined.append(name)
        self.ranks[name] = len(left)
        return f"{name}[{','.join(left)}] = {value}" if left else f"{name} = {value}"

    def reduced(self, scope: list[str], name: str) -> str:
        """An earlier array, summed or at indices of this line."""
        fresh = [letter for letter in LETTERS if letter not in scope]
        letters = self.rng.sample(fresh, self.ranks[name])
        if not letters:
            return name
        return f"{self.rng.choice(('sum', 'mean', 'max', 'min'))}[{','.join(letters)}]({name}[{','.join(letters)}])"

    def leaf(self, scope: list[str]) -> str:
        """An array at indices, a number, a size, a position or a delta."""
        rng, kind = self.rng, self.rng.random()
        if kind < 0.15:
            return rng.choice(NUMBERS)
        if kind < 0.2 and scope:
            return f"size[{rng.choice(scope)}]"
        if kind < 0.24 and scope:
            return rng.choice(scope)
        if kind < 0.27 and len(scope) > 1:
            return "delta[{},{}]".format(*rng.sample(scope, 2))
        name = f"{rng.choice(NAMES)}{rng.randint(1, 2)}"
        rank = self.ranks.setdefault(name, rng.choice((0, 1, 1, 2)) if scope else 0)
        if rank and not scope:
            return rng.choice(NUMBERS)
        return f"{name}[{','.join(rng.choices(scope, k=rank))}]" if rank else name

    def expr(self, scope: list[str], depth: int) -> str:
        """An expression over these indices."""
        rng = self.rng
        if depth <= 0:
            return self.leaf(scope)
        a, b = (self.expr(scope, depth - 1 - rng.randint(0, 1)) for _ in range(2))
        forms = [
            lambda: f"({a} + {b})", lambda: f"({a} - {b})", lambda: f"{a}{rng.choice(PRODUCTS)}{b}",
            lambda: f"({a}) / ({b})", lambda: f"(-({a}))", lambda: f"{rng.choice(FUNCTIONS)}({a})",
            lambda: f"({a})^{rng.choice(('2', '3', '0', '1', '0.5', '-1', f'({b})'))}",
            lambda: f"{rng.choice(('max', 'min'))}({a}, {b})",
            lambda: f"where({a} {rng.choice(('<', '>', '<=', '>=', '==', '!='))} {b}, {self.leaf(scope)}, {a})",
            lambda: self.over(scope, depth), lambda: self.over(scope, depth),
            lambda: f"({a} - {a})", lambda: f"({a}) / ({a})",
        ]  # fmt: skip
        return rng.choice(forms)()

    def over(self, scope: list[str], depth: int) -> str:
        """A reduction over one or two new indices, each of which an array has."""
        fresh = [letter for letter in LETTERS if letter not in scope]
        letters = self.rng.sample(fresh, self.rng.choice((1, 1, 2)))
        body = self.expr([*scope, *letters], depth - 1)
        known = "".join(f"{self.rng.choice(PRODUCTS)}U{letter}[{letter}]" for letter in letters)
        return f"{self.rng.choice(('sum', 'mean', 'max', 'min'))}[{','.join(letters)}](({body}){known})"

    def mutated(self, text: str) -> str:
        """The text with a few signs lost, doubled, swapped or strange."""
        for _ in range(self.rng.randint(1, 3)):
            at = self.rng.randrange(len(text))
            sign = self.rng.choice(
                ("", text[at] * 2, "[", ")", "Ａ", "−", "⁻¹", "0", "i", "=", "#", "\t", "'", "999999999")
            )
            text = text[:at] + sign + text[at + 1 :]
        return text


class Slow(BaseException):
    """The time is up."""


def _stop(*_: object) -> None:
    raise Slow


def judge(text: str) -> tuple[str, str]:
    """What became of a program: `proven`, `told` (in one sentence) or `undecided`, else what is wrong."""
    try:
        gradients = derive(text)
        answer = gradients.text()
        verdict = prove(answer, repairs=False)
    except WrongStepError as error:
        return "wrong step", str(error)
    except EquationError as error:
        return "told", str(error)
    except Slow:
        return "slow", ""
    except Exception as error:
        return type(error).__name__, str(error)
    if not verdict.ok and "Undecided" in verdict.summary:
        return "undecided", verdict.summary
    return "proven" if verdict.ok else "refused", verdict.summary


def catalogue_entries() -> list[catalogue.Entry]:
    """All layers, in all variants, and the gallery."""
    entries = [entry for layer in catalogue.list_layers() for entry in catalogue.read_layer(layer)]
    return entries + [catalogue.read_gallery(path) for path in catalogue.list_gallery()]


def main(programs: Iterable[tuple[str, str]], listed: bool = False) -> int:
    """Try programs by name; print those that are not as they must be, or all, and return how many these are."""
    resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))
    signal.signal(signal.SIGVTALRM, _stop)
    counts: dict[str, int] = {}
    longest = 0.0
    for name, text in programs:
        signal.setitimer(signal.ITIMER_VIRTUAL, LIMIT)
        start = time.process_time()
        kind, said = judge(text)
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        seconds = time.process_time() - start
        longest = max(longest, seconds)
        counts[kind] = counts.get(kind, 0) + 1
        if listed:
            print(f"{seconds:5.1f} s  {kind:9} {name}", flush=True)
        if kind not in ("proven", "told", "undecided"):
            print(f"{kind}, {name}: {said}\n{text}\n", flush=True)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    print(f"{counts}; at most {longest:.1f} s of CPU each, {memory} MB in all")
    return sum(count for kind, count in counts.items() if kind not in ("proven", "told", "undecided"))


if __name__ == "__main__":
    if sys.argv[1:] == ["--catalogue"]:
        entries = ((entry.heading, str(entry.forward)) for entry in catalogue_entries())
        sys.exit(bool(main(entries, listed=True)))
    given = [int(argument) for argument in sys.argv[1:]]
    count, seed = given + [2000, 0][len(given) :]
    sys.exit(bool(main((f"number {k}", Writer(k).program()) for k in range(seed, seed + count))))
