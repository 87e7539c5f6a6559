"""Lines of a derivation written in the language, proven, and what is found carried to the person's rows."""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace

from chainrule.derive.language.errors import EquationError
from chainrule.derive.language.expressions import (
    Call,
    Expr,
    Partial,
    Ref,
)
from chainrule.derive.language.functions import FUNCTIONS
from chainrule.derive.language.printer import show
from chainrule.derive.language.programs.program import Program
from chainrule.derive.prover.judge import prove
from chainrule.derive.prover.verdict import ChainVerdict, LineFinding
from chainrule.derive.reading.answer import UNREAD, WRONG, Judged, JudgedDerivation
from chainrule.derive.reading.derivations import Derivation, Segment, letters_of
from chainrule.derive.reading.forward import Catalogue, Equation, find_definitions
from chainrule.derive.reading.grammar.assumptions import about_names, classes_among
from chainrule.derive.reading.indices import (
    check_letters,
    contracted,
    keep_target,
    read_expression,
    release_target,
    tidy,
)
from chainrule.derive.reading.matrices import Matrices, check_entry, is_squared_alone, slope_at
from chainrule.derive.reading.programs import is_of_wholes, ranks_in
from chainrule.derive.reading.tokens import UnreadableError

STAND_INS = ("erf", "softplus", "arctan", "sinh", "tanh")


