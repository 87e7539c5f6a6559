"""Derivations of whole matrices and vectors in a document: opened to index notation, judged, told in matrix notation.

A subscript on a vector, as in `w^\\top x_i`, is a place beside those that the vector has.
"""

import contextlib
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from chainrule.derive.language.errors import EquationError
from chainrule.derive.language.expressions import (
    Call,
    Compare,
    Delta,
    Div,
    Expr,
    Mul,
    Num,
    Partial,
    Position,
    Pow,
    Ref,
    Size,
)
from chainrule.derive.language.printer import show
from chainrule.derive.language.programs.reader import parse
from chainrule.derive.language.subscripts import Affine
from chainrule.derive.notation.derivations import Chain, Written, judge_chain
from chainrule.derive.notation.kinds import Declarations, Line
from chainrule.derive.notation.nodes import Identity, Product, Raised, show_matrices
from chainrule.derive.notation.opening import Opener
from chainrule.derive.notation.programs import (
    Opened,
    has_array_signs,
    has_matrix_signs,
    letters_in,
    open_as,
    open_assumed,
    open_lines,
    readable,
)
from chainrule.derive.notation.shapes import Dimension, ShapeError, UnclearError, Value
from chainrule.derive.prover.verdict import ChainVerdict
from chainrule.derive.reading.alternatives.steps import at_one_step
from chainrule.derive.reading.answer import FOLLOWS, REMARK, UNREAD, WRONG, Judged, JudgedDerivation
from chainrule.derive.reading.derivations import Chain as WrittenChain
from chainrule.derive.reading.derivations import Derivation
from chainrule.derive.reading.forward import find_output
from chainrule.derive.reading.grammar import LOSSES
from chainrule.derive.reading.grammar.assumptions import about_names, classes_among
from chainrule.derive.reading.grammar.cases import read_conditions
from chainrule.derive.reading.indices import with_positions
from chainrule.derive.reading.lines import quoted
from chainrule.derive.reading.matrices import Entry, Listing, Norm, is_unit_vector
from chainrule.derive.reading.programs import with_last
from chainrule.derive.reading.tokens import UnreadableError


def judge_wholes(derivation: Derivation) -> JudgedDerivation | None:
    """Judge a derivation whose arrays stand without their indices; None where it is none, or does not open."""
    derivation = at_one_step(derivation)
    parts = [c for c in derivation.chains if isinstance(c.target, Partial) and c.target != derivation.claimed]
    for part in parts:
        target = part.target
        if isinstance(target, Partial) and any(read_conditions(part.condition, target)):  # it is judged by entries
            return None
    own = replace(derivation, chains=[chain for chain in derivation.chains if chain not in parts])
    try:
        whole = _Whole(own)
        if whole.is_one and whole.has_marks() and (alone := at_one_step(own, apart=0)) is not own:
            whole = _Whole(alone)
        judged = whole.judge() if whole.is_one else None
    except (EquationError, ShapeError, UnreadableError):
        return None
    return _with_parts(judged, derivation, parts) if judged and parts else judged


def _with_parts(
    judged: JudgedDerivation, derivation: Derivation, parts: Sequence[WrittenChain]
) -> JudgedDerivation | None:
    """A judged gradient with the derivatives among its rows, such as that of ŷ by z, each judged by itself."""
    rows = {id(row.row): row for row in judged.rows}
    for part in parts:
        if not isinstance(part.target, Partial) or not isinstance(part.target.by, Ref):
            return None
        by = part.target.by
        found = judge_wholes(
            replace(derivation, gradient=Ref(f"d{by.name}", by.indices), chains=[part], claimed=part.target)
        )
        if found is None or found.problem:
            if {node.name for node in part.target.walk() if isinstance(node, Ref)} <= _told(judged):
                return None
            why = "nothing in the document says what is differentiated here in these terms"
            rows |= {id(row): Judged(row, UNREAD, problem=why, part="derivative") for row in part.rows}
            judged.right = False
            continue
        rows |= {id(row): replace(each, part="derivative") for row, each in zip(part.rows, found.rows, strict=True)}
    judged.derivation, judged.rows = derivation, [rows[id(row)] for row in derivation.rows]
    return judged


