"""A forward program in any notation; what reads each loads when it is needed."""

from chainrule.derive.language.programs.program import Program
from chainrule.derive.language.programs.reader import parse
from chainrule.derive.notation.marks import is_latex, is_matrix_notation, plain_latex
from chainrule.errors import UserError


def read_program(text: str) -> Program:
    """Read a forward program in index notation, matrix notation, or LaTeX of either. Raises UserError if it can't."""
    if "\\" in text:
        from chainrule.derive.notation.formulas import read_latex

        try:
            return read_latex(text)
        except UserError:
            if not is_matrix_notation(plain_latex(text)):
                raise
    if is_matrix_notation(signs := plain_latex(text)):
        from chainrule.derive.notation.programs import open_program

        return open_program(signs)
    if is_latex(text):
        from chainrule.derive.notation.formulas import read_latex

        return read_latex(text)
    return parse(text)