class Lines:
    """Writes and proves the lines of one derivation; `answer` gathers what is found."""

    def __init__(self, derivation: Derivation, given: Program | None, known: Catalogue) -> None:
        self.derivation, self.given, self.known = derivation, given, known
        pairs: list[tuple[Expr, Expr]] = []
        for row in derivation.rows:
            left = row.left.expr if row.left and row.left.expr else derivation.gradient
            pairs += [(left, segment.expr) for segment in row.segments if segment.expr]
        pairs += [(d.target, d.value) for d in derivation.definitions if d.heading == derivation.heading]
        pairs += [(d.target, d.value) for d in derivation.definitions[: derivation.known]]
        nodes = [node for pair in pairs for expr in pair for node in expr.walk()]
        arrays = any(is_of_wholes(node) or (isinstance(node, Ref) and node.indices) for node in nodes)
        ranks = ranks_in(pairs) if arrays or derivation.claimed is None else {}
        variance = all(is_squared_alone(expr) for pair in pairs for expr in pair)
        defined = {d.target.name for d in derivation.definitions} | (given.ranks.keys() if given else set())
        self.matrices = Matrices(
            {**ranks, **given.ranks} if given else ranks,
            variance and not (given and "sigma" in given.ranks),
            () if "e" in defined else derivation.meanings.class_numbers,
        )
        self.wanted = derivation.gradient.name[1:]
        self.forward: list[Equation] = []
        self.stand_ins: dict[str, str] = {}
        self.answer = JudgedDerivation(derivation, [])

    def written(self, expr: Expr, target: Ref | Partial, here: Judged) -> str:
        """An expression in the language, with letters that no sum around it binds."""
        expr = self._stand_in(self.derivation.meanings.of(expr))
        placed = self.derivation.meanings.at_positions(expr, target.free)
        if placed != expr:
            here.notes.append("an index letter that stands as a number is its place")
        expr = placed
        if isinstance(target, Partial):
            check_letters(check_entry(expr), sorted(target.free))
            return show(tidy(expr, sorted(target.free)))
        element = Ref(target.name[1:], target.indices)
        letters = letters_of(target)
        check_letters(check_entry(expr), letters)
        kept = release_target(tidy(keep_target(expr, element), letters), element)
        if show(kept) != show(tidy(expr, letters)):
            here.notes.append(
                f"{show(element)} below a derivative is the left side's, though a sum uses its letter too"
            )
        return show(kept)

    def _stand_in(self, expr: Expr) -> Expr:
        """The expression with a known function in the place of each that the person leaves open."""
        expr = expr.map(self._stand_in)
        if isinstance(expr, Call) and expr.function not in (*FUNCTIONS, "max", "min"):
            name = expr.function.removesuffix("'")
            free = [name for name in STAND_INS if name not in self.stand_ins.values()]
            if name not in self.stand_ins and not free:
                raise UnreadableError("too many functions that are not known")
            stand_in = self.stand_ins.setdefault(name, free[0] if free else "")
            return (
                slope_at(f"{stand_in}'", *expr.arguments) if name != expr.function else Call(stand_in, expr.arguments)
            )
        return expr

    def named(self, text: str) -> str:
        """A text with the person's own functions in the place of those that stand for them."""
        for function, stand_in in self.stand_ins.items():
            text = re.sub(rf"\b{stand_in}\(", f"{function}(", text)
        return text

    def _program(self, forward: Sequence[Equation]) -> list[str]:
        equations = [Equation(e.target, self._stand_in(e.value), e.source) for e in forward]
        ranks = {node.name: len(node.indices) for e in equations for node in e.value.walk() if isinstance(node, Ref)}
        ranks |= {e.target.name: len(e.target.indices) for e in equations}
        stated = [*about_names(self.derivation.assumptions, ranks), *self._conditions(ranks)]
        assumptions = self.given.assumptions if self.given else stated
        self.answer.tell_assumed([] if self.given else stated)
        said = [*map(str, equations), *map(str, assumptions)]
        classes = [] if self.given else classes_among(said)
        self.answer.tell_classes(classes)
        said += classes
        einstein = ["assume repeated indices are summed"] * self.derivation.summed
        return [
            "forward",
            *(f"    {line}" for line in (*said, *self.derivation.meanings.assumed(said), *einstein)),
        ]

    def _conditions(self, known: Collection[str]) -> Iterator[str]:
        """The inequalities under which the rows stand."""
        for condition in self.derivation.conditions:
            try:
                left, right = self.matrices.scalar(condition.left), self.matrices.scalar(condition.right)
            except UnreadableError:
                continue
            if left.names | right.names <= set(known):
                yield f"assume {show(left)} {condition.relation} {show(right)}"

    def _shorthands(self, lines: Iterable[str], forward: Sequence[Equation]) -> list[str]:
        """The person's own names in the lines, each with what the document says that it is."""
        elements = {node.name: node for e in forward for node in (e.target, *e.value.walk()) if isinstance(node, Ref)}
        program = elements.keys()
        stated = find_definitions(self.derivation, self.matrices)
        found: dict[str, str] = {}
        waiting = [read_expression(line) for line in lines]
        while waiting:
            for name in sorted(waiting.pop().names - program - set(found)):
                if name in stated and name[1:] not in program:
                    known = self.derivation.meanings.of(stated[name][-1].value)
                    equation = replace(stated[name][-1], value=self._stand_in(known))
                    found[name] = f"    where {equation}"
                    waiting.append(equation.value)
                elif (variance := elements.get("var" + name[5:])) and name.startswith("sigma") and name not in stated:
                    root = Equation(Ref(name, variance.indices), Call("sqrt", (variance,)), "")
                    found[name] = f"    where {root}"
        return list(found.values())[::-1]

    def prove(
        self,
        lines: Sequence[tuple[Judged, str]],
        forward: Sequence[Equation],
        target: Ref | Partial,
        repairs: bool = True,
    ) -> bool:
        """Prove a chain; carry what is found to the rows. Return whether its last line is the true gradient."""
        lines, repairs = list(lines), repairs and self.derivation.searched
        second = isinstance(target, Partial) and isinstance(target.of, Partial)
        kind = "hessian" if second else "jacobian" if isinstance(target, Partial) else "gradient"
        kind = "differential" if self.derivation.differential else kind
        head = [*self._program(forward), f"{kind} {show(target)}"]
        head += self._shorthands([line for _, line in lines], forward)
        head += self._stepping(lines, target, forward)
        while lines:
            try:
                chain = _prove_lines(head, [line for _, line in lines], repairs)
            except EquationError as error:
                at = error.line - len(head) - 1
                if not 0 <= at < len(lines):
                    self.answer.problem = self.named(f"the forward program can't be judged: {error.problem}")
                    for here, _ in lines:
                        here.sign = UNREAD
                    return False
                here, _ = lines.pop(at)
                here.sign, here.problem = UNREAD, self.named(error.problem)
                continue
            self._carry(chain, lines)
            if repairs:
                self._repair_further(chain, lines, head)
            return chain.right
        return False

    @staticmethod
    def _stepping(lines: list[tuple[Judged, str]], target: Ref | Partial, forward: Sequence[Equation]) -> Iterable[str]:
        """A line that names its own gradient at other steps becomes a recurrence of its own, `where g[t] = …`."""
        if isinstance(target, Partial) or any(e.target.name == target.name[1:] for e in forward):
            return
        names = {name for e in forward for name in (e.target.name, *e.value.names)}
        for k, (here, line) in enumerate(lines):
            if f"{target.name}[" in line:
                own = next(name for name in ("g", "q", "r", f"{target.name}own") if name not in names)
                names.add(own)
                yield f"    where {show(Ref(own, target.indices))} = " + re.sub(rf"\b{target.name}\[", f"{own}[", line)
                lines[k] = (here, show(Ref(own, target.indices)))

    def _carry(self, chain: ChainVerdict, lines: Sequence[tuple[Judged, str]]) -> None:
        before = "the true gradient"
        for verdict, (here, line) in zip(chain.lines, lines, strict=True):
            if verdict.finding and here.finding is None:
                here.sign, here.before = WRONG, before
                self._find(here, verdict.finding)
            before = self.named(line)

    def _repair_further(self, chain: ChainVerdict, lines: Sequence[tuple[Judged, str]], head: list[str]) -> None:
        """Search a repair for the first wrong line without its deltas, and for later lines of the wrong shape."""
        wrong = [k for k, verdict in enumerate(chain.lines) if verdict.finding]
        for place, k in enumerate(wrong):
            finding = chain.lines[k].finding
            if finding is None or finding.repair or (place and not finding.shape):
                continue
            line = lines[k][1] if place else contracted(lines[k][1], [e.target.name for e in self.forward])
            rest = [text for j, (_, text) in enumerate(lines[:k]) if j not in wrong]
            if line is None:
                continue
            try:
                found = _prove_lines(head, [*rest, line], True).lines[-1].finding
            except EquationError:
                continue
            if found and found.repair:
                self._find(lines[k][0], replace(finding, repair=found.repair, reason=found.reason or finding.reason))

    def _find(self, here: Judged, finding: LineFinding) -> None:
        """Hold what is wrong with a row, in the person's own functions."""
        if finding.repair:
            repaired = read_expression(finding.repair)
            here.repaired = _calling(repaired, {new: old for old, new in self.stand_ins.items()})
        name = self.named
        here.finding = replace(
            finding,
            shape=name(finding.shape),
            where=name(finding.where),
            repair=name(finding.repair) if finding.repair else None,
            reason=name(finding.reason),
        )


def quoted(segment: Segment, error: UnreadableError) -> str:
    """What of a row can't be read, and why."""
    shown = segment.latex if len(segment.latex) <= 60 else segment.latex[:57] + "…"
    return f"`{shown}` can't be read: {error}"


def _prove_lines(head: list[str], lines: list[str], repairs: bool) -> ChainVerdict:
    return prove("\n".join([*head, *(f"    = {line}" for line in lines)]), repairs).chains[0]


def _calling(expr: Expr, names: dict[str, str]) -> Expr:
    """The expression with functions renamed."""
    expr = expr.map(lambda child: _calling(child, names))
    return Call(names[expr.function], expr.arguments) if isinstance(expr, Call) and expr.function in names else expr
