"""Which answers of the checker name a mistake rightly."""

OF_ARRAYS = {"array factor", "replaced", "operation", "product", "term", "other forward"}
OF_PARTS = {"frozen", "term", "operation", "factor", "product", "other forward", "replaced"}
OF_ORDER = {"transposed", "replaced", "cotangent", "swapped", "operation", "product", "other forward"}
OF_SUMS = {"missing sum", "extra sum", "cotangent", "factor", "term", "frozen", "product", "operation", "other forward"}

# The kinds of explanation that name a mistake rightly, by the kind of mistake.
RIGHT_NAMES = {
    "sign of a term": OF_PARTS,
    "term lost": OF_PARTS,
    "negated less": OF_PARTS,
    "factor lost": OF_ARRAYS | {"factor", "branch", "cotangent"},
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
    "negated": {"factor", "replaced"},
    "zero": {"factor"},
    "divided by its rows": {"factor"},
    "times its rows": {"factor"},
    "upside down": {"transposed", "replaced"},
    "rolled": {"shifted", "transposed"},
    "shifted": {"shifted", "place"},
    "transposed": {"transposed", "replaced"},
    "averaged over rows": {"extra sum"},
    "summed over rows": {"extra sum"},
    "last row left out": {"place", "cotangent"},
    "dY not used": {"cotangent", "product", "array factor"},
    "dY summed first": {"cotangent", "extra sum", "product"},
    "first sample only": {"cotangent"},
    "swapped": {"swapped", "factor"},  # mse: the one is the other negated
    "stale": {"stale"},
    "accumulated": {"accumulated"},
    "another input upside down": {"replaced", "operation", "cotangent", "transposed"},
    "derivative missing": {
        "product",
        "array factor",
        "replaced",
        "swapped",
        "operation",
        "branch",
        "cotangent",
        "missing sum",
    },
}


def is_named(planted, row):
    return row.mistake in RIGHT_NAMES[planted.kind]
