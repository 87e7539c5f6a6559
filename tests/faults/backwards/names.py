"""Which answers of the checker name a mistake rightly: their kind, and where they state a number, that number too."""

import re

OF_ARRAYS = {"array factor", "replaced", "operation", "product", "term", "other forward", "cross term"}
OF_PARTS = {"frozen", "term", "operation", "factor", "product", "other forward", "replaced", "cross term"}
OF_ORDER = {"transposed", "replaced", "operation", "product", "other forward"}
OF_SUMS = {
    "missing sum",
    "extra sum",
    "cotangent",
    "factor",
    "term",
    "frozen",
    "product",
    "operation",
    "other forward",
    "cross term",
}

# By the kind of mistake, the kinds of explanation that name it: several where one mistake has several true names, for a
# factor lost within one term is that term with a wrong factor, or another array in the place of an input.
RIGHT_NAMES = {
    "sign of a term": OF_PARTS,
    "term lost": OF_PARTS,
    "negated less": OF_PARTS,
    "factor lost": OF_ARRAYS | {"factor", "branch", "cotangent"},  # dY is one of them
    "factor twice": OF_ARRAYS | {"factor", "cotangent"},
    "divisor lost": OF_ARRAYS | {"factor"},
    "divided twice": OF_ARRAYS | {"factor"},
    "multiplied for divided": OF_ARRAYS | {"factor"},
    "mean for sum": OF_SUMS,
    "sum for mean": OF_SUMS,
    "sum lost": OF_SUMS | {"diagonal"},
    "transpose lost": OF_ORDER,
    "transpose added": OF_ORDER,
    "exponent off by one": OF_ARRAYS | {"factor"},
    "condition turned": OF_ARRAYS | {"branch"},
    "condition lost": OF_ARRAYS | {"branch", "factor"},
    "loop too short": {"cotangent", "shifted", "place", "term", "frozen", "replaced"},
    "twice as large": {"factor"},
    "half as large": {"factor"},
    "negated": {"factor"},
    "zero": {"factor"},
    "divided by its rows": {"factor"},
    "times its rows": {"factor"},
    "upside down": {"transposed"},
    "rolled": {"shifted"},
    "shifted": {"shifted"},
    "transposed": {"transposed", "replaced"},
    "averaged over rows": {"extra sum"},
    "summed over rows": {"extra sum"},
    "last row left out": {"place", "cotangent"},
    "dY not used": {"cotangent", "product", "array factor"},
    "dY summed first": {"cotangent", "extra sum"},
    "first sample only": {"cotangent"},
    "swapped": {"swapped", "factor"},  # of mse's gradients, one is the other negated
    "stale": {"stale", "unmoved"},
    "accumulated": {"accumulated"},
    "another input upside down": {"replaced", "operation", "transposed"},
    "derivative missing": {"product", "array factor", "replaced", "swapped", "operation", "branch"},
}
FACTORS = {"twice as large": 2, "half as large": 0.5, "negated": -1, "swapped": -1}
STATED = re.compile(r"is the right gradient times (−?)(\d[\d.]*)(?:/(\d+))?")


EDIT = re.compile(r"With `.+` in place of `.+` in lines? [\d, ]+, .+ is right\.")


def is_named(planted, row):
    if row.mistake == "edit" or EDIT.search(row.repair):  # it was run, and is right at every point and size
        return True
    if row.mistake not in RIGHT_NAMES[planted.kind]:
        return False
    if row.mistake == "place":  # it names a row or a column, not "every entry"
        return row.cause.startswith(f"d{planted.name} is wrong only at ")
    return row.mistake != "factor" or _states_factor(planted, row.cause)


def _states_factor(planted, cause):
    if planted.kind == "zero":
        return cause == f"d{planted.name} is 0 everywhere."
    stated = STATED.search(cause)
    if stated is None:
        return False
    minus, value, divisor = stated.groups()
    factor = (-1 if minus else 1) * float(value.rstrip(".")) / float(divisor or 1)
    if planted.kind in FACTORS:
        return factor == FACTORS[planted.kind]
    if planted.kind in ("times its rows", "divided by its rows", "mean for sum", "sum for mean"):
        count = factor if abs(factor) > 1 else 1 / factor
        is_larger = planted.kind in ("times its rows", "sum for mean")
        return count == round(count) and (abs(factor) > 1) == is_larger
    return True