def _told(judged: JudgedDerivation) -> set[str]:
    """The names in the forward program of a judged derivation."""
    return {name for row, _ in judged.forward for name in re.findall(r"[^\W\d]\w*", row)}


@dataclass
class _Given:
    """A definition of the document."""

    target: Ref
    value: Expr
    line: int


OF_ANGLES = frozenset({"sin", "cos", "tan", "sinh", "cosh"})
_Rows = tuple[JudgedDerivation, Opened, Chain, list[tuple[Judged, list[Written]]]]


class _Whole:
    """Judges one derivation."""

    def __init__(self, derivation: Derivation) -> None:
        self.derivation = derivation
        claimed = derivation.claimed
        self.wanted = derivation.gradient.name[1:]
        self.places = derivation.gradient.indices
        self.given = {d.target.name: d for d in self._definitions()}
        self.of = self._output(claimed)
        self.program = self._closure()
        self.known = {name for given in self.program for name in (given.target.name, *_names(given.value))}
        self.is_one = bool(self.program) and self._is_whole()

    # what the document says

    def _definitions(self) -> Iterator[_Given]:
        """Those of other headings first, and last the nearest one before."""
        known, every = self.derivation.known, self.derivation.definitions
        before = every[:known]
        here = [d for d in every[known:] if d.heading == self.derivation.heading]
        for d in (*reversed(here), *before):
            yield _Given(d.target, self.derivation.meanings.of(d.value), d.line)

    def _output(self, claimed: Partial | None) -> str:
        if claimed is None:
            found = self.wanted if self.derivation.differential else find_output(self.derivation)
            return found if found in self.given else next((n for n in self.given if n in LOSSES), found)
        of = _differentiated(claimed)
        if isinstance(of, Ref):
            return of.name
        value = self.derivation.meanings.of(of)
        self.given["Part"] = _Given(Ref("Part"), value, 0)
        return "Part"

    def _closure(self, whole: bool = False) -> list[_Given]:
        """The definitions that the output and the rows need, in order, the output's last where it can be.

        whole: whether that of what the gradient is of is among them, which is not a part of the program.
        """
        whole = whole or self.derivation.differential or self.derivation.comes_back
        done: set[str] = set() if whole else {self.wanted}

        def visit(name: str) -> Iterator[_Given]:
            if name in done or name not in self.given or self._is_backward(name):
                return
            done.add(name)
            for used in _names(self.given[name].value):
                yield from visit(used)
            yield self.given[name]

        found = list(visit(self.of))
        for row in self._row_values():
            for name in _names(row):
                if self.of not in _names_below(name, self.given):
                    found += visit(name)
        return with_last(found, self.of)

    def _is_backward(self, name: str) -> bool:
        """Whether a name stands for something made of gradients, such as the error of a layer."""
        value = self.given[name].value
        return any(each[:1] == "d" and (each[1:] in self.given or each[1:] in LOSSES) for each in _names(value))

    def _shorthands(self, opened: Opened, chain: Chain) -> Iterator[tuple[int, str, str]]:
        """Such names in the rows, as names of the person's own."""
        for name, given in self.given.items():
            if name in chain.shapes or not self._is_backward(name):
                continue
            if any(each[1:] == self.wanted for each in _names(given.value)):
                continue
            opener, value = self._open_shorthand(opened, chain, given)
            letters = tuple(opener.letters.new(dimension) for dimension in value.dims)
            target = Ref(name, (*given.target.indices, *map(Affine.of, letters)))
            written = {*chain.shapes, *letters_in(opened.lines), *given.target.letters}
            sides = readable(target, value.entry(letters), opener.letters, written)
            chain.shapes[name] = value.dims
            yield given.line, show_matrices(convert(given.value)), "where " + " = ".join(map(show, sides))

    @staticmethod
    def _open_shorthand(opened: Opened, chain: Chain, given: _Given) -> tuple[Opener, Value]:
        """The value of a name; one that it has at other steps too, as δ_{t+1}, has the shape of another in it."""
        name, expr, placed = given.target.name, convert(given.value), opened.shapes.opener.placed
        if given.target.indices:
            placed[name] = len(given.target.indices)
        if name not in expr.names:
            opener = Opener(chain.shapes, opened.sizes, placed)
            return opener, opener.open(expr)
        fitting: list[tuple[Opener, Value]] = []
        for dims in dict.fromkeys(chain.shapes[each] for each in _names(expr) if each in chain.shapes):
            opener = Opener({**chain.shapes, name: dims}, opened.sizes, placed)
            try:
                value = opener.open(expr)
            except ShapeError:
                continue
            if [d.root for d in value.dims] == [d.root for d in dims]:
                fitting.append((opener, value))
        if fitting:
            return min(fitting, key=lambda each: each[0].cost)
        raise UnreadableError(f"nothing says what shape {name} has")

    def _row_values(self) -> Iterator[Expr]:
        for row in self.derivation.rows:
            for segment in row.segments:
                if segment.expr is not None:
                    yield self.derivation.meanings.of(segment.expr)

    def _is_whole(self) -> bool:
        values = [*(given.value for given in self.program), *self._row_values()]
        if has_entries(values) or self.derivation.summed or self._has_unit_vectors():
            return False
        operators = any(isinstance(node, Partial) for value in self._row_values() for node in value.walk())
        if (
            operators and self.derivation.claimed is not None and not self.has_marks()
        ):  # of numbers a row may differentiate anything
            return False
        nodes = (node for value in values for node in value.walk())
        return self.has_marks() or not any(isinstance(node, Ref) and node.indices for node in nodes)

    def _has_unit_vectors(self) -> bool:
        """Whether e_y stands in a row, which is read by its entries."""
        classes = self.derivation.meanings.class_numbers
        exprs = (segment.expr for row in self.derivation.rows for segment in row.segments if segment.expr is not None)
        return any(is_unit_vector(node, classes) for expr in exprs for node in expr.walk())

    def has_marks(self) -> bool:
        signs = has_array_signs([*(given.value for given in self.program), *self._row_values()])
        return signs or bool(self._arrays_by_looks())

    def _arrays_by_looks(self) -> set[str]:
        """The names at one place at most that are arrays there: in bold, or of a layer l, as W^l and z^{(l)}."""
        values = [*(given.value for given in self.program), *(given.target for given in self.program)]
        nodes = [node for value in (*values, *self._row_values()) for node in value.walk() if isinstance(node, Ref)]
        several = {node.name for node in nodes if len(node.indices) > 1}
        layered = {node.name for node in nodes if node.indices and node.indices[0].letters == {"l"}}
        layered = layered if any(name[0].isupper() for name in layered) else set()
        bold = {node.name for node in nodes} & self.derivation.meanings.bold
        return (bold | layered) - several

    # judging

    def judge(self) -> JudgedDerivation:
        """Judge every row."""
        lines = self._lines(self.program)
        if self.derivation.total and self.of in self.given:
            of, places = self.of, self.given[self.of].target.indices
            lines.append(Line(f"{of}out", Ref(of, places), len(lines) + 1, of, places))
        answer, opened, chain, rows = self._read(lines)
        if chain.claimed is not None and opened.shapes.names[self.of] and _misfit(chain):
            with contextlib.suppress(EquationError, ShapeError, UnreadableError):
                read = self._read(lines, number=True)
                if read[1].shapes.names[self.wanted] and not _misfit(read[2]):
                    answer, opened, chain, rows = read
        if not chain.lines:
            answer.problem = "none of its rows can be read"
            return answer
        placed = opened.shapes.opener.placed
        ranks = {name: placed.get(name, 0) + len(dims) for name, dims in opened.shapes.names.items()}
        assumed = about_names(self.derivation.assumptions, ranks)
        assumed += self._conditions(opened)
        answer.tell_assumed(assumed)
        answer.tell_classes(classes := classes_among(opened.rows))
        assumed += [*classes, *_equal_sides(opened)]
        assumed += self.derivation.meanings.assumed(opened.rows)
        verdict = judge_chain(opened, chain, (), self.derivation.searched, assumed)
        _carry(verdict, rows)
        answer.right = verdict.right
        return answer

    @staticmethod
    def _lines(program: Iterable[_Given]) -> list[Line]:
        return [
            Line(g.target.name, convert(g.value), k, show_matrices(convert(g.value)), g.target.indices)
            for k, g in enumerate(program, 1)
        ]

    def _read(self, lines: Sequence[Line], number: bool = False) -> _Rows:
        """The rows as lines of a chain; `number` says that what is differentiated is one."""
        opened, note = self._open(lines, number)
        answer = JudgedDerivation(self.derivation, [])
        answer.forward = [(row.strip(), _source(g)) for row, g in zip(opened.rows, self.program, strict=False)]
        answer.notes += [*opened.about, *note]
        chain = self._chain(opened)
        chain.shorthands += self._shorthands(opened, chain)
        rows: list[tuple[Judged, list[Written]]] = []
        for row in self.derivation.rows:
            here = Judged(row, FOLLOWS if row.segments else REMARK, problem=row.problem)
            if row.problem:
                here.sign = UNREAD
            rows.append((here, list(self._written(opened, chain, here))))
        answer.rows = [here for here, _ in rows]
        chain.lines = [line for _, written in rows for line in written]
        return answer, opened, chain, rows

    def _conditions(self, opened: Opened) -> Iterator[str]:
        """The inequalities under which the rows stand, in index notation."""
        for condition in self.derivation.conditions:
            left, right = convert(condition.left), convert(condition.right)
            if {*_names(left), *_names(right)} <= opened.shapes.names.keys():
                yield open_assumed(opened, left, condition.relation, right)

    def _open(self, lines: Sequence[Line], number: bool) -> tuple[Opened, list[str]]:
        """The lines opened with the shapes that the document declares, or without them where they do not fit."""
        declared, placed = self._declared(lines), self._declared(lines)
        own = {self.of: ()} if number else self._own_rank(declared)
        for each in (declared, placed):
            each.names |= own
        names = {name for line in lines for name in (line.target, *_names(line.value))} & {*self._declared_shapes()}
        for name in names:
            words, at_places = self._declared_shapes()[name]
            placed.names[name] = words if at_places else words[placed.placed.get(name, 0) :]
        if not names:
            return open_lines(lines, declared), []
        try:
            return open_lines(lines, placed), [f"with the shapes that are declared of {', '.join(sorted(names))}"]
        except EquationError as error:
            return open_lines(lines, declared), [f"read without the declared shapes, which do not fit: {error.problem}"]

    def _own_rank(self, declared: Declarations) -> dict[str, int]:
        """The rank of what the gradient is of, as its own definition has it."""
        if self.wanted not in self.given or self.wanted in declared.names or self.wanted == self.of:
            return {}
        with contextlib.suppress(EquationError, UnreadableError):
            lines = self._lines(self._closure(whole=True))
            return {self.wanted: len(open_lines(lines, self._declared(lines)).shapes.names[self.wanted])}
        return {}

    def _declared_shapes(self) -> dict[str, tuple[tuple[str, ...], bool]]:
        """The sizes that are declared of each name, and whether they are of what stands at a place, as of x_i."""
        shapes = self.derivation.meanings.shapes
        return {name.removesuffix("[]"): (words, name.endswith("[]")) for name, words in shapes.items()}

    def _declared(self, lines: Sequence[Line]) -> Declarations:
        """The loss is a number, and so is x where f'(x) or d/dx is meant."""
        declared = Declarations()
        nodes = elements_of(lines)
        nodes += [node for value in self._row_values() for node in value.walk() if isinstance(node, Ref)]
        nodes += [Ref(self.wanted, self.places)] if self.places else []
        declared.placed = count_places(nodes, self.known)
        declared.arrays = self._arrays_by_looks()
        declared.names |= dict.fromkeys(self.derivation.meanings.stacked, 2)
        if not self.has_marks() or self._is_of_numbers():  # as where f'(x) or the derivative of a sigmoid is meant
            declared.names |= {node.name: () for node in nodes if not node.indices}
        backward = {each for name in self.given if self._is_backward(name) for each in _names(self.given[name].value)}
        arrives = f"d{self.of}" in {node.name for node in nodes} | backward
        second = self.derivation.claimed is not None and isinstance(self.derivation.claimed.of, Partial)
        if self.derivation.differential or second or (self.derivation.claimed is None and not arrives):
            declared.names[self.of] = ()
        return declared

    def _is_of_numbers(self) -> bool:
        """Whether capital letters are all that looks like matrices where a derivative of one by another is claimed.

        Of matrices that would have four indices, as ∂L/∂D = -1/D for a number D has none.
        """
        values = [*(given.value for given in self.program), *self._row_values()]
        nodes = [node for value in values for node in value.walk()]
        products = (node.factors for node in nodes if isinstance(node, Mul))
        several = any(sum(f.names != set() and min(f.names).isupper() for f in factors) > 1 for factors in products)
        small = {name for value in values for name in _names(value) if name[0].islower()}
        plain = self.derivation.claimed is not None and not has_matrix_signs(nodes)
        return plain and ((not several and not small) or self._looks_like_a_number())

    def _looks_like_a_number(self) -> bool:
        """Whether what something is differentiated by is a time, an angle, a divisor, or a small letter with a power.

        So is the x of kx^2/2 - Fx, and the T of exp(-E/(RT)).
        """
        own = Ref(self.wanted, self.places)
        if self.wanted in self.derivation.meanings.bold:
            return False
        nodes = [node for given in self.program for node in given.value.walk()]
        raised = any(isinstance(node, Pow) and node.base == own for node in nodes)
        divides = any(isinstance(node, Div) and own in node.denominator.walk() for node in nodes)
        angles = [node for node in nodes if isinstance(node, Call) and node.function in OF_ANGLES]
        angle = any(own in node.walk() and not any(name[0].isupper() for name in node.names) for node in angles)
        return divides or angle or self.wanted == "t" or (raised and self.wanted[0].islower())

    def _chain(self, opened: Opened) -> Chain:
        """What is claimed, with a letter for each dimension."""
        names = opened.shapes.names
        letters, written = opened.shapes.opener.letters, letters_in(opened.lines) | _letters(self.places)
        if self.wanted not in names:
            raise UnreadableError(f"{self.of} does not depend on {self.wanted}")
        shapes = {**names, **{f"d{name}": dims for name, dims in names.items()}}
        for lookup in (each for node in elements_of(opened.lines) for i in node.indices for each in i.lookups):
            shapes.setdefault(lookup.name, ())  # class numbers, as the y of P_{i y_i}
            opened.shapes.opener.placed.setdefault(lookup.name, len(lookup.indices))
        claimed = self.derivation.claimed
        of = _differentiated(claimed) if claimed is not None else None
        of_places = of.indices if isinstance(of, Ref) else ()
        opener = opened.shapes.opener
        own_dims = names[self.wanted][opener.entries(self.wanted, self.places) :]
        of_dims = names[self.of][opener.entries(self.of, of_places) :] if claimed is not None else ()
        dims = (*of_dims, *own_dims)
        own = [letters.new(dimension) for dimension in dims]
        ends = tuple(map(Affine.of, own))
        if claimed is not None and isinstance(claimed.of, Partial):
            return self._hessian(opened, shapes, claimed.of)
        if claimed is None:
            target, _ = readable(Ref(f"d{self.wanted}", (*self.places, *ends)), Ref("x"), letters, {*shapes, *written})
            assert isinstance(target, Ref)
            kind = "differential" if self.derivation.differential else "gradient"
            return Chain(target, 0, dims, shapes=shapes, kind=kind)
        middle = len(of_dims)
        whole = Ref(f"d({self.of})/d({self.wanted})", (*of_places, *ends[:middle], *self.places, *ends[middle:]))
        renamed, _ = readable(whole, Ref("x"), letters, {*shapes, *written})
        assert isinstance(renamed, Ref)
        whole, cut = renamed, len(of_places) + middle
        first, second = Ref(self.of, whole.indices[:cut]), Ref(self.wanted, whole.indices[cut:])
        if of_places and middle:
            raise UnreadableError("the derivative of a vector at a place can't be read; expected its entries")
        return Chain(whole, 0, dims, shapes=shapes, claimed=Partial(first, second))

    def _hessian(self, opened: Opened, shapes: dict[str, tuple[Dimension, ...]], inner: Partial) -> Chain:
        """The claim of a second derivative of a number, with a row for each entry of the first vector."""
        names, letters = opened.shapes.names, opened.shapes.opener.letters
        first = inner.by.name if isinstance(inner.by, Ref) else ""
        if names.get(self.of) != () or self.places or inner.by.letters or not {first} <= names.keys():
            raise UnreadableError("a second derivative is read of a number, by whole vectors or by entries")
        dims = (*names[first], *names[self.wanted])
        if len(dims) > 2:
            raise UnreadableError("a Hessian with more than two indices is no matrix; expected its entries")
        whole = Ref(f"d2({self.of})", tuple(Affine.of(letters.new(dimension)) for dimension in dims))
        target, _ = readable(whole, Ref("x"), letters, {*shapes, *letters_in(opened.lines)})
        assert isinstance(target, Ref)
        cut = len(names[first])
        rows, columns = Ref(first, target.indices[:cut]), Ref(self.wanted, target.indices[cut:])
        return Chain(target, 0, dims, shapes=shapes, claimed=Partial(Partial(Ref(self.of), rows), columns))

    @staticmethod
    def _opened(opened: Opened, chain: Chain, expr: Expr) -> str:
        written = letters_in(opened.lines) | set(expr.letters)
        return show(open_as(opened, chain.shapes, chain.target, chain.dims, expr, written))

    def _entrywise(self, opened: Opened, chain: Chain, read: Expr, here: Judged, line: Written) -> Written:
        """A line that does not fit as a product, with its `*` taken entry by entry where that fits."""
        expr = convert(self.derivation.meanings.of(read))
        try:
            found = Written(line.number, show_matrices(expr), "", expr, opened=self._opened(opened, chain, expr))
        except ShapeError:
            return line
        here.notes.append("`*` is taken entry by entry, since as a product it does not fit")
        return found

    def _is_scheme(self, expr: Expr) -> bool:
        """Whether a product of derivatives leads from the output to what the gradient is of, as the chain rule says.

        Of whole arrays it stands for products in an order that the scheme does not say.
        """
        steps = _steps(expr.factors, self.of) if isinstance(expr, Mul) else None
        if steps is None or self.derivation.claimed is not None:
            return False
        at = self.of
        while at in steps:
            at = steps.pop(at)
        return not steps and at == self.wanted

    def _written(self, opened: Opened, chain: Chain, here: Judged) -> Iterator[Written]:
        not_alone = sum(len(row.segments) for row in self.derivation.rows) > 1
        for segment in here.row.segments:
            try:
                if segment.expr is None:
                    raise UnreadableError(segment.problem)
                here.notes += segment.notes
                if not_alone and self._is_scheme(segment.expr):
                    here.notes.append("the product of derivatives is the chain rule as a scheme, and not judged")
                    continue
                letters = _letters(self.places) | segment.expr.letters
                expr = convert(with_positions(self.derivation.meanings.of(segment.expr), letters))
                if expr == Ref(chain.target.name):
                    continue
                line = Written(here.row.line, show_matrices(expr), "", expr)
                unknown = [name for name in _names(expr) if name not in chain.shapes and name not in opened.sizes]
                if unknown:
                    raise UnreadableError(f"nothing in the document says what {unknown[0]} is")
                try:
                    line.opened = self._opened(opened, chain, expr)
                except UnclearError as error:
                    raise UnreadableError(str(error)) from error
                except ShapeError as error:
                    line.problem = str(error)
                    if segment.entrywise is not None:
                        line = self._entrywise(opened, chain, segment.entrywise, here, line)
                here.readings.append(line.text)
                yield line
            except UnreadableError as error:
                here.sign, here.problem = UNREAD, quoted(segment, error)


