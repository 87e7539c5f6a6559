"""The forward program of a derivation: as the document states it, as the chain itself reveals it, or as it is known.

A chain that replaces `∂Y_{mn}/∂W_{ij}` by `∂/∂W_{ij} [ … ]` says what `Y_{mn}` is.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from chainrule.derive.language.expressions import Add, Expr, Mul, Neg, Partial, Pow, Reduce, Ref, add, neg, num
from chainrule.derive.language.printer import show
from chainrule.derive.language.programs.program import Program
from chainrule.derive.language.subscripts import Affine
from chainrule.derive.reading.derivations import Definition, Derivation, letters_of
from chainrule.derive.reading.grammar import LOSSES
from chainrule.derive.reading.indices import tidy
from chainrule.derive.reading.matrices import Matrices, check_entry
from chainrule.derive.reading.programs import with_last
from chainrule.derive.reading.tokens import UnreadableError, cut_latex

Catalogue = Callable[[str], Program | None]


@dataclass(frozen=True)
class Equation:
    """A line of a forward program, and where it is from."""

    target: Ref
    value: Expr
    source: str

    def __str__(self) -> str:
        return f"{show(self.target)} = {show(tidy(self.value, letters_of(self.target)))}"


class MissingForwardError(ValueError):
    """A derivation without a forward program; the message asks for it."""


def find_forward(derivation: Derivation, matrices: Matrices, known: Catalogue) -> list[Equation]:
    """The forward program, each line with its source. Raises MissingForwardError where there is none."""
    if derivation.claimed is not None:
        return forward_up_to(derivation, matrices, derivation.claimed.of)
    output = derivation.gradient.name[1:] if derivation.differential else find_output(derivation)
    stated = find_definitions(derivation, matrices)
    here = [e for e in stated.get(output, []) if e.source.startswith("stated here")]
    arriving = (node for expr in _said(derivation) for node in _in_order(expr) if node.name == f"d{output}")
    ranks = {len(node.indices) for node in arriving}
    last = next((e for e in here if len(e.target.indices) in ranks), here[0] if here else None)
    last = last or _revealed(derivation, matrices, output)
    last = last or (stated[output][-1] if stated.get(output) else None)
    if last is None:
        program = known(f"{derivation.heading} {derivation.label}")
        if program and derivation.gradient.name[1:] in program.ranks:
            return [Equation(s.target, s.value, "taken from the catalogue by the heading") for s in program.statements]
        for definition in derivation.definitions:
            if definition.target.name == output and (problem := _problem(definition, matrices)):
                raise MissingForwardError(f"what line {definition.line} says of {output} can't be read: {problem}")
        raise MissingForwardError(
            f"nothing in the document says what {output} is in terms of {derivation.gradient.name[1:]}; give it with "
            f"--forward, as in --forward '{output}[i,j] = exp({derivation.gradient.name[1:]}[i,j])'"
        )
    equations = _complete(last, stated, derivation)
    return [*_others_arriving(derivation, stated, equations), *equations]


def _others_arriving(
    derivation: Derivation, stated: dict[str, list[Equation]], program: list[Equation]
) -> list[Equation]:
    """What defines the other arrays whose gradients arrive in the chain, where it has several outputs."""
    known = {equation.target.name for equation in program} | {derivation.gradient.name[1:]}
    others: list[Equation] = []
    for name in find_arriving(derivation):
        if name in stated and name not in known:
            fresh = [e for e in _complete(stated[name][-1], stated, derivation) if e.target.name not in known]
            others += fresh
            known |= {equation.target.name for equation in fresh}
    return others


def forward_up_to(derivation: Derivation, matrices: Matrices, of: Expr) -> list[Equation]:
    """The program that ends with what is differentiated: a name that is defined, or an expression."""
    stated = find_definitions(derivation, matrices)
    of = of.of if isinstance(of, Partial) else of
    if not isinstance(of, Ref):
        value = matrices.scalar(of)
        part = Ref("Part", tuple(map(Affine.of, sorted(value.free))))
        return _complete(Equation(part, value, "what is differentiated"), stated, derivation)
    if of.name in stated:
        return _complete(stated[of.name][-1], stated, derivation)
    for definition in derivation.definitions:
        if definition.target.name == of.name and (problem := _problem(definition, matrices)):
            raise MissingForwardError(f"what line {definition.line} says of {of.name} can't be read: {problem}")
    raise MissingForwardError(f"nothing in the document says what {of.name} is; give it with --forward, as in "
                              f"--forward '{show(of)} = …'")  # fmt: skip


def find_arriving(derivation: Derivation) -> list[str]:
    """The arrays whose gradients the chain speaks of, in order, other than that which it derives."""
    return list(_arriving(derivation, _said(derivation)))


def _said(derivation: Derivation) -> list[Expr]:
    """What stands in the rows, and what the document says of the names in them before."""
    expressions = [segment.expr for row in derivation.rows for segment in row.segments if segment.expr]
    used = set().union(*(expr.names for expr in expressions))
    here = [d for d in derivation.definitions[derivation.known :] if d.heading == derivation.heading]
    return expressions + [
        d.value for d in (*derivation.definitions[: derivation.known], *here) if d.target.name in used
    ]


def _arriving(derivation: Derivation, expressions: Iterable[Expr]) -> dict[str, None]:
    return dict.fromkeys(
        node.name[1:]
        for expr in expressions
        for node in _in_order(expr)
        if node.name.startswith("d") and len(node.name) > 1 and node.name != derivation.gradient.name
    )


def find_output(derivation: Derivation) -> str:
    """The array whose gradient arrives: Y where the chain speaks of dY, else the loss."""
    expressions = _said(derivation)
    arriving = _arriving(derivation, expressions)
    loss = find_loss(derivation)
    if not arriving:
        return loss
    defined = [d.target.name for d in derivation.definitions]
    output = max(arriving, key=lambda name: defined.index(name) if name in defined else -1)
    meant = {node.name for expr in expressions for node in _in_order(expr)} - set(arriving)
    beyond = made_of(loss, derivation.definitions) - made_of(output, derivation.definitions)
    return loss if meant & beyond - {loss} or _ends_without(arriving, output, loss, derivation) else output


def _ends_without(arriving: Iterable[str], output: str, loss: str, derivation: Derivation) -> bool:
    """Whether nothing arrives any more in the last row, since the loss is made of the output."""
    values = [segment.expr for row in derivation.rows for segment in row.segments if segment.expr]
    names = set().union(*(made_of(name, derivation.definitions) for name in values[-1].names)) if values else set()
    return names.isdisjoint(f"d{name}" for name in arriving) and output in made_of(loss, derivation.definitions)


def find_loss(derivation: Derivation) -> str:
    """The loss that the left sides name, among those that are defined; else the last of these, or L."""
    losses = [d.target.name for d in reversed(derivation.definitions) if d.target.name in LOSSES]
    written = {token.text for row in derivation.rows if row.left for token in cut_latex(row.left.latex)}
    written.discard(derivation.gradient.name[1:])
    return next((name for name in losses if name in written), losses[0] if losses else "L")


def made_of(name: str, definitions: Sequence[Definition]) -> set[str]:
    """All names that a name is made of, by the definitions of a document, and itself."""
    found, waiting = {name}, [name]
    while waiting:
        each = waiting.pop()
        used = set().union(*(d.value.names for d in definitions if d.target.name == each)) - found
        found |= used
        waiting += used
    return found


def _in_order(expr: Expr) -> Iterator[Ref]:
    return (node for node in expr.walk() if isinstance(node, Ref))


def find_definitions(derivation: Derivation, matrices: Matrices) -> dict[str, list[Equation]]:
    """What the document defines, by name; the source of what stands under the same heading begins "stated here"."""
    found: dict[str, list[Equation]] = {}
    known = derivation.definitions[: derivation.known]
    before = [d for d in known if d.heading != derivation.heading]
    here = [d for d in derivation.definitions[derivation.known :] if d.heading == derivation.heading][::-1]
    here += [d for d in known if d.heading == derivation.heading]  # the nearest before is the last
    for definition in (*before, *here):
        source = f"stated {'here, ' * (definition in here)}in line {definition.line}"
        if equation := _equation(definition, matrices, source):
            found.setdefault(equation.target.name, []).append(equation)
    return found


def _equation(definition: Definition, matrices: Matrices, source: str) -> Equation | None:
    target = definition.target
    rank = matrices.ranks.get(target.name, 0)
    try:
        if target.indices or not rank:
            value = matrices.scalar(definition.value)
        else:
            target = Ref(target.name, tuple(matrices.letters(rank)))
            value = check_entry(matrices.entry(matrices.lower(definition.value), target.indices))
    except UnreadableError:
        return None
    missing = set(letters_of(target)) - value.free
    before = {node.indices for node in value.walk() if isinstance(node, Ref) and node.name == target.name}
    circular = target.indices in before or () in before  # else it is a recurrence
    return None if missing or circular else Equation(target, value, source)


def _problem(definition: Definition, matrices: Matrices) -> str:
    try:
        matrices.scalar(definition.value)
    except UnreadableError as error:
        return str(error)
    return ""


def _revealed(derivation: Derivation, matrices: Matrices, output: str) -> Equation | None:
    """What the chain puts in the place of the output below a derivative."""
    target: Ref | None = Ref(output) if output in LOSSES else None
    for row in derivation.rows:
        for node in (node for segment in row.segments if segment.expr for node in segment.expr.walk()):
            if isinstance(node, Mul) and target is None:  # dY[m,n] times the derivative of what Y[m,n] is
                arrived = next((f for f in node.factors if isinstance(f, Ref) and f.name == f"d{output}"), None)
                target = Ref(output, arrived.indices) if arrived and _plain_letters(arrived) else None
            if not isinstance(node, Partial):
                continue
            if isinstance(node.of, Ref) and node.of.name == output and _plain_letters(node.of):
                target = node.of
            elif target is not None and not (isinstance(node.of, Ref) and node.of.name not in LOSSES):
                source = f"read from line {row.line}, where it stands for {show(target)}"
                found = _equation(Definition(target, node.of, "", row.line), matrices, source)
                if found and found.value.free <= set(letters_of(target)):
                    return found
    return None


def _plain_letters(element: Ref) -> bool:
    return all(index.letter for index in element.indices)


def _complete(last: Equation, stated: dict[str, list[Equation]], derivation: Derivation) -> list[Equation]:
    """The equation with those that define what it uses, in order."""
    program: list[Equation] = []
    visiting: set[str] = set()
    given = "" if derivation.claimed or derivation.comes_back else derivation.gradient.name[1:]

    def add_equation(equation: Equation, *users: Equation) -> None:
        visiting.add(equation.target.name)
        for node in _in_order(equation.value):
            if node.name in visiting or node.name == given:
                continue
            found = next(
                (e for e in reversed(stated.get(node.name, [])) if len(e.target.indices) == len(node.indices)), None
            )
            found = found or _moment(node, [equation, *users, *program])
            if found and not _comes_round(found, [equation, *users]):
                add_equation(found, equation, *users)
        program.append(equation)

    add_equation(last)
    return with_last(program, last.target.name)


def _comes_round(equation: Equation, users: Sequence[Equation]) -> bool:
    """Whether it is made of one that uses it, at no other step: what is used is the z of the layer below."""
    names = {user.target.name for user in users}
    nodes = (node for node in _in_order(equation.value) if node.name in names and node.indices)
    return any(_plain_letters(node) for node in nodes)


def _moment(node: Ref, equations: list[Equation]) -> Equation | None:
    """The mean or the variance that a normalisation subtracts or divides by, where nothing says what it is."""
    if not node.indices or node.name not in ("mu", "var", "sigma"):
        return None
    for equation in equations:
        for each in equation.value.walk():
            if isinstance(each, Add) and isinstance(each.terms[0], Ref):
                data = each.terms[0]
                means = [t.argument for t in each.terms[1:] if isinstance(t, Neg) and isinstance(t.argument, Ref)]
                rest = [i.letter for i in data.indices if i not in node.indices and i.letter]
                mean = next((m for m in means if m.name == "mu" and set(m.indices) < set(data.indices)), None)
                if mean is None or not rest or not set(node.indices) < set(data.indices):
                    continue
                return _moment_of(node, data, mean, tuple(rest))
    return None


def _moment_of(node: Ref, data: Ref, mean: Ref, rest: tuple[str, ...]) -> Equation:
    over = ", ".join(rest)
    if node.name == "mu":
        return Equation(node, Reduce("mean", rest, data), f"not stated: taken for the mean of {data.name} over {over}")
    if node.name == "sigma":
        return Equation(node, Pow(Ref("var", node.indices), num(Fraction(1, 2))), "the root of the variance")
    square = Pow(add(data, neg(mean)), num(2))
    source = f"not stated: taken for the variance of {data.name} over {over}, the square of sigma"
    return Equation(node, Reduce("mean", rest, square), source)
