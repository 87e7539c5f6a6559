"""Judges a person's derivation: `prove`."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from chainrule.derive.language.claiming.heads import DIFFERENTIAL
from chainrule.derive.language.claims import check_circles
from chainrule.derive.language.errors import EquationError
from chainrule.derive.language.expressions import Expr, relabelled
from chainrule.derive.language.printer import show
from chainrule.derive.language.programs.program import Assumption
from chainrule.derive.language.programs.readings import SCALARS, list_readings, unindexed_capitals
from chainrule.derive.language.recurrence.starts import without_starts
from chainrule.derive.prover.assumed import list_distributions
from chainrule.derive.prover.judging.agreement import SEARCH_SECONDS, Points
from chainrule.derive.prover.judging.counterexample import find_counterexample
from chainrule.derive.prover.judging.where_different import describe_difference
from chainrule.derive.prover.partials import TOTAL
from chainrule.derive.prover.reading import Chain, Line, Reading, TypedLine, assign_dimensions, read, split_markdown
from chainrule.derive.prover.repair.search import Repair, find_frozen, find_repair
from chainrule.derive.prover.repair.shorthands import repair_shorthand, used_shorthands
from chainrule.derive.prover.truth import Differentials, Model
from chainrule.derive.prover.verdict import ChainVerdict, LineFinding, LineVerdict, Verdict

GAVE_UP = f"no repair was found in the {SEARCH_SECONDS:.0f} seconds that the search takes at most"


def prove(text: str, repairs: bool = True) -> Verdict:
    """Judge a person's derivation line by line.

    text: a derivation (`forward`, its program, `gradient dX[m,n]`, lines that begin with `=`), or a Markdown file with
    derivations in its code blocks. repairs: whether to search for what a wrong line should be. The verdict has `.ok`,
    `.line` (the first that does not follow), `.repair`, `.text`. Raises EquationError, with line and column, where the
    text is no derivation.
    """
    blocks = [read(block) for block in split_markdown(text)]
    told = dict.fromkeys(told for block in blocks for told in list_readings(block.forward))
    return Verdict(tuple(chain for block in blocks for chain in _judge(block, repairs)), tuple(told))


def _judge(reading: Reading, repairs: bool) -> list[ChainVerdict]:
    named = [shorthand.value for shorthand in reading.shorthands.values()]
    _refuse_matrices(reading)
    named_in = set().union(*(value.names for value in named))
    judged: dict[int, ChainVerdict] = {}
    for make, chains in _by_meaning(reading.chains):
        mentioned = named_in.union(*(line.raw.names for chain in chains for line in chain.lines))
        model = make(reading.forward, mentioned, reading.shorthands)
        judged |= _judge_with(model, reading, chains, repairs)
        for chain in chains if repairs else ():
            if not judged[chain.number].follows and (assumed := _find_assumption(make, mentioned, reading, chain)):
                meant = str(assumed).removeprefix("assume ")
                judged[chain.number] = judged[chain.number].explained(
                    f"It holds where {meant}; if that is meant, say so (`{assumed}`, or as a formula of the document)."
                )
    return [judged[chain.number] for chain in reading.chains]


def _find_assumption(
    make: type[Model], mentioned: Collection[str], reading: Reading, chain: Chain
) -> Assumption | None:
    """What has to be assumed of an input for every line of a chain to follow."""
    said = set().union(*(line.raw.names for line in chain.lines))
    for assumed in list_distributions(reading.forward, said):
        program = replace(reading.forward, assumptions=(*reading.forward.assumptions, assumed))
        model = make(program, mentioned, reading.shorthands)
        try:
            if _is_right(model, replace(reading, forward=program), chain):
                return assumed
        except EquationError:  # no values of the inputs satisfy it
            continue
    return None


def _is_right(model: Model, reading: Reading, chain: Chain) -> bool:
    """Whether every line of a chain follows, and every branch was tried; what a wrong line lacks is not asked."""
    points = _points(model, reading, [chain], at_once=False)
    for count in (1, None):  # most that is wrong is so at the first point; further ones take long to draw
        if not all(read_as for _, _, _, read_as in _compared(points, chain, count)):
            return False
    _check_circles(reading, [chain])
    return not points.untaken


def _by_meaning(chains: Sequence[Chain]) -> Iterator[tuple[type[Model], list[Chain]]]:
    """The chains in which `dX` is a gradient, and those in which it is a differential."""
    for make in (Model, Differentials):
        mine = [chain for chain in chains if (chain.head.kind == DIFFERENTIAL) == (make is Differentials)]
        if mine:
            yield make, mine


def _judge_with(model: Model, reading: Reading, chains: list[Chain], repairs: bool) -> dict[int, ChainVerdict]:
    """The verdicts on the chains that speak of one model, by the number of their first lines."""
    points = _points(model, reading, chains)
    trusted: set[str] = set()
    judged = {chain.number: _judge_chain(points, chain, trusted, repairs) for chain in chains}
    _check_circles(reading, [chain for chain in chains if judged[chain.number].ok])  # a wrong line is told as such
    taken = tuple((show(branch.claim), branch.yes, branch.no) for branch in points.branches)
    open_ones = tuple(branch.problem for branch in points.untaken)
    return {number: replace(chain, branches=taken, untaken=open_ones) for number, chain in judged.items()}


def _points(model: Model, reading: Reading, chains: list[Chain], at_once: bool = True) -> Points:
    """The points at which the lines of some chains are compared, once every derivative in them has a meaning."""
    parts = [(shorthand.line, shorthand.value) for shorthand in reading.shorthands.values()]
    parts += [(line.number, line.raw) for chain in chains for line in chain.lines if line.typed]
    for number, value in parts:
        _check_derivatives(model, value, number, reading.rows[number - 1])
    typed = [line.typed for chain in chains for line in chain.lines if line.typed]
    return Points(model, typed, dict.fromkeys(chain.wanted for chain in chains), at_once=at_once)


def _check_circles(reading: Reading, right: list[Chain]) -> None:
    """Refuse names that are said by each other; `right` are the chains whose lines follow."""
    ends = [(s.target, s.value, s.line) for s in reading.shorthands.values()]
    for chain in right:
        if chain.head.is_gradient:
            ends += [(chain.target, chain.lines[-1].raw, chain.lines[-1].number)]
    check_circles(ends, reading.rows)


def _refuse_matrices(reading: Reading) -> None:
    """A program of capital letters without any index speaks of matrices, which are not read here."""
    program = reading.forward
    if any(SCALARS in row for row in reading.rows) or not unindexed_capitals(program):
        return
    names = ", ".join(unindexed_capitals(program))
    raise EquationError(
        f"{names} would be read as scalars, and of matrices `*` has two meanings; write X W or X @ W for the product, "
        f"X ∘ W entry by entry, or indices, as in X[s,m], or add a line "
        f"`{SCALARS} {names}` if they are scalars"
    )


def _check_derivatives(model: Model, value: Expr, number: int, source: str) -> None:
    try:
        model.partials.expand(value)
    except EquationError as error:
        column = max(source.find("d("), source.find("∂"), 0) + 1
        raise EquationError(error.problem, number, column, source) from error


def _judge_chain(points: Points, chain: Chain, trusted: set[str], repairs: bool) -> ChainVerdict:
    """`trusted` grows by the shorthands of the lines that follow."""
    verdicts: list[LineVerdict] = []
    for line, before, name, read_as in _compared(points, chain):
        finding = None
        if read_as is None:
            first = all(verdict.follows for verdict in verdicts)
            finding = _examine(points, chain, line, before, trusted if first else None, repairs)
        else:
            trusted |= set(used_shorthands(points.model, line.raw.names))
        verdicts.append(LineVerdict(line.number, line.text, line.remark, name, finding, line.part))
    last = chain.lines[-1].typed
    right = all(v.follows for v in verdicts) or (
        last is not None and points.follows(last, _truth(points, chain)) is not None
    )
    shorthands = tuple((shorthand.line, shorthand.text) for shorthand in chain.shorthands)
    notes = (*_constants(points.model, chain), *chain.notes)
    return ChainVerdict(
        str(chain.head), chain.number, tuple(verdicts), right, shorthands, kind=chain.head.kind, notes=notes
    )


def _truth(points: Points, chain: Chain) -> TypedLine:
    truth = assign_dimensions(points.model.claimed(chain.head), chain.target, points.model.program)
    assert isinstance(truth, TypedLine), "the chain rule has a shape"
    return truth


def _compared(
    points: Points, chain: Chain, count: int | None = None
) -> Iterator[tuple[Line, TypedLine, str, TypedLine | None]]:
    """Each line, what it is compared with and how that is called, and the reading in which it follows, if in any.

    count: the number of points at which they are compared; None for all.
    """
    before, name = _truth(points, chain), f"the true {chain.head.noun}"
    for line in chain.lines:
        read_as = points.follows(line.typed, before, count) if line.typed else None
        yield line, before, name, read_as
        if line.typed:
            before, name = read_as or line.typed, line.place


def _constants(model: Model, chain: Chain) -> Iterator[tuple[int, str]]:
    """What a differential takes for constant, as no line has its differential."""
    if isinstance(model, Differentials) and model.constant:
        absent = ", ".join(f"d{name}" for name in model.constant)
        yield chain.number, f"{', '.join(model.constant)} held constant: no line has {absent}"


def _examine(
    points: Points, chain: Chain, line: Line, before: TypedLine, trusted: Collection[str] | None, repairs: bool
) -> LineFinding:
    """All that can be said of a wrong line; the repair is searched for the first of a chain only.

    Shorthands that are `trusted` are taken to be right; without them nothing is searched.
    """
    points.patience.begin()
    repair = _find_repair(points, chain, line, before, trusted) if trusted is not None and repairs else None
    text = _as_written(repair, line) if repair else None
    if line.typed is None:
        return LineFinding(shape=line.problem, repair=text, reason=_sentence(repair.reason) if repair else "")
    frozen = find_frozen(points, chain, line.typed) if trusted is not None and chain.head.is_gradient else ()
    kind = "a constant, though it depends" if len(frozen) == 1 else "constants, though they depend"
    reason = f"the line treats {' and '.join(frozen)} as {kind} on {chain.wanted}" if frozen else ""
    searched = repair.reason if repair else GAVE_UP if points.patience.given_up else ""
    reason = "; ".join(part for part in (reason, searched) if part)
    return LineFinding(
        where=describe_difference(points, line.typed, before),
        counterexample=find_counterexample(points, line.typed, before),
        repair=text,
        elsewhere=repair.shorthand.line if repair and repair.shorthand else 0,
        reason=_sentence(reason),
    )


def _find_repair(
    points: Points, chain: Chain, line: Line, before: TypedLine, trusted: Collection[str]
) -> Repair | None:
    """The edit of a shorthand that two lines bear out, else the likeliest of the line itself or of a shorthand."""
    if borne_out := repair_shorthand(points, chain, line, before, trusted, witnesses=1):
        return borne_out
    found = (
        find_repair(points, chain, line, before),
        repair_shorthand(points, chain, line, before, trusted, witnesses=0),
    )
    return min((repair for repair in found if repair), key=lambda repair: repair.rank, default=None)


def _sentence(clause: str) -> str:
    return clause[:1].upper() + clause[1:] + "." if clause else ""


def _as_written(repair: Repair, line: Line) -> str:
    """The repaired line in the person's own letters, where reading had renamed an index."""
    value = repair.line.value
    if repair.shorthand:
        return f"{show(repair.shorthand.target)} = {show(value)}"
    if line.typed and repair.line.reading == TOTAL:
        names = _letters(line.typed.value, line.raw)
        back = relabelled(value, names)
        if not set(names.values()) & (value.letters - set(names)):
            return show(back)
    return show(value)


def _letters(typed: Expr, raw: Expr) -> dict[str, str]:
    """The letter that the person wrote for each letter that reading gave."""
    names: dict[str, str] = {}
    for new, old in zip(without_starts(typed).walk(), raw.walk(), strict=True):
        own = [a for a in sorted(new.free) if a not in old.free], [a for a in sorted(old.free) if a not in new.free]
        if len(own[0]) == len(own[1]) == 1:
            names[own[0][0]] = own[1][0]
    return names
