"""Index notation: gradients derived step by step, derivations judged line by line, NumPy code written. Knows no layer.

`derive(text)` returns the gradients of a program, every step proven; `prove(text)` judges a person's derivation.
Everything that is wrong with a text is an `EquationError`, which says where.

Its rooms: `language` reads and prints what a text says, `evaluation` gives it numbers, `engine` derives, `prover`
judges, `reading` takes LaTeX and documents, `notation` matrices, `codegen` writes NumPy and `render` pages. The prover
and the engine do not know each other, so that a mistake in the one does not pass in the other.

Imports: display, errors, faces, pages.
"""

from typing import TYPE_CHECKING

from chainrule.derive.engine.derivation import Step
from chainrule.derive.engine.proof import WrongStepError
from chainrule.derive.evaluation.evaluator import evaluate, evaluate_expr
from chainrule.derive.gradients import Gradient, Gradients, derive
from chainrule.derive.language.claims import Claim, ClaimLine, Derivation, parse_derivation
from chainrule.derive.language.docstring import Equations, Recurrence, list_variants, read_docstring, split_docstring
from chainrule.derive.language.errors import EquationError
from chainrule.derive.language.printer import show
from chainrule.derive.language.programs.program import Program, Statement
from chainrule.derive.language.programs.reader import parse, parse_backward
from chainrule.faces import show_only

if TYPE_CHECKING:
    from chainrule.derive.judging import prove, prove_document
    from chainrule.derive.notation import is_matrix_notation, open_program, plain_latex, read_program
    from chainrule.derive.prover import Verdict
    from chainrule.derive.reading import has_code_blocks, has_latex

__all__ = [
    "Claim",
    "ClaimLine",
    "Derivation",
    "EquationError",
    "Equations",
    "Gradient",
    "Gradients",
    "Program",
    "Recurrence",
    "Statement",
    "Step",
    "Verdict",
    "WrongStepError",
    "derive",
    "evaluate",
    "evaluate_expr",
    "has_code_blocks",
    "has_latex",
    "is_matrix_notation",
    "list_variants",
    "open_program",
    "parse",
    "parse_backward",
    "parse_derivation",
    "plain_latex",
    "prove",
    "prove_document",
    "read_docstring",
    "read_program",
    "show",
    "split_docstring",
]

# What judges and what reads LaTeX load when they are first asked for: to derive takes no part of them.
__getattr__, __dir__ = show_only(
    globals(),
    {
        "chainrule.derive.judging": ("prove", "prove_document"),
        "chainrule.derive.notation": ("is_matrix_notation", "open_program", "plain_latex", "read_program"),
        "chainrule.derive.prover": ("Verdict",),
        "chainrule.derive.reading": ("has_code_blocks", "has_latex"),
    },
)
