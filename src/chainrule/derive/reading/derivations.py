"""A document's derivations: the rows that a person wrote, what each says, and which gradient it belongs to."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeGuard

from chainrule.derive.language.dimensions import fresh_letter
from chainrule.derive.language.expressions import ZERO, Call, Compare, Expr, Mul, Neg, Partial, Reduce, Ref, neg
from chainrule.derive.language.functions import FUNCTIONS
from chainrule.derive.language.subscripts import Affine, is_index
from chainrule.derive.reading.context import function_head, read_context
from chainrule.derive.reading.documents import Formula
from chainrule.derive.reading.grammar import LOSSES, Grammar
from chainrule.derive.reading.grammar.assumptions import inequality_said, read_assumption
from chainrule.derive.reading.grammar.equations import (
    WHERE,
    arrows_as_equal,
    begins_with_derivative,
    cut_equations,
    first_words,
    read_range,
    take_off_frames,
    with_partials,
)
from chainrule.derive.reading.grammar.known_functions import is_known, is_softmax, known_function
from chainrule.derive.reading.grammar.meanings import Meanings, find_class_numbers, find_encoded_classes
from chainrule.derive.reading.grammar.sizes import find_declared, find_sizes
from chainrule.derive.reading.kronecker import are_same, has_vectors, in_matrices, left_side
from chainrule.derive.reading.matrices import Entry
from chainrule.derive.reading.spelling.domains import symmetric_said
from chainrule.derive.reading.tokens import DISPLAY_ENVIRONMENTS, Token, UnreadableError, cut_latex, split_at, trim

ONE_STEP = Affine.constant(1)
SOLVING = re.compile(r"\b(?:solv(?:e|es|ing)|set(?:s|ting)?\b[^.]*\b(?:zero|\$?0\$?)|normal equations?)", re.IGNORECASE)
SOLVED = "an equation to be solved, and not judged"
SETTING = re.compile(
    r"\b(?:set(?:s|ting)?|optim|stationar|minim|maxim|critical|solv(?:e|ing)|first-order|equat(?:e|ing)|condition)",
    re.IGNORECASE,
)


@dataclass
class Segment:
    """What stands between two equality signs of a row: its expression, or the `problem` that keeps it from one.

    entrywise: the expression with each sign `*` read as the product entry by entry, where one stands in it.
    """

    latex: str
    expr: Expr | None = None
    problem: str = ""
    notes: list[str] = field(default_factory=list)
    open: bool = False
    entrywise: Expr | None = None


@dataclass
class Row:
    """A row of a formula: its LaTeX and line, the left side where it has one, and what it is said to be equal to.

    `remark` holds the words in it; a row of words alone has no segments. `wheres` are definitions after "where".
    claims: whether it says what a derivative is.
    """

    latex: str
    line: int
    cell: int = 0
    left: Segment | None = None
    segments: list[Segment] = field(default_factory=list)
    remark: str = ""
    wheres: list[tuple[Segment, Segment]] = field(default_factory=list)
    problem: str = ""
    claims: bool = False


@dataclass
class Definition:
    """`target = value`, with the heading under which it stands and the row it is read from."""

    target: Ref
    value: Expr
    heading: str
    line: int


@dataclass
class Chain:
    """Rows about one left side: a gradient, a derivative `of` an entry by another, or a result with a name in words.

    words: those before it in its sentence.
    """

    target: Expr
    rows: list[Row]
    label: str = ""
    condition: str = ""
    words: str = ""


@dataclass
class Derivation:
    """The gradient of one array as a document derives it: its chains in order, and the document's definitions.

    known: how many of the definitions stand before it; of the others it may use those under its own heading.
    claimed: the derivative that is derived instead, such as that of `p[i]` by `z[k]`; `gradient` then names the latter.
    stepped: the letter of a gradient that is stated one step before, as of c_{t-1}; empty where it is not.
    total: whether the gradient of what steps is the whole one, with what comes back from later steps.
    searched: whether repairs of its wrong rows are searched for.
    meanings: what letters stand for. summed: whether repeated indices are summed over.
    assumptions: what is said of the inputs, in the language. conditions: the inequalities under which the rows stand.
    words: those before it in its sentence. respelled: whether x stands in it for the X that a person wrote.
    """

    heading: str
    label: str
    gradient: Ref
    known: int
    chains: list[Chain]
    definitions: list[Definition]
    meanings: Meanings
    labels: dict[str, Expr]
    claimed: Partial | None = None
    summed: bool = False
    total: bool = False
    stepped: str = ""
    searched: bool = True
    assumptions: list[str] = field(default_factory=list)
    conditions: list[Compare] = field(default_factory=list)
    words: str = ""
    respelled: bool = False

    @property
    def differential(self) -> bool:
        """Whether what is derived is the differential of a loss or a function, in terms of those of its inputs."""
        name = self.gradient.name[1:]
        made_of = {each for d in self.definitions if d.target.name == name for each in d.value.names} - {name}
        values = [segment.expr for row in self.rows for segment in row.segments if segment.expr is not None]
        of_inputs = any(f"d{each}" in value.names for each in made_of for value in values)
        is_loss = name in LOSSES and not any(name in d.value.names for d in self.definitions)  # C may be a matrix
        return self.claimed is None and not self.gradient.indices and (is_loss or of_inputs)

    @property
    def comes_back(self) -> bool:
        """Whether the rows speak of the gradient at other steps of a recurrence, by which it comes back."""
        own, name = self.gradient, self.gradient.name[1:]
        values = (segment.expr for row in self.rows for segment in row.segments if segment.expr is not None)
        nodes = (node for value in values for node in value.walk() if isinstance(node, Ref) and node.name == own.name)
        steps = any(d.target.name == name and name in d.value.names for d in self.definitions)
        return steps and bool(own.indices) and any(node.indices != own.indices for node in nodes)

    @property
    def rows(self) -> Iterator[Row]:
        """All rows, in order."""
        return (row for chain in self.chains for row in chain.rows)


class Reader:
    """Reads formulas in order into derivations."""

    def __init__(self, formulas: Sequence[Formula], wide: bool = False, summed: bool = False) -> None:
        self.wide, self.summed = wide, summed
        self.context = read_context(formulas)
        self.assumptions: list[tuple[str, str]] = []  # each with its heading
        self.derivations: list[Derivation] = []
        self.definitions: list[Definition] = []
        self.problems: list[Row] = []
        self.waiting: list[Chain] = []
        self.given_names: dict[str, Segment] = {}  # names that a section gives to derivatives, as \\delta = dC/dz does
        self.waiting_heading = ""
        self.labels: dict[str, Expr] = {}
        self.meanings = Meanings()
        self._read_all(formulas)
        if not summed:
            self._find_fixed()
        if self.context.functions or self.context.fixed:  # what is known now may stand before the row that says it
            self.derivations, self.definitions, self.problems, self.assumptions = [], [], [], []
            self._read_all(formulas)

        self._define_last_layer()
        self._put_names_in_place()
        self.size_notes = self._find_sizes()
        judged = {derivation.heading for derivation in self.derivations}
        for derivation in self.derivations:  # what is assumed in another derivation's section stays there
            here = [
                text for heading, text in self.assumptions if heading == derivation.heading or heading not in judged
            ]
            here += [f"assume {name}[i,j] = {name}[j,i]" for name in sorted(self.context.neighbours)]
            sentence = re.split(r"\.\s", derivation.label or derivation.words)[-1]
            supposed = [name for _, names in symmetric_said(sentence, conditional=True) for name in names]
            here += [f"assume {name}[i,j] = {name}[j,i]" for name in (name.lstrip("\\") for name in supposed)]
            derivation.assumptions = list(dict.fromkeys(here))
            derivation.conditions = self._inequalities(derivation.label or derivation.words)

    def _inequalities(self, words: str) -> list[Compare]:
        """What the words before a formula assume of quantities."""
        losses = (d.target.name for d in reversed(self.definitions) if d.target.name in LOSSES)
        said = inequality_said(words, next(losses, ""))
        try:
            found = self._grammar(cut_latex(said), None).comparison() if said else ZERO
        except UnreadableError:
            return []
        known = {name for d in self.definitions for name in (d.target.name, *d.value.names)}
        of_places = any(is_index(name) and name in self.context.letters - known for name in found.names)
        several = found.factors if isinstance(found, Mul) else (found,)  # of a < r < b
        return [each for each in several if isinstance(each, Compare) and not of_places]

    def find_problem(self) -> Segment | None:
        """What stands in the way of reading all that is no derivation; None where nothing does."""
        sides = (side for row in self.problems for side in (row.left, *row.segments))
        return next((side for side in sides if side and side.problem), None)

    def _find_fixed(self) -> None:
        """Find the letters over which nothing runs: class numbers, or parts of names."""
        free = _free_places(self.definitions)
        exprs = [expr for d in self.definitions for expr in (d.target, d.value)]
        exprs += [segment.expr for segment in self._segments() if segment.expr is not None]
        taken = {*self.context.letters, *(name for expr in exprs for name in expr.names)}
        encoded = find_encoded_classes((d.target, d.value) for d in self.definitions)
        sums = [node for expr in exprs for node in expr.walk() if isinstance(node, Reduce)]
        run = {e.name for each in sums for e in each.body.walk() if isinstance(e, Ref) and {*e.axes} & {*each.indices}}
        defined = run & {d.target.name for d in self.definitions if d.target.indices}
        for letter in sorted(find_class_numbers(free, exprs, defined) | encoded):
            self.meanings.class_numbers[letter] = fresh_letter(taken, "nsbmqr")
            taken.add(self.meanings.class_numbers[letter])
        self.context.fixed = frozenset(
            (element.name, letter)
            for element, letter in free
            if element.name and len(element.indices) == 1 and letter not in self.meanings.class_numbers
        )

    def _define_last_layer(self) -> None:
        """Say what a^L is, where the document says what a^l is and speaks of the last layer as well."""
        said = {name for d in self.definitions for name in (d.target.name, *d.value.names)}
        said |= {name for s in self._segments() if s.expr is not None for name in s.expr.names}
        said |= {f"{each.gradient.name[1:]}" for each in self.derivations}
        defined = {d.target.name for d in self.definitions}
        layered = [d for d in self.definitions if d.target.indices == (Affine.of("l"),)]
        if not any(f"{d.target.name}L" in said for d in layered):
            return
        found = [replace(d, target=Ref(f"{d.target.name}L"), value=_in_last_layer(d.value)) for d in layered]
        found = [d for d in found if d.target.name not in defined and not any(map(_is_layered, d.value.walk()))]
        self.definitions[:0] = found
        for derivation in self.derivations:
            derivation.known += len(found)

    def _put_names_in_place(self) -> None:
        """Let H = f(X W) be f(Z), where Z = X W is said beside it and the gradient of Z is derived."""
        wanted = {each.gradient.name[1:] for each in self.derivations}
        for named in list(self.definitions):
            name = named.target.name
            if named.target.indices or name not in wanted or any(name in d.value.names for d in self.definitions):
                continue
            for d in self.definitions:
                if d.target.name not in named.value.names | {name}:
                    d.value = _with_name(d.value, named)

    def _segments(self) -> Iterator[Segment]:
        """What stands in the rows of all chains."""
        for chain in (*self.waiting, *(chain for each in self.derivations for chain in each.chains)):
            yield from (segment for row in chain.rows for segment in row.segments)

    def _find_sizes(self) -> dict[str, str]:
        """Sizes by the names that divide a sum without bounds; what is said of each."""
        derived = [segment.expr for segment in self._segments() if segment.expr is not None]
        targets = [*(d.target for d in self.definitions), *(each.gradient for each in self.derivations)]
        new = {
            name: at
            for name, at in find_sizes([d.value for d in self.definitions], derived, targets).items()
            if name not in self.meanings.sizes
        }
        self.meanings.sizes |= new
        return {
            name: f"{name} is read as how far {at} runs, as nothing else says what it is" for name, at in new.items()
        }

    def _read_all(self, formulas: Sequence[Formula]) -> None:
        for formula in formulas:
            self._read(formula)
        self._finish_waiting()
        self.meanings.counts, self.meanings.bold = self.context.counts, self.context.bold
        self.meanings.starts = {letter: min(places) for letter, places in self.context.starts.items()}

    def _read(self, formula: Formula) -> None:
        if formula.heading != self.waiting_heading:
            self._finish_waiting()
            self.waiting_heading = formula.heading
            self.given_names = {}
        chain: Chain | None = None
        gradients: list[Derivation] = []
        given_name: Segment | None = None  # the derivative that the last row gave a name
        for row in self._rows(formula):
            if self._is_solved(row, chain, formula):
                row.left, row.segments, row.problem, row.remark = None, [], "", SOLVED
            for left, right in row.wheres:
                self._define(left, right, formula, row)
            if row.left is None and chain is None and row.segments:  # after a row `g = dL/dx`, `= 2x` is about dL/dx
                row.left, given_name = given_name, None
            elif row.left is not None:
                if given := self.given_names.get(row.left.latex) if row.segments else None:
                    for each in row.segments:
                        each.expr = each.expr and _with_gradient(each.expr, row.left.expr, given.expr)
                    row.left = given
                if given_name := _named_alone(row):
                    self.given_names[row.left.latex] = given_name
            if row.left and (named := _named_derivative(row)):
                if self._define(row.left, row.segments[-1], formula, row):
                    row.left = None
                row.segments.remove(named)
                row.segments[:0] = [row.left] if row.left else []
                row.left = named
                if isinstance(named.expr, Neg):  # F = -dV/dx = -kx
                    for each in (named, *row.segments):
                        each.expr, each.entrywise = each.expr and neg(each.expr), each.entrywise and neg(each.entrywise)
            target = row.left.expr if row.left else None
            if row.left is not None and (primed := self._primed(target, row)):
                row.left.expr = target = primed
            stepped = ""
            if row.left is not None and _is_shifted(target):
                stepped = next((k for k, to in _steps_back(target).items() if to - Affine.of(k) == ONE_STEP), "")
                target = row.left.expr = _at_plain_places(row, target)
            if row.left is None or (target is not None and chain and _same(target, chain.target)):
                if chain:
                    chain.rows.append(row)
                elif row.segments or row.problem:
                    self.problems.append(row)
                continue
            if gradient := _gradient(target):
                chain = self._add_gradient(gradient, row, formula, gradients)
                gradients[-1].stepped = stepped if gradients[-1].chains[-1] is chain else gradients[-1].stepped
            elif isinstance(target, Partial) or row.left.problem.startswith("words"):
                row.remark = row.remark or formula.after
                chain = Chain(target or Ref("?"), [row], "" if target else row.left.latex, row.remark or formula.label)
                chain.words = formula.label or formula.before
                label = re.sub(r"\\text\{(.*?)\}", r"\1", row.left.latex).strip()
                if target is None and label in self.labels:
                    chain.target, chain.label = self.labels[label], label
                (gradients[-1].chains if gradients else self.waiting).append(chain)
            elif not row.segments:
                self.problems.append(row)
            elif not self._define(row.left, row.segments[-1], formula, row) and (row.claims or not formula.inline):
                chain = None
                self.problems.append(row)
            else:
                chain = None

    def _is_solved(self, row: Row, chain: Chain | None, formula: Formula) -> bool:
        """Whether a row follows from setting a gradient to zero, as the normal equations do, and claims none itself."""
        if row.left is None or not row.segments or row.claims or _gradient(row.left.expr):
            return False
        if chain is None:
            here = any(each.heading == formula.heading for each in self.derivations)
            return here and not formula.inline and bool(SOLVING.search(formula.label))
        set_to_zero = any("extremum" in note for each in chain.rows for s in each.segments for note in s.notes)
        solved = any(each.remark == SOLVED for each in chain.rows)
        return set_to_zero or solved or row.segments[-1].expr == ZERO

    def _primed(self, target: Expr | None, row: Row) -> Partial | None:
        """The derivative that `y'` is, where y is made of one number, and the row of nothing else; or `tanh'(x)`."""
        if isinstance(target, Call) and target.function[-1:] == "'" and isinstance(by := target.arguments[0], Ref):
            return Partial(Call(target.function[:-1], (by,)), by)
        if not isinstance(target, Ref) or target.indices or target.name[-1:] != "'":
            return None
        name = target.name.rstrip("'")
        made = {name} if any(d.target == Ref(name) for d in self.definitions) else set()
        while made & (defined := {d.target.name for d in self.definitions}):
            below = {each for d in self.definitions if d.target.name in made for each in d.value.names}
            made = below | made - defined if below != made else set()
        order = len(target.name) - len(name)
        said = {each for s in row.segments if s.expr is not None for each in s.expr.names}
        if len(made) != 1 or order > 2 or said - made - {d.target.name for d in self.definitions}:
            return None
        by = Ref(made.pop())
        return Partial(Ref(name), by) if order == 1 else Partial(Partial(Ref(name), by), by)

    def _add_gradient(self, gradient: Ref, row: Row, formula: Formula, gradients: list[Derivation]) -> Chain:
        found = next((each for each in gradients if each.gradient.name == gradient.name), None)
        if found and (not gradient.indices or not found.gradient.indices or gradient == found.gradient):
            last = found.chains[-1]
            if last.target == found.gradient and last.rows[-1] is not row:
                last.rows.append(row)
                return last
            found.chains.append(Chain(found.gradient, [row]))
            return found.chains[-1]
        chain = Chain(gradient, [row])
        chains = [*self.waiting, chain]
        self.waiting = []
        found = self._derivation(formula.heading, formula.label or formula.after.strip(), gradient, chains)
        found.words = formula.before
        self.derivations.append(found)
        gradients.append(found)
        return chain

    def _derivation(self, heading: str, label: str, gradient: Ref, chains: list[Chain]) -> Derivation:
        return Derivation(
            heading, label, gradient, len(self.definitions), chains, self.definitions, self.meanings, self.labels,
            summed=self.summed,
        )  # fmt: skip

    def _finish_waiting(self) -> None:
        """Derivatives after which no gradient follows are derivations of their own."""
        for chain in self.waiting:
            if isinstance(chain.target, Partial) and isinstance(by := _element(chain.target.by), Ref):
                found = self._derivation(self.waiting_heading, chain.condition, Ref(f"d{by.name}", by.indices), [chain])
                found.claimed, found.words = chain.target, chain.words
                self.derivations.append(found)
            else:
                self.problems += chain.rows
        self.waiting = []

    def _define(self, left: Segment, right: Segment, formula: Formula, row: Row) -> bool:
        target = left.expr
        if self._assume(target, right.expr, formula.heading):
            return True
        if target is not None and right.expr is not None and is_softmax(target, right.expr):
            return True
        target, value = _element(target), right.expr
        if isinstance(target, Call) and target.function == "log" and value is not None:  # \ln Z = …
            target, value = target.arguments[0], Call("exp", (value,))
        if not isinstance(target, Ref) or value is None:
            return False
        back = _steps_back(target)  # of h_{t+1} = …, so that it says what h_t is
        target = Ref(target.name, tuple(index.substitute(back) for index in target.indices))
        if not all(index.letter for index in target.indices):
            return False
        self.definitions.append(Definition(target, value.rename(back), formula.heading, row.line))
        return True

    def _rows(self, formula: Formula) -> Iterator[Row]:
        declared, latex = find_declared(formula.latex)
        self.meanings.shapes |= declared
        if formula.inline and "=" not in latex:
            return
        try:
            tokens = cut_latex(latex)
        except UnreadableError as error:
            yield Row(_short(formula.latex), formula.line, formula.cell, problem=str(error))
            return
        tokens = with_partials(take_off_frames(tokens))
        tokens = [t for t in tokens if not (t.kind in ("begin", "end") and t.text in DISPLAY_ENVIRONMENTS)]
        for parts in split_at(tokens, "row"):
            yield from (self._row(piece, formula) for piece in cut_equations(parts) if piece)

    def _row(self, tokens: list[Token], formula: Formula) -> Row:
        latex = _short(formula.latex[tokens[0].at : tokens[-1].end])
        row = Row(latex, formula.line_at(tokens[0].at), formula.cell)
        while tokens and tokens[0].kind in ("arrow", "space"):
            tokens = tokens[1:]
        tokens = arrows_as_equal(tokens)
        words = first_words(tokens)
        if words is not None:
            self._read_words(row, tokens[words:], formula)
            tokens = trim(tokens[:words])
        if not tokens or (tokens[0].kind == "sign" and tokens[0].text == "!="):
            row.remark = row.remark or latex
            return row
        best = (part[0].text for part in map(trim, split_at(tokens, "sign", "=")) if part)
        if not {"arg", "argmin", "argmax"}.isdisjoint(best):  # what is best is no equality to judge
            row.remark = latex
            return row
        if tokens[0].kind == "begin" and tokens[0].text == "cases":
            row.remark = latex
            return row
        if read_range(tokens):
            row.remark = latex
            return row
        parts = _without_sign([trim(part) for part in split_at(tokens, "sign", "=")])
        row.claims = any(map(begins_with_derivative, parts)) and len(parts) > 1
        function = function_head(parts[0]) if parts[0] and len(parts) > 1 else None
        if function and (told := self._known_again(*function, parts[-1], formula)) is not None:
            row.remark, row.problem = latex, told
            return row
        if function:
            row.left = self._function(*function, formula)
        elif parts[0]:
            row.left = self._segment(parts[0], formula)
            if len(parts) == 1:
                row.left, row.problem = None, "expected an equality sign"
        around = row.left.expr.free if row.left is not None and row.left.expr is not None else None
        row.segments = [self._segment(part, formula, around) for part in parts[1:] if part]
        if row.left is not None and any(has_vectors(side.expr) for side in (row.left, *row.segments)):
            self._read_vectors(row)
        sets = row.left is None or _gradient(row.left.expr) or SETTING.search(f"{formula.label} {formula.before}")
        if len(row.segments) > 1 and row.segments[-1].expr == ZERO and sets:
            row.segments.pop()
            row.segments[-1].notes.append("the 0 after it is read as the condition of an extremum, and not judged")
        if _is_condition(row, f"{formula.label} {formula.before}"):
            return Row(latex, row.line, row.cell, remark="set to zero: a condition, and not judged")
        if function and row.left and isinstance(row.left.expr, Ref) and row.segments:
            parameters, _ = self.context.functions.get(row.left.expr.name, ((), None))
            self.context.functions[row.left.expr.name] = (parameters, row.segments[-1].expr)
        return row

    @staticmethod
    def _read_vectors(row: Row) -> None:
        """Put matrices in the place of their vectors; the identity of `vec(AXB)` is none to be judged."""
        left = row.left.expr if row.left else None
        for segment in row.segments:
            if segment.expr is not None:
                try:
                    segment.expr = in_matrices(left, segment.expr)
                except UnreadableError as error:
                    segment.expr, segment.problem = None, str(error)
        if row.left and left is not None and has_vectors(left):
            try:
                row.left.expr = left = left_side(left)
            except UnreadableError as error:
                row.left.expr, row.left.problem = None, str(error)
        values = [segment.expr for segment in row.segments if segment.expr is not None]
        if left is not None and not isinstance(left, Ref | Partial) and values:
            if all(are_same(left, value) for value in values):
                row.left, row.segments, row.remark = None, [], row.latex
            else:
                row.claims, row.problem = True, "this is not the identity vec(AXB) = (Bᵀ ⊗ A) vec(X)"

    def _function(self, head: list[Token], parameters: list[list[Token]], formula: Formula) -> Segment:
        """The left side `J(\\theta)`: its name, whose parameters are kept."""
        if len(head) == 1 and known_function(head[0].text):  # GELU, which is what the document says from here on
            self.context.functions.setdefault(head[0].text, ((), None))
        left = self._segment(head, formula)
        names = [self._segment(part, formula).expr for part in parameters]
        if isinstance(left.expr, Ref) and all(isinstance(name, Ref) and not name.indices for name in names):
            plain = tuple(name.name for name in names if isinstance(name, Ref))
            _, value = self.context.functions.get(left.expr.name, ((), None))
            self.context.functions[left.expr.name] = (plain, value)
        return left

    def _known_again(
        self, head: list[Token], parameters: list[list[Token]], value: list[Token], formula: Formula
    ) -> str | None:
        """What is wrong with what a row says of a function that is known; None where the function is its own.

        A word such as GELU stands for what the document says; of tanh and its like there is but one.
        """
        function = known_function(head[0].text) if len(head) == 1 and head[0].text != "sigma" else ""
        if not function or len(parameters) != 1 or len(parameters[0]) != 1:
            return None
        said = self._segment(value, formula).expr
        if said is not None and is_known(function, parameters[0][0].text, said):
            return ""
        return f"{function} is something else" if head[0].text in FUNCTIONS else None

    def _assume(self, left: Expr | None, right: Expr | None, heading: str) -> bool:
        """Keep what is said of an input in a known form, as in `\\sum_k t_k = 1`."""
        found = read_assumption(left, right) if left is not None and right is not None else ""
        self.assumptions += [(heading, found)] * bool(found)
        return bool(found)

    def _read_words(self, row: Row, tokens: list[Token], formula: Formula) -> None:
        """The remark at the end of a row, and the definitions in it."""
        row.remark = _short(formula.latex[tokens[0].at : tokens[-1].end])
        if not WHERE.search(tokens[0].text):
            return
        for part in split_at(tokens, "text"):
            for piece in split_at(part, "space"):
                sides = [trim(side) for side in split_at(piece, "sign", "=")]
                if len(sides) >= 2 and all(sides):
                    left, right = self._segment(sides[0], formula), self._segment(sides[-1], formula)
                    row.wheres.append((left, right))

    def _segment(self, tokens: list[Token], formula: Formula, around: frozenset[str] | None = None) -> Segment:
        latex = _short(formula.latex[tokens[0].at : tokens[-1].end]) if tokens else ""
        grammar = self._grammar(tokens, around)
        starred = [
            replace(t, text="⊙") if t.text == "*" and t.end == t.at + 1 and before not in ("^", "{") else t
            for before, t in zip(["", *(token.text for token in tokens)], tokens, strict=False)
        ]
        try:
            expr = grammar.whole()
            entrywise = self._grammar(starred, around).whole() if starred != tokens else None
            return Segment(latex, expr, "", list(dict.fromkeys(grammar.notes)), grammar.open, entrywise)
        except UnreadableError as error:
            return Segment(latex, None, str(error))
        except RecursionError:
            return Segment(latex, None, "the formula is nested too deeply")

    def _grammar(self, tokens: Sequence[Token], around: frozenset[str] | None) -> Grammar:
        grammar = Grammar(tokens, self.labels, self.wide, self.context)
        grammar.sizes = self.meanings.sizes
        grammar.bound = around
        return grammar


def _without_sign(sides: list[list[Token]]) -> list[list[Token]]:
    """The sides of `-dE/dw = v h` with the sign on the other ones."""
    left, *others = sides
    if not left or left[0].text != "-" or not begins_with_derivative(left[1:]) or not all(others):
        return sides

    def negative(side: list[Token]) -> list[Token]:
        start, end = side[0].at, side[-1].end
        return [*(Token("sign", text, start, start) for text in "-("), *side, Token("sign", ")", end, end)]

    return [left[1:], *map(negative, others)]


def _with_name(expr: Expr, named: Definition) -> Expr:
    """An expression with a name in the place of what it stands for."""
    return named.target if expr == named.value else expr.map(lambda child: _with_name(child, named))


def _in_last_layer(expr: Expr) -> Expr:
    """An expression of layer l in the last one, `W^L a^{L-1} + b^L`."""
    names = {(Affine.of("l"),): "L", (Affine.of("l") + -ONE_STEP,): "Lprev"}
    if isinstance(expr, Ref) and expr.indices in names:
        return Ref(expr.name + names[expr.indices])
    return expr.map(_in_last_layer)


def _is_layered(node: Expr) -> bool:
    return isinstance(node, Ref) and any("l" in index.letters for index in node.indices)


def _steps_back(target: Ref) -> dict[str, Affine]:
    """For each letter of a left side that is a step ahead, as in `h_{t+1}`, what to put in its place."""
    steps: dict[str, Affine] = {}
    for index in target.indices:
        for letter in index.letters if not index.letter and len(index.letters) == 1 else ():
            ahead = index + -Affine.of(letter)
            if not ahead.letters and not ahead.lookups and letter not in {other.letter for other in target.indices}:
                steps[letter] = Affine.of(letter) + -ahead
    return steps


def _is_shifted(target: Expr | None) -> TypeGuard[Ref]:
    """Whether a left side is the gradient at a step behind or ahead, as of a^{l-1}."""
    gradient = isinstance(target, Ref) and target.name.startswith("d") and len(target.name) > 1
    return gradient and isinstance(target, Ref) and bool(_steps_back(target))


def _at_plain_places(row: Row, target: Ref) -> Ref:
    """The same gradient at a plain step; what it is said to be is put as many steps on."""
    back = _steps_back(target)
    for segment in row.segments:
        segment.expr = segment.expr and segment.expr.rename(back)
        segment.entrywise = segment.entrywise and segment.entrywise.rename(back)
        segment.notes.append(f"written for {target.name}[{', '.join(back)}], each place as many steps on")
    return Ref(target.name, tuple(index.substitute(back) for index in target.indices))


def _free_places(definitions: Iterable[Definition]) -> set[tuple[Ref, str]]:
    """Elements with a letter that nothing runs over, such as u_o and v_c in a number that they make.

    In an array it is a letter below one name alone, as in K_{pq} = \\sigma_f \\exp(...). What stands below an
    expression, as the y of softmax(z)_y, is below no name.
    """
    definitions = list(definitions)
    nodes = [node for d in definitions for node in (d.target, *d.value.walk()) if isinstance(node, Ref)]
    below = {letter: {node.name for node in nodes if letter in node.axes} for node in nodes for letter in node.axes}
    bound = {letter for d in definitions for node in d.value.walk() for letter in node.letters - node.free}
    return {
        (node, letter)
        for d in definitions
        for node in (
            Ref("", node.indices) if isinstance(node, Entry) else node
            for node in d.value.walk()
            if isinstance(node, Ref | Entry)
        )
        for letter in node.axes
        if letter in d.value.free - d.target.letters
        if not d.target.indices or (len(below.get(letter, ())) == 1 and letter not in bound)
    }


def _gradient(target: Expr | None) -> Ref | None:
    """The gradient of the loss that a left side names: `dW[i,j]`, or `dW`."""
    target = _element(target)
    if isinstance(target, Ref) and target.name.startswith("d") and len(target.name) > 1 and target.name[1] != "_":
        return target if all(index.letter for index in target.indices) else None
    return None


def _named_derivative(row: Row) -> Segment | None:
    """The derivative that a row gives a name, or says what it is, after another left side: `g = dL/dw = X^T e`."""
    if row.left is None or row.left.expr is None or _is_derivative(row.left.expr):
        return None
    is_name = isinstance(_element(row.left.expr), Ref)
    plain = ((s, s.expr.argument if isinstance(s.expr, Neg) else s.expr) for s in row.segments)
    found = next((segment for segment, expr in plain if _is_derivative(expr)), None)
    return found if found and (len(row.segments) > 1 or not is_name) else None


def _is_condition(row: Row, words: str) -> bool:
    """Whether a row sets a gradient to zero, as the words before it say, and does not claim that it is zero."""
    alone = len(row.segments) == 1 and row.segments[0].expr == ZERO
    return alone and row.left is not None and _is_derivative(row.left.expr) and bool(SETTING.search(words))


def _named_alone(row: Row) -> Segment | None:
    """The derivative that a row gives a name, and nothing else."""
    one = row.segments[0] if len(row.segments) == 1 and row.left and not _is_derivative(row.left.expr) else None
    return one if one and _is_derivative(one.expr) else None


def _is_derivative(expr: Expr | None) -> bool:
    return _gradient(expr) is not None or (isinstance(expr, Partial) and isinstance(_element(expr.by), Ref))


def _element(target: Expr | None) -> Expr | None:
    """An entry of an array, however it is written."""
    if isinstance(target, Entry) and isinstance(target.array, Ref):
        return Ref(target.array.name, target.indices)
    return target


def _with_gradient(expr: Expr, name: Expr | None, gradient: Expr | None) -> Expr:
    """The expression with a gradient in the place of its name at other steps, as of the g_{t+1} beside g_t."""
    if not (isinstance(name, Ref) and isinstance(gradient, Ref) and name.axes == gradient.axes):
        return expr
    if isinstance(expr, Ref) and expr.name == name.name and len(expr.indices) == len(name.indices):
        return Ref(gradient.name, expr.indices)
    return expr.map(lambda child: _with_gradient(child, name, gradient))


def _same(left: Expr, right: Expr) -> bool:
    """Whether two left sides are the same thing."""
    return left == right or (_gradient(left) is not None and _gradient(left) == _gradient(right))


def _short(latex: str) -> str:
    """LaTeX in one line."""
    return re.sub(r"\s+", " ", latex).strip(" &")


def letters_of(target: Ref) -> tuple[str, ...]:
    """The indices of a left side."""
    return tuple(index.letter or "" for index in target.indices)


def plain(name: str, letters: Iterable[str]) -> Ref:
    """The element of an array at plain letters."""
    return Ref(name, tuple(map(Affine.of, letters)))
