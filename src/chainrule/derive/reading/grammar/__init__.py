"""The grammar of formulas in LaTeX: sums, derivatives, functions, atoms, and what stands above and below.

Imports: evaluation, language, matrices, tokens.
"""

from chainrule.derive.reading.grammar.derivatives import LOSSES
from chainrule.derive.reading.grammar.expressions import Grammar
from chainrule.derive.reading.grammar.functions import OF_MATRICES, OPERATORS

__all__ = ["LOSSES", "OF_MATRICES", "OPERATORS", "Grammar"]