def _equal_sides(opened: Opened) -> Iterator[str]:
    """That matrices which are known to be square are as long as they are wide, where their equations do not say it."""
    program = parse("\n".join(opened.rows))
    for name, dims in opened.shapes.names.items():
        if len(dims) == 2 and dims[0].root is dims[1].root and name in program.ranks:
            row, column = program.axes(name)[-2:]
            if program.dimensions.of[row] != program.dimensions.of[column]:
                yield f"assume size[{row}] = size[{column}]"


def _misfit(chain: Chain) -> bool:
    """Whether a line has another shape than what it is said to be."""
    return any(line.problem for line in chain.lines)


def _differentiated(claimed: Partial) -> Expr:
    """What a first or a second derivative is of."""
    return claimed.of.of if isinstance(claimed.of, Partial) else claimed.of


def _steps(factors: Sequence[Expr], output: str) -> dict[str, str] | None:
    """What each factor of a product differentiates, and by what; None where one is no derivative of whole arrays."""
    steps: dict[str, str] = {}
    for factor in factors:
        match factor:
            case Ref(name, ()) if name[:1] == "d":
                of, by = output, name[1:]
            case Partial(Ref(of, ()), Ref(by, ())):
                pass
            case _:
                return None
        if of in steps:
            return None
        steps[of] = by
    return steps


