"""Broken, huge and deeply nested equations: each ends in a program or in one sentence, in seconds and in little memory.

`python -m tests.derive.hostile_equations [COUNT [SEED]]` reads so many (100,000), derives one in fifty of those that
are programs, and lists each that ends otherwise.
"""

import random
import resource
import signal
import sys
import time
from collections import Counter

from tests.derive.random_programs import Slow, Writer

from chainrule import catalogue
from chainrule.derive import EquationError, WrongStepError, derive, parse

SECONDS, BYTES = 10.0, 1 << 30
WORDS = """
    sum max where delta size mean prod exp log inv det d( assume forward gradient X[i,j] h[t-1] y[s] X[s,y[s]] j<=i
    ∂ Σ √ ᵀ ⁻¹ ² · − Ａ é 𝛼 0 1 1e9 1e-300 999999999999999999999999999999 inf i softmax[k]
"""
SIGNS = [
    *"+-*/^()[],=<>?;.'\"#@!|&%$~`\\{}:_",
    *WORDS.split(),
    "Y[i] =",
    "\n",
    "\t",
    "  ",
    "\u200b",
    "\x00",
]
HUGE = ("99", "1000", "99999", "999999999", "1e18", "1e300", "9" * 60)
GALLERY = [path.read_text(encoding="utf-8") for path in catalogue.list_gallery()]


def _soup(rng: random.Random) -> str:
    """Words and signs in any order."""
    return "".join(rng.choice(SIGNS) + rng.choice(("", "", " ")) for _ in range(rng.randint(1, 40)))


def _nested(rng: random.Random) -> str:
    """One thing inside itself, few times or many."""
    opening, closing = rng.choice(
        (
            ("(", ")"),
            ("exp(", ")"),
            ("1/(1+", ")"),
            ("(", ")^2"),
            ("X^(", ")"),
            ("2^(", ")"),
            ("-", ""),
            ("sum[i](X[i]*", ")"),
            ("where(X > 0, ", ", 1)"),
            ("max(X, ", ")"),
            ("softmax[k](", ")"),
            ("inv(", ")"),
            ("X[", "]"),
            ("log(1+", ")^3"),
            ("(X+", ")*(X-1)"),
            ("d(", ")/d(X)"),
            ("prod[i](", ")"),
        )
    )
    times = rng.choice((3, 8, 20, 61, 300, 3000))
    return "Y = " + opening * times + "X" + closing * times


def _long(rng: random.Random) -> str:
    """Many terms, factors, lines or arguments."""
    count = rng.choice((10, 100, 1000, 5000))
    part = rng.choice(("X", "X^2", "X{k}", "sin(X)", "(X + {k})", "X{k}[i]", "{k}"))
    parts = [part.format(k=k) for k in range(count)]
    form = rng.randrange(4)
    if form == 3:
        return "\n".join(f"Y{k} = {one} + Y{k - 1}" for k, one in enumerate(parts, 1))
    joined = rng.choice((" + ", "*", " / ", " - ", "^", ", ")).join(parts)
    return f"Y = {'max(' * (form == 1)}{joined}{')' * (form == 1)}"


def _huge(rng: random.Random) -> str:
    """Numbers, sizes, powers and shifts that are far too large, or nearly so."""
    a, b = rng.choice(HUGE), rng.choice(HUGE)
    form = rng.choice(
        (
            "Y[i] = X[i-{a}]",
            "Y[i] = X[{a}*i+{b}]",
            "Y = X^{a}",
            "Y = (X^{a})^{b}",
            "Y = {a}^{b} * X",
            "Y[i] = X[i]\nassume size[i] = {a}",
            "Y = X * {a} * {b}",
            "Y = sum[j<{a}](X[j])",
            "Y[i] = where(i > {a}, X[i], {b})",
            "Y = 2^(2^(2^{a})) * X",
            "Y[s] = E[t[s]+{a}]",
            "h[t] = a*h[t-{a}] + x[t]",
            "Y[i] = X[i] * i^{a}",
            "Y = prod[i](X[i])\nassume size[i] = {a}",
            "Y = exp({a}*X)^{b}",
            "Y[i] = sum[j,k](X[i,j]*Z[k])\nassume size[j] = {a}\nassume size[k] = {b}",
            "Y = sin({a}*X) / {b}",
            "Y = lgamma({a}) * X",
        )
    )
    return form.format(a=a, b=b)


def draw(seed: int) -> str:
    """One text; two in three are a program with a few signs lost, doubled or strange."""
    rng = random.Random(seed)
    kind = rng.random()
    if kind < 0.45:
        return Writer(seed).mutated(Writer(seed).program())
    if kind < 0.65:
        return Writer(seed).mutated(rng.choice(GALLERY))
    return rng.choice((_soup, _soup, _soup, _nested, _long, _huge, _huge))(rng)


def outcome(text: str, derived: bool) -> str:
    """`program`, `told`, or what is wrong."""
    try:
        program = parse(text)
        if derived:
            derive(program).text()
    except WrongStepError:
        return "wrong step"
    except EquationError as error:
        return "told" if str(error).strip() else "said nothing"
    except Slow:
        return "slow"
    except Exception as error:
        return type(error).__name__
    return "derived" if derived else "program"


def _stop(*_: object) -> None:
    raise Slow


def main(count: int, seed: int) -> int:
    """Try so many; print those that end otherwise than they must, and return how many these are."""
    resource.setrlimit(resource.RLIMIT_AS, (2 * BYTES, 2 * BYTES))
    signal.signal(signal.SIGVTALRM, _stop)
    counts: Counter[str] = Counter()
    longest = 0.0
    for k in range(seed, seed + count):
        text = draw(k)
        signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
        start = time.process_time()
        found = outcome(text, k % 50 == 0)
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        longest = max(longest, time.process_time() - start)
        counts[found] += 1
        if found not in ("program", "derived", "told"):
            print(f"{found}, number {k}:\n{text[:500]}\n", flush=True)
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10
    print(f"{dict(counts)}; at most {longest:.1f} s of CPU each, {used >> 20} MB in all")
    return sum(n for found, n in counts.items() if found not in ("program", "derived", "told")) + (used > BYTES)


if __name__ == "__main__":
    given = [int(argument) for argument in sys.argv[1:]]
    sys.exit(bool(main(*(given + [100_000, 0][len(given) :]))))
