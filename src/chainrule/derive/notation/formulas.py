"""Forward programs in LaTeX: of entries, `Y_{ij} = …`, or of whole matrices and vectors, `h_t = \\tanh(W h_{t-1})`."""

from dataclasses import replace

from chainrule.derive.language.errors import EquationError
from chainrule.derive.language.programs.program import Program
from chainrule.derive.language.programs.reader import parse
from chainrule.derive.notation.documents import convert, count_places, elements_of, has_entries
from chainrule.derive.notation.kinds import Declarations, Line
from chainrule.derive.notation.nodes import show_matrices
from chainrule.derive.notation.programs import has_array_signs, open_lines
from chainrule.derive.notation.shapes import ShapeError
from chainrule.derive.reading.derivations import Reader
from chainrule.derive.reading.grammar import LOSSES
from chainrule.derive.reading.programs import read_definitions, write_definitions
from chainrule.derive.reading.tokens import UnreadableError


def read_latex(text: str) -> Program:
    """Read a forward program in LaTeX, of entries or of whole arrays. Raises UserError where it can't be read."""
    reader = read_definitions(text)
    return _open_whole(reader) or parse(write_definitions(reader))


def _open_whole(reader: Reader) -> Program | None:
    """The program of whole matrices and vectors, as `h_t = \\tanh(W h_{t-1} + b)`; None where it is none."""
    values = [definition.value for definition in reader.definitions]
    if reader.find_problem() or not has_array_signs(values) or has_entries(values):
        return None
    try:
        values = [convert(reader.meanings.of(definition.value)) for definition in reader.definitions]
        lines = [
            Line(d.target.name, value, k, show_matrices(value), d.target.indices)
            for k, (d, value) in enumerate(zip(reader.definitions, values, strict=True), 1)
        ]
        declared = Declarations()
        declared.placed = count_places(elements_of(lines))
        declared.names |= {line.target: () for line in lines[-1:] if line.target in LOSSES}
        opened = open_lines(lines, declared)
        program = parse("\n".join([*opened.rows, *reader.meanings.assumed(opened.rows)]))
    except (EquationError, ShapeError, UnreadableError):
        return None
    return replace(program, remarks=opened.about)