def _carry(verdict: ChainVerdict, rows: Sequence[tuple[Judged, list[Written]]]) -> None:
    """Carry the verdict on each line to its row."""
    verdicts = iter(verdict.lines)
    before = "the true gradient"
    for here, written in rows:
        for line in written:
            finding = next(verdicts).finding
            if finding is not None and here.finding is None:
                here.sign, here.before, here.finding = WRONG, before, finding
                here.latex = matrices_latex(finding.repair) if finding.repair else ""
            before = before if line.problem else line.text


def has_entries(values: Iterable[Expr]) -> bool:
    """Whether entries of a matrix stand somewhere, as `(XW)_{ij}`, or a row that is written out."""
    return any(isinstance(node, Entry | Listing) for value in values for node in value.walk())


def elements_of(lines: Iterable[Line]) -> list[Ref]:
    """The names in equations, with their left sides."""
    lines = list(lines)
    nodes = [node for line in lines for node in line.value.walk() if isinstance(node, Ref)]
    return nodes + [Ref(line.target, line.places) for line in lines]


def count_places(nodes: Iterable[Ref], known: Collection[str] = ()) -> dict[str, int]:
    """How many places each name has beside those of its own, as the x of `w^\\top x_i` has one.

    The d of a gradient is none of a name that is `known`.
    """
    counts: dict[str, int] = {}
    for node in nodes:
        name = node.name[1:] if node.name[:1] == "d" and node.name[1:] in known else node.name
        counts[name] = min(counts.get(name, len(node.indices)), len(node.indices))
    return {name: count for name, count in counts.items() if count}


