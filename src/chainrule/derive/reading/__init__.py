"""Derivations as people write them, in LaTeX, in Markdown, papers and notebooks: read, and judged row by row.

Reads the formulas of a document, writes each derivation in the language, and has the prover judge it.

Imports: errors, evaluation, language, prover.
"""

from chainrule.derive.reading.documents import has_code_blocks, has_latex
from chainrule.derive.reading.judging import prove_document

__all__ = ["has_code_blocks", "has_latex", "prove_document"]
