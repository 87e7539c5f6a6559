"""How long it takes to derive and prove the gradients of every layer, from the text of its docstring.

python -m benchmarks.derive
"""

from __future__ import annotations

import statistics
import time

from benchmarks.tables import Row, print_table
from chainrule.catalogue import docstring_of, list_layers, make_page, read_variant
from chainrule.derive import list_variants

TITLE = "Deriving and proving every layer's gradients"
TARGETS = {"LayerNorm": "≤ 1 s"}


def measure(layer: type, variant: str) -> tuple[float, int]:
    """Seconds to read, derive and prove all gradients of a layer, and how many steps there are."""
    start = time.perf_counter()
    page = make_page([read_variant(layer.__name__, docstring_of(layer), variant)])
    steps = sum(len(gradient.steps) for gradient in page.chapters[0].gradients.values())
    return time.perf_counter() - start, steps


def main() -> list[Row]:
    """Measure, print and return the rows."""
    rows = []
    for layer in list_layers():
        for variant in list_variants(docstring_of(layer)):
            measured = [measure(layer, variant) for _ in range(5)]
            seconds = statistics.median(seconds for seconds, _ in measured)
            name = f"{layer.__name__}, {variant}" if variant else layer.__name__
            target = TARGETS.get(layer.__name__, "≤ 2 s")
            rows.append(Row(f"{name}, {measured[0][1]} steps, median of 5", f"{seconds:.2f} s", target))
    print_table(TITLE, rows)
    return rows


if __name__ == "__main__":
    main()