def convert(expr: Expr) -> Expr:
    """What was read of LaTeX as an expression of matrix notation. Raises UnreadableError for what has none."""
    match expr:
        case Ref("I", ()):
            return Identity()
        case Ref() | Num() | Delta() | Size() | Position():
            return expr
        case Mul(factors):
            flat = [part for f in map(convert, factors) for part in (f.factors if isinstance(f, Product) else (f,))]
            return Product(tuple(flat))
        case Pow(base, Num(value)) if value == -1 and not _is_small(base):
            return Call("inv", (convert(base),))
        case Pow(base, exponent):
            return Raised(convert(base), convert(exponent))
        case Call("log", (Call("abs", (argument,)),)) if _is_large(argument):
            return Call("logdet", (convert(argument),))
        case Call("abs", (argument,)) if _is_large(argument):
            return Call("det", (convert(argument),))
        case Partial(of, by):
            return Partial(convert(of), by)
        case Entry() | Listing():
            raise UnreadableError("entries of a matrix stand among whole matrices")
        case Compare(relation, left, right):
            return Compare(relation, *(convert(_position(side)) for side in (left, right)))
    return expr.map(convert)


def _position(expr: Expr) -> Expr:
    plain = isinstance(expr, Ref) and not expr.indices and re.fullmatch("[i-n]", expr.name)
    return Position(expr.name) if plain and isinstance(expr, Ref) else expr


