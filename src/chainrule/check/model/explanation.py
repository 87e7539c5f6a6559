"""What a diagnosis says."""

from __future__ import annotations

from dataclasses import dataclass

KINDS = {
    "factor": "the gradient is right up to a constant",
    "swapped": "the gradient of another input was returned under this name",
    "missing sum": "a sum over an axis was left out",
    "extra sum": "a sum over an axis was taken that should not be",
    "shape": "the numbers are right, but the array has another shape",
    "transposed": "the gradient is transposed, or its entries are in another order",
    "shifted": "the gradient lies one place or more beside where it belongs",
    "cotangent": "dY was not used, or was used in another form",
    "replaced": "another array was used where an input belongs",
    "array factor": "an array is missing from the product, or is one too many",
    "product": "dY was multiplied with an array in another way than the chain rule does",
    "diagonal": "only the diagonal of the Jacobian was used",
    "cross term": "the sum over the other outputs has a wrong part",
    "frozen": "an operation was treated as a constant",
    "term": "the part of the gradient through an operation has a wrong factor or sign",
    "overwritten": "contributions to one entry overwrite each other where they add up",
    "operation": "the derivative of one operation is wrong",
    "other forward": "the gradient belongs to a forward that computes something else",
    "stale": "the gradient belongs to an earlier call",
    "unmoved": "the gradient does not move with the inputs",
    "mode": "the gradient belongs to the other mode: training or evaluation",
    "missing": "no gradient is returned where there is one",
    "in place": "an array is changed in place that others use",
    "accumulated": "the gradient adds up between calls",
    "overflow": "something is no number at inputs where the right answer is one",
    "precision": "backward does not run in the precision that it is used in",
    "setting": "the gradient does not follow a setting that the forward takes",
    "unused": "the forward does not use what has a gradient",
    "edit": "one thing in the backward's source is another than it should be",
    "branch": "the gradient is wrong on one side of a condition only",
    "limit": "the gradient is right up to a size or a value, and wrong beyond",
    "place": "nothing shorter than where it is wrong",
}


@dataclass(frozen=True)
class Explanation:
    """The smallest explanation that reproduces a person's numbers, confirmed at further random points.

    `kind` is one of KINDS. `sentence` says what the numbers are, `repair` what to do. `line` is the line of the
    forward, or of an edited backward, that it is about, None where it is about none, and `expression` its text.
    `symbols` says the same in the symbols of the forward's equations, where they are known. `points` is at how many
    random points it was confirmed, 0 where it is about no numbers.
    """

    kind: str
    sentence: str
    repair: str
    line: int | None = None
    expression: str = ""
    symbols: str = ""
    points: int = 1
