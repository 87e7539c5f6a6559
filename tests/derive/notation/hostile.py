"""Matrix notation broken at random: each text ends in a program or in one sentence, and soon.

python -m tests.derive.notation.hostile 5000 7      5000 texts, drawn with the seed 7
"""

import random
import sys
import time

from tests.derive.notation.programs import CASES

from chainrule.derive import EquationError, is_matrix_notation, open_program, prove

PIECES = ["ᵀ", "^T", "'", "(", ")", "[", "]", "‖", "|", "+", "-", "*", "/", "∘", "@", "⁻¹", "²", "^", "_F", " ", "1",
          "I", "tr(", "det(", "inv(", "diag(", "exp(", "sum(", "X", "w", "λ", "\n", "=", ":", "X: 3×4", "x ∈ R^n", ".*",
          "#", "log", ",", ">", "0", "9" * 50, "𝟏", "é", "ＡＢ", "{", "}", "⊘", "softmax(", "chol("]  # fmt: skip
SECONDS = 2.0


def broken(rng: random.Random) -> str:
    """A program with a few pieces put in, taken out or exchanged."""
    text = rng.choice(list(CASES.values())).program
    for _ in range(rng.choice([1, 1, 2, 4])):
        at = rng.randrange(len(text) + 1)
        end = min(len(text), at + rng.choice([0, 0, 1, 2, 6]))
        text = text[:at] + rng.choice(PIECES) * rng.choice([1, 1, 1, 2]) + text[end:]
    return text


def outcome(text: str) -> str:
    """`read`, `sentence`, or what went wrong."""
    start = time.process_time()
    try:
        is_matrix_notation(text)
        open_program(text)
        found = "read"
    except EquationError as error:
        found = "sentence" if "\n" not in error.problem else f"several lines: {error.problem}"
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return found if time.process_time() - start < SECONDS else f"{time.process_time() - start:.1f} s"


def judged(line: str) -> str:
    """The outcome of a line of a derivation."""
    try:
        prove(f"forward\n    Y = X W + 1 bᵀ\ngradient dW\n    = {line}\n", repairs=False)
    except EquationError:
        return "sentence"
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return "read"


def main(count: int, seed: int) -> None:
    """Print what crashed or was slow."""
    rng = random.Random(seed)
    counts: dict[str, int] = {}
    for _ in range(count):
        text = broken(rng)
        for found in (outcome(text), judged(text.split("=")[-1].split("\n")[0])):
            counts[found] = counts.get(found, 0) + 1
            if found not in ("read", "sentence") and counts[found] == 1:
                print(repr(text), "->", found)
    print(counts)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
