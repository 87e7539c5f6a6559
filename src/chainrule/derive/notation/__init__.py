"""Matrix notation, `Y = X Wᵀ + 1 bᵀ`: opened to index notation, in which it is derived and proven, and back.

Imports: engine, errors, faces, language, prover, reading, render.
"""

from typing import TYPE_CHECKING

from chainrule.derive.notation.marks import is_matrix_derivation, is_matrix_notation, plain_latex
from chainrule.derive.notation.texts import read_program
from chainrule.faces import show_only

if TYPE_CHECKING:
    from chainrule.derive.notation.derivations import prove_matrices
    from chainrule.derive.notation.documents import judge_wholes
    from chainrule.derive.notation.programs import open_program

__all__ = [
    "is_matrix_derivation",
    "is_matrix_notation",
    "judge_wholes",
    "open_program",
    "plain_latex",
    "prove_matrices",
    "read_program",
]

# Whether a text is in this notation is asked of every text; the rest loads for those that are.
__getattr__, __dir__ = show_only(
    globals(),
    {
        "chainrule.derive.notation.derivations": ("prove_matrices",),
        "chainrule.derive.notation.documents": ("judge_wholes",),
        "chainrule.derive.notation.programs": ("open_program",),
    },
)
