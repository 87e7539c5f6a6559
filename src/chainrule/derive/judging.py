"""The public face of the prover: `prove(text)`, in index notation or in matrix notation."""

from chainrule.derive import prover, reading
from chainrule.derive.notation import is_matrix_derivation, judge_wholes, prove_matrices, read_program
from chainrule.derive.prover import Verdict
from chainrule.derive.prover.reading import split_markdown
from chainrule.derive.prover.verdict import ChainVerdict
from chainrule.derive.reading.answer import JudgedDocument
from chainrule.derive.reading.forward import Catalogue


def prove(text: str, repairs: bool = True) -> Verdict:
    """Judge a person's derivation line by line.

    text: a derivation (`forward`, its program, `gradient dX[m,n]`, lines that begin with `=`), in index notation or in
    matrix notation, or a Markdown file with derivations in its code blocks. repairs: whether to search for what a wrong
    line should be. The verdict has `.ok`, `.line` (the first that does not follow), `.repair`, `.text`. Raises
    EquationError, with line and column, where the text is no derivation.
    """
    chains: list[ChainVerdict] = []
    readings: dict[str, None] = {}
    for block in split_markdown(text):
        judge = prove_matrices if is_matrix_derivation(block) else prover.prove
        verdict = judge(block, repairs)
        chains += verdict.chains
        readings |= dict.fromkeys(verdict.readings)
    return Verdict(tuple(chains), tuple(readings))


def prove_document(
    text: str,
    suffix: str = ".md",
    forward: str = "",
    known: Catalogue = lambda heading: None,
    repairs: bool = True,
) -> JudgedDocument:
    """Judge the derivations of a document row by row, those of entries and those of whole matrices.

    suffix: `.md`, `.tex` or `.ipynb`. forward: the forward program of all derivations, in any notation, where
    the document states none. known: gives the program that a heading names, or None. repairs: whether to search for
    what a wrong row should be. Raises UserError where nothing in the document is a derivation.
    """
    given = read_program(forward) if forward else None
    return reading.prove_document(text, suffix, given, known, judge_wholes, repairs)