def _is_small(expr: Expr) -> bool:
    """Whether a base is a number by its name, or a norm."""
    return isinstance(expr, Norm | Num) or (isinstance(expr, Ref) and expr.name[0].islower())


def _is_large(expr: Expr) -> bool:
    return isinstance(expr, Ref) and not expr.indices and expr.name[0].isupper()


def _names(expr: Expr) -> list[str]:
    """The names in an expression, in order."""
    return list(dict.fromkeys(node.name for node in expr.walk() if isinstance(node, Ref)))


def _names_below(name: str, given: dict[str, _Given]) -> set[str]:
    """All that a name is made of, and itself."""
    found, waiting = {name}, [name]
    while waiting:
        each = waiting.pop()
        fresh = {used for used in _names(given[each].value) if used not in found} if each in given else set()
        found |= fresh
        waiting += fresh
    return found


def _letters(places: tuple[Affine, ...]) -> set[str]:
    return {letter for place in places for letter in place.letters}


def _source(given: _Given) -> str:
    return f"stated in line {given.line}" if given.line else "what is differentiated"


SIGNS = (
    ("⟨", r"\langle "), ("⟩", r"\rangle"), (" · ", r" \cdot "),
    ("⁻ᵀ", r"^{-\top}"), ("⁻¹", "^{-1}"), ("ᵀ", r"^\top"), (" ∘ ", r" \odot "), ("‖", r"\|"), ("½", r"\frac{1}{2}"),
)  # fmt: skip


