"""Index notation: read programs, derive their gradients step by step, evaluate and print them. Knows no layer.

The language
    errors.py      `EquationError`, with line, column and a caret
    affine.py      index arithmetic such as `2*i+a-1`
    nodes.py       expressions: immutable, hashable nodes
    lexer.py       text to tokens; Unicode spellings
    scope.py       what names and indices mean at a place, and every misuse of them
    parser.py      tokens to expressions; the grammar
    dimensions.py  which array axes an index runs over
    program.py     lines to a program: `parse`, `parse_backward`
    derivation.py  a person's derivation: `parse_derivation`
    docstring.py   the equations in a layer's docstring: `read_docstring`
    printer.py     an expression back to the grammar: `show`

The engine
    letters.py     index letters of a derivation, new ones and ones fit to be read
    laws.py        the laws of differentiation: one function per law, and their table
    terms.py       the normal form: sums of products under sums; algebra.py  how expressions are brought to it
    contraction.py sums over Kronecker deltas
    naming.py      recognising quantities that have a name
    closing.py     sums whose value is known: assumptions and definitions
    factor.py      writing terms as a textbook would
    gradient.py    the derivation of each gradient, as steps
    points.py      random points; proof.py  every step held to the one before, the result to complex-step differences
    derived.py     `derive(text)` and what it returns

Forms
    matrix.py      matrix products, Hadamard products
    numpy_code.py  NumPy source of expressions; axes.py  how arrays broadcast; products.py  matrix products
    source.py      NumPy source of whole functions; runtime.py  what that source calls
    render/        LaTeX, Markdown, HTML with MathML

Evaluation
    arithmetic.py  NumPy numbers, exact numbers modulo a prime, high precision
    sizes.py       sizes of indices from shapes of arrays
    evaluate.py    the literal evaluator: `evaluate`
    special.py     the error function

A person's derivation
    prover/        held to the truth line by line: `prove`
    reading/       LaTeX, Markdown, papers and notebooks as derivations: `prove_document`
"""

from chainrule.derive.engine.derivation import Step
from chainrule.derive.engine.proof import WrongStepError
from chainrule.derive.evaluation.evaluator import evaluate, evaluate_expr
from chainrule.derive.gradients import Gradient, Gradients, derive
from chainrule.derive.language.claims import Claim, ClaimLine, Derivation, parse_derivation
from chainrule.derive.language.docstring import Equations, Recurrence, list_variants, read_docstring, split_docstring
from chainrule.derive.language.errors import EquationError
from chainrule.derive.language.printer import show
from chainrule.derive.language.program import Program, Statement, parse, parse_backward
from chainrule.derive.prover import Verdict, prove
from chainrule.derive.reading import has_code_blocks, has_latex, prove_document, read_program

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
    "list_variants",
    "parse",
    "parse_backward",
    "parse_derivation",
    "prove",
    "prove_document",
    "read_docstring",
    "read_program",
    "show",
    "split_docstring",
]
