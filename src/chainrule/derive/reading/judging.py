"""Judges the derivations of a document: writes each in the language, proves it, and carries the verdict to its rows."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from chainrule.derive.language.errors import EquationError
from chainrule.derive.language.expressions import (
    Expr,
    Partial,
    Ref,
)
from chainrule.derive.language.printer import show
from chainrule.derive.language.programs.program import Program
from chainrule.derive.language.subscripts import Affine
from chainrule.derive.reading.alternatives.powers import with_powers_of_matrices
from chainrule.derive.reading.alternatives.stacked import with_stacked
from chainrule.derive.reading.alternatives.steps import at_one_step, gradient_at_one_step
from chainrule.derive.reading.answer import FOLLOWS, REMARK, UNREAD, Judged, JudgedDerivation, JudgedDocument
from chainrule.derive.reading.derivations import Chain, Derivation, Reader, Row, Segment
from chainrule.derive.reading.documents import Formula, read_formulas
from chainrule.derive.reading.forward import Catalogue, Equation, MissingForwardError, find_forward
from chainrule.derive.reading.grammar import LOSSES
from chainrule.derive.reading.grammar.cases import states_case
from chainrule.derive.reading.lines import quoted
from chainrule.derive.reading.matrices import Listing
from chainrule.derive.reading.parts import Parts
from chainrule.derive.reading.tokens import UnreadableError
from chainrule.errors import UserError

Wholes = Callable[[Derivation], JudgedDerivation | None]
EINSTEIN = re.compile(r"(?:repeated|same|double)\W+(?:indices|index)|\bEinstein", re.IGNORECASE)


def prove_document(
    text: str,
    suffix: str = ".md",
    forward: Program | None = None,
    known: Catalogue = lambda heading: None,
    judge_wholes: Wholes = lambda derivation: None,
    repairs: bool = True,
) -> JudgedDocument:
    """Judge the derivations of a document row by row.

    suffix: `.md`, `.tex` or `.ipynb`. forward: the forward program of all derivations, where the document states none.
    known: gives the program that a heading names, or None. judge_wholes: judges a derivation of whole matrices, or
    gives None. repairs: whether to search for what a wrong row should be. Raises UserError where nothing in the
    document is a derivation.
    """
    formulas = read_formulas(text, suffix)
    summed = bool(EINSTEIN.search(text))
    reader = Reader(formulas, summed=summed)
    if not reader.derivations:
        claimed = (row.left for row in reader.problems if row.claims and row.left and row.left.problem)
        what = (
            "no derivation in the document; expected a formula with a gradient on its left side, such as "
            r"\frac{\partial L}{\partial W_{ij}} = …"
        )
        if left := next(claimed, None):
            what = f"no derivation in the document, since {quoted(left, UnreadableError(left.problem))}"
        raise UserError(what)

    def judge(derivation: Derivation, searched: bool = True) -> _Read:
        """searched: whether repairs are; a reading may still be given up for another, and then they are not needed."""
        derivation = replace(derivation, searched=searched and repairs)
        whole = None if forward else judge_wholes(derivation)
        read = _Read(derivation, whole or _judge(derivation, forward, known, judge_wholes))
        if not read.judged.ok and not forward and (powers := with_powers_of_matrices(derivation)):
            other = judge(powers, searched)
            if other.judged.ok:
                other.notes.append(
                    "the power of a capital letter is read as a product of matrices, since so all rows follow"
                )
                return other
        if read.judged.problem and (numbers := _with_numbers(derivation)):
            other = judge(numbers, searched)
            read = read if other.judged.problem else other
        if not read.judged.ok and not forward:
            read = _or_stacked(read, judge)
        if derivation.stepped and not read.judged.ok and not forward:
            one_step = judge(gradient_at_one_step(derivation), searched)
            told = bool(read.judged.problem) and not one_step.judged.problem
            return one_step if one_step.judged.ok or told else read
        return read

    read = [_or_in_total(judge(d, searched=not _has_other_readings(d)), judge) for d in reader.derivations]
    others = Reader(formulas, wide=True, summed=summed).derivations
    if len(others) == len(read):
        read = [_prefer(one, other, judge) for one, other in zip(read, others, strict=True)]
    judged = [_finish(one, judge, repairs) for one in read]
    judged = _by_sections(judged, formulas, summed, judge, repairs)
    for each in judged:
        texts = " ".join([*(text for text, _ in each.forward), *(r for row in each.rows for r in row.readings)])
        each.notes += [note for name, note in reader.size_notes.items() if f"size[{note.split()[6]}]" in texts]
    unread = [row for row in reader.problems if row.problem or (row.left and row.left.problem) or row.segments]
    return JudgedDocument(judged, unread)


@dataclass
class _Read:
    """A derivation in one reading, judged; `notes` say why this reading.

    respelled: writes a text about it in the person's own names. written: the rows as they are in these, where they are
    others.
    """

    derivation: Derivation
    judged: JudgedDerivation
    notes: list[str] = field(default_factory=list)
    respelled: Callable[[str], str] = str
    written: list[Row] = field(default_factory=list)

    @property
    def rows_that_follow(self) -> int:
        return sum(row.sign == FOLLOWS for row in self.judged.rows)

    @property
    def rows_that_count(self) -> tuple[int, int]:
        """How many rows are judged as a whole, and how many follow."""
        judged = 0 if self.judged.problem else sum(not row.problem for row in self.judged.rows)
        return judged, self.rows_that_follow


Judge = Callable[[Derivation, bool], _Read]


def _by_sections(
    judged: list[JudgedDerivation],
    formulas: Sequence[Formula],
    summed: bool,
    judge: Judge,
    repairs: bool,
) -> list[JudgedDerivation]:
    """The derivations, those of a section read by itself where so all of them follow, or can be judged at all.

    A letter may be a class number in one section and an array in the next.
    """
    for heading in dict.fromkeys(each.derivation.heading for each in judged):
        places = [k for k, each in enumerate(judged) if each.derivation.heading == heading]
        section = [formula for formula in formulas if formula.heading == heading]
        if len(section) == len(formulas) or all(judged[k].ok for k in places):
            continue
        alone = Reader(section, summed=summed).derivations
        found = [_or_in_total(judge(derivation, False), judge) for derivation in alone]
        if len(found) != len(places):
            continue
        follow, unjudged = all(each.judged.ok for each in found), any(judged[k].problem for k in places)
        if follow or (unjudged and not any(each.judged.problem for each in found)):
            for k, each in zip(places, found, strict=True):
                each.notes.append(f"read by its section alone, since so it {'follows' if follow else 'can be judged'}")
                judged[k] = _finish(each, judge, repairs)
    return judged


def _has_other_readings(derivation: Derivation) -> bool:
    """Whether a term may go on, or a definition steps, as far as is seen before the derivation is judged."""
    later = set()
    for definition in reversed(derivation.definitions):
        later.add(definition.target.name)
        if definition.value.names & later:
            return True
    return _is_open(derivation)


def _is_open(derivation: Derivation) -> bool:
    return any(segment.open for row in derivation.rows for segment in row.segments)


def _or_in_total(first: _Read, judge: Judge) -> _Read:
    """A derivation about a recurrence, read so that more of its rows follow.

    The gradient of h[t] may be what arrives there from outside, or the whole one, with what h[t+1] sends back.
    """
    forward = [row for row, _ in first.judged.forward]
    name = forward[-1].split("[")[0].strip() if forward else ""
    comes_back = re.compile(rf"=.*(?<!\w){re.escape(name)}\[")
    if first.judged.ok or not any(map(comes_back.search, forward)):
        return first
    second = judge(replace(first.judged.derivation, total=True), False)
    better = second if second.rows_that_follow > first.rows_that_follow else first
    meant = "the whole one, with what later steps send back" if better is second else "what arrives from outside alone"
    many = "no fewer" if second.rows_that_follow == first.rows_that_follow else "more"
    better.notes.append(f"d{name} is read as {meant}, since so {many} rows follow")
    return better


def _with_numbers(derivation: Derivation) -> Derivation | None:
    """The derivation with plain numbers for sizes of what its definitions do not run over; None without such."""
    meanings = derivation.meanings
    letters = {letter for d in derivation.definitions for letter in d.value.letters | d.target.letters}
    sizes = {name: at for name, at in meanings.sizes.items() if at in letters}
    return replace(derivation, meanings=replace(meanings, sizes=sizes)) if sizes != meanings.sizes else None


def _or_stacked(first: _Read, judge: Judge) -> _Read:
    """A derivation in which X stands beside x_i, with X made of them where so more can be judged, or follows."""
    best = first
    for other in with_stacked(first.derivation):
        read = judge(other.derivation, False)
        if read.rows_that_count > best.rows_that_count:
            best = read
            best.notes.append(other.note)
            best.respelled, best.written = other.respelled, list(first.derivation.rows)
        if read.judged.ok:
            break
    return best


def _prefer(first: _Read, other: Derivation, judge: Judge) -> _Read:
    """Of two readings of a derivation, the one in which more rows follow."""
    if first.judged.ok or not (_is_open(first.judged.derivation) or first.judged.problem):
        return first
    second = judge(other, False)
    if first.judged.problem:
        return first if second.judged.problem else second
    better = second if second.rows_that_follow > first.rows_that_follow else first
    how = "goes on to further terms and factors" if better is second else "ends with its term or bracket"
    many = "no fewer" if second.rows_that_follow == first.rows_that_follow else "more"
    better.notes.append(f"read so that each sum and each operator d/dX {how}, since so {many} rows follow")
    return better


def _finish(read: _Read, judge: Judge, repairs: bool) -> JudgedDerivation:
    """The judgement of the reading that was chosen, with the repairs of its wrong rows where they are wanted."""
    if repairs and not read.judged.ok and not read.derivation.searched:
        read.judged = judge(read.derivation, True).judged
    read.judged.notes += read.notes
    same = len(read.judged.rows) == len(read.written)
    for row, own in zip(read.judged.rows, read.written if same else (), strict=same):
        row.row = own
    for row in read.judged.rows:
        row.readings, row.before = list(map(read.respelled, row.readings)), read.respelled(row.before)
        row.latex = read.respelled(row.latex)
        if row.finding and row.finding.repair:
            row.finding = replace(row.finding, repair=read.respelled(row.finding.repair))
    return read.judged


def _judge(derivation: Derivation, given: Program | None, known: Catalogue, judge_wholes: Wholes) -> JudgedDerivation:
    derivation = at_one_step(derivation)
    judge = _Judge(derivation, given, known)
    judge.judge_wholes = judge_wholes
    try:
        return judge.judge()
    except (UnreadableError, EquationError) as error:  # of what stands in no row of its own, such as a definition
        rows = [_unjudged(row) for row in derivation.rows]
        why = error.problem if isinstance(error, EquationError) else str(error)
        return JudgedDerivation(derivation, rows, judge.answer.forward, judge.answer.notes, why)


def _unjudged(row: Row) -> Judged:
    """A row without its verdict, and what in itself keeps it from one."""
    problem = next((quoted(s, UnreadableError(s.problem)) for s in row.segments if s.problem), "")
    return Judged(row, UNREAD if row.segments else REMARK, problem=problem)


class _Judge(Parts):
    """Judges one derivation; `judge_wholes` judges a part of whole matrices."""

    judge_wholes: Wholes

    def judge(self) -> JudgedDerivation:
        """Judge every row."""
        try:
            self.forward = self._find_forward()
        except (MissingForwardError, UnreadableError) as error:
            self.answer.problem = str(error)
            self.answer.rows = [_unjudged(row) for row in self.derivation.rows]
            return self.answer
        self.answer.notes += dict.fromkeys([*self.matrices.notes, *self.derivation.meanings.notes])
        self.matrices.notes.clear()
        self._claim_cases()
        if self.derivation.claimed is not None:
            return self._judge_claimed()
        self.answer.forward = [(self.named(str(e)), e.source) for e in self.forward]
        rank = self.matrices.ranks.get(self.wanted, len(self.derivation.gradient.indices))
        letters = next((e.indices for e in self._targets() if len(e.indices) == rank), None)
        self.target = Ref(f"d{self.wanted}", letters if letters is not None else tuple(self.matrices.letters(rank)))
        pending: list[Chain] = []
        for chain in [*self.derivation.chains, None]:
            if chain is not None and not isinstance(chain.target, Partial) and not chain.label:
                pending.append(chain)
        lines = self._judge_gradient(pending)
        for chain in self.derivation.chains:
            if chain in pending:
                self.answer.rows += [lines[id(row)] for row in chain.rows]
            else:
                self.answer.rows += self._judge_step(chain) or self.judge_part(chain)
        self.answer.notes += self._tell_bare_names()
        for function, stand_in in self.stand_ins.items():
            self.answer.notes.append(f"{function} is any function; it is judged with {stand_in} in its place")
        return self.answer

    def _judge_step(self, chain: Chain) -> list[Judged]:
        """Judge rows about the derivative of a state by the one before it; none where these are about another."""
        if not isinstance(chain.target, Partial) or not isinstance(by := chain.target.by, Ref):
            return []
        alone = replace(self.derivation, gradient=Ref(f"d{by.name}", by.indices), claimed=chain.target, chains=[chain])
        if at_one_step(alone) is alone:
            return []
        found = self.judge_wholes(alone) or _judge(alone, self.given, self.known, self.judge_wholes)
        return [replace(each, part="derivative") for each in found.rows]

    def _claim_cases(self) -> None:
        """Take a gradient by an element at a class number, as z_y, or in the case k ≠ y, for a derivative at these."""
        gradient, classes = self.derivation.gradient, self.derivation.meanings.class_numbers
        around = self.derivation.label if states_case(self.derivation.label, classes) else ""
        cases = [row.remark for row in self.derivation.rows if states_case(row.remark, classes)]
        if self.derivation.claimed is not None or not (around or cases or gradient.letters & classes.keys()):
            return
        claimed = Partial(self.forward[-1].target, Ref(self.wanted, gradient.indices))
        chains = [
            replace(c, target=claimed, rows=[row], condition=row.remark if row.remark in cases else around)
            if c.target == gradient
            else c
            for c in self.derivation.chains
            for row in (c.rows if c.target == gradient else c.rows[:1])
        ]
        self.derivation = replace(self.derivation, claimed=claimed, chains=chains)
        self.answer.derivation = self.derivation

    def _judge_claimed(self) -> JudgedDerivation:
        """Judge rows about a derivative that no gradient comes after."""
        self.answer.forward = [(self.named(str(e)), e.source) for e in self.forward]
        for chain in self.derivation.chains:
            self.answer.rows += self.judge_part(chain)
        self.answer.right = all(judged.sign in (FOLLOWS, REMARK) for judged in self.answer.rows)
        self.answer.notes += self._tell_bare_names()
        return self.answer

    def _expressions(self) -> Iterator[Expr]:
        return (segment.expr for row in self.derivation.rows for segment in row.segments if segment.expr)

    def _tell_bare_names(self) -> Iterator[str]:
        """What the names without indices are read as, where no program is given."""
        if self.given:
            return
        nodes = (node for expr in self._expressions() for node in expr.walk() if isinstance(node, Ref))
        numbers = self.derivation.meanings.class_numbers
        indices = {index for expr in self._expressions() for index in expr.letters}  # as the k of [k = y]
        bare = sorted({node.name for node in nodes if not node.indices} - LOSSES - {"eps", "e"} - {*numbers} - indices)
        for rank, kind in ((2, "a matrix"), (1, "a vector"), (0, "a number")):
            names = [n for n in bare if self.matrices.rank(Ref(n)) == rank and n[1:] not in self.matrices.ranks]
            if names:
                yield f"{', '.join(names)} without indices: read as {kind}{' each' * (len(names) > 1)}"

    def _targets(self) -> Iterator[Ref]:
        yield self.derivation.gradient
        for chain in self.derivation.chains:
            for row in chain.rows:
                for segment in row.segments:
                    if isinstance(segment.expr, Ref) and segment.expr.name == f"d{self.wanted}":
                        yield segment.expr

    def _find_forward(self) -> list[Equation]:
        if self.given:
            return [Equation(s.target, s.value, "given") for s in self.given.statements]
        found = find_forward(self.derivation, self.matrices, self.known)
        meanings = self.derivation.meanings
        found = [
            Equation(e.target, meanings.at_positions(meanings.of_whole(e.value), e.target.free), e.source)
            for e in found
        ]
        last = found[-1].target
        return [*found, Equation(_output_of(last), last, "its value")] if self.derivation.total else found

    # the gradient's own chain

    def _judge_gradient(self, chains: Sequence[Chain]) -> dict[int, Judged]:
        """The judgement of each row of the chain, by the row's id."""
        judged: dict[int, Judged] = {}
        lines: list[tuple[Judged, str]] = []
        listed: list[tuple[Judged, Expr]] = []
        for row in (row for chain in chains for row in chain.rows):
            here = judged[id(row)] = Judged(row, FOLLOWS if row.segments else REMARK, problem=row.problem)
            if row.problem:
                here.sign = UNREAD
            for segment in row.segments:
                try:
                    if segment.expr is not None and self._is_listed(segment):
                        listed.append((here, segment.expr))
                    elif (line := self._line(segment, row, here)) is not None:
                        lines.append((here, line))
                        here.readings.append(self.named(line))
                except UnreadableError as error:
                    here.sign, here.problem = UNREAD, quoted(segment, error)
        self.answer.right = self.prove(lines, self.forward, self.target)
        for here, expr in listed:
            self._judge_listed(here, expr)
        return judged

    def _is_listed(self, segment: Segment) -> bool:
        return isinstance(segment.expr, Listing) and len(self.target.indices) > 1

    def _line(self, segment: Segment, row: Row, here: Judged) -> str | None:
        """A segment in the language; None where it says the left side once more."""
        if segment.expr is None:
            raise UnreadableError(segment.problem)
        here.notes += segment.notes
        matrices = self.matrices
        lowered = matrices.lower(segment.expr)
        rank = matrices.rank(lowered)
        if rank or _needs_entry(lowered):
            if rank > len(self.target.indices):
                here.notes.append(
                    f"the right side is a matrix, but d{self.wanted} has {len(self.target.indices)} index"
                )
                spare = tuple(Affine.of(letter) for letter in ("s", "t") if letter not in self.target.letters)[:rank]
                lowered = matrices.entry(lowered, spare)
            else:
                lowered = matrices.entry(lowered, self.target.indices)
            here.notes += matrices.notes
            matrices.notes.clear()
        if lowered == self.target:
            return None
        return self.written(lowered, self.target, here)

    def _judge_listed(self, here: Judged, expr: Expr) -> None:
        """Judge a row written out for an array that the chain gave two indices: the same row for every sample."""
        index = self.target.indices[-1]
        target = Ref(self.target.name, (index,))
        here.notes.append(
            f"the gradient of {self.wanted} is one row, so {self.wanted} is a vector that every sample shares: "
            f"{show(Ref(self.wanted, self.target.indices))} is {show(Ref(self.wanted, (index,)))}"
        )
        forward = [Equation(e.target, _as_row(e.value, self.wanted), e.source) for e in self.forward]
        try:
            entry = self.matrices.entry(self.matrices.lower(expr), (index,))
            line = self.written(entry, target, here)
        except UnreadableError as error:
            here.sign, here.problem = UNREAD, str(error)
            return
        here.readings.append(f"{show(target)} = {self.named(line)}")
        self.answer.right = self.prove([(here, line)], forward, target)


def _output_of(target: Ref) -> Ref:
    """The output that a whole gradient of what steps is the gradient of."""
    return Ref(f"{target.name}out", target.indices)


def _needs_entry(expr: Expr) -> bool:
    return any(type(node).__name__ in ("Transposed", "Hadamard", "Listing") for node in expr.walk())


def _as_row(expr: Expr, name: str) -> Expr:
    """The expression with the last index of an array alone."""
    if isinstance(expr, Ref) and expr.name == name:
        return Ref(name, expr.indices[-1:])
    return expr.map(lambda child: _as_row(child, name))