def matrices_latex(text: str) -> str:
    """Matrix notation in LaTeX, to copy back."""
    text = re.sub(r"\bsize\[(\w+)\]", r"\\lvert \1\\rvert", text)
    text = re.sub(r"\b(sum|prod|max|min)\[([\w,]+)\]\(", r"\\\1_{\2}(", text)
    for _ in range(2):  # X[i,y[i]] has two brackets
        text = re.sub(r"(?<=[\w'])\[([^\[\]=]+)\]", r"_{\1}", text)
    for sign, command in SIGNS:
        text = text.replace(sign, command)
    text = re.sub(r"\bd([A-Z]|[a-z]\b|[a-z]*hat\b)", r"\\mathrm{d}\1", text)
    greek = "alpha|beta|gamma|delta|theta|lambda|mu|sigma|Sigma|Lambda|Theta|Phi|phi|psi|rho|tau|omega|eps"
    text = re.sub(rf"(?<![\\\w])({greek})\b", lambda m: rf"\{'varepsilon' if m[1] == 'eps' else m[1]} ", text)
    text = re.sub(r"(?<![\\\w])(exp|log|det|tanh|sin|cos|max|min)\(", r"\\\1(", text)
    return re.sub(r"(?<![\\\w])(sigmoid|softmax|diag|tr|logdet|relu|mean|sum)\(", r"\\operatorname{\1}(", text)
