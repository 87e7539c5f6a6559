"""Derives the gradients of a program, one quantity after another from the output back to the inputs.

The gradient of a quantity is first written with the gradients of the quantities that use it (`direct`); those are then
inserted where that makes the whole shorter. What is done is kept as a chain of steps, and every step is proven.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from chainrule.derive.engine.algebra import Algebra
from chainrule.derive.engine.contraction import (
    contract_deltas,
    count_sums,
    join_places,
    open_delta_sums,
    settle_places,
)
from chainrule.derive.engine.derivation import FoundGradient, Step
from chainrule.derive.engine.factoring import cost, factor
from chainrule.derive.engine.index_letters import Letters
from chainrule.derive.engine.known_sums import KnownSums
from chainrule.derive.engine.laws import LAWS, apply_law, fitting_laws, law_of_matrices
from chainrule.derive.engine.named_quantities import define, name_quantities, patterns_of
from chainrule.derive.engine.proof import Proof
from chainrule.derive.engine.terms import Term, term_to_expr
from chainrule.derive.engine.textbook_forms import join_slopes, settle_cases, turn_sigmoids
from chainrule.derive.language.errors import EquationError
from chainrule.derive.language.expressions import (
    Add,
    Binder,
    Call,
    Delta,
    Expr,
    Mul,
    Partial,
    Reduce,
    Ref,
    add,
    mul,
    ref,
)
from chainrule.derive.language.printer import show
from chainrule.derive.language.programs.program import Program, Statement
from chainrule.derive.language.recurrence.blocks import elements_of
from chainrule.derive.language.subscripts import Affine

MAX_INSERTED = 6  # gradients in between that are tried to be inserted at once
MAX_EFFORT, NAME_EFFORT = 900_000, 30  # the largest program of the gallery takes 50,000


class Engine:
    """Derives and proves; `found` has the gradients known so far."""

    total = False  # whether a derivative goes through the quantities that the program computes

    def __init__(self, program: Program) -> None:
        check_effort(program)
        self.program = program
        self.letters = Letters(program)
        self.symbols = gradient_names(program)
        cotangents = {*(f"d{name}" for name in program.ranks), *self.symbols.values()}
        self.algebra = Algebra(self.letters, cotangents, has_delta_sums(program))
        self.patterns = patterns_of(program, self.algebra)
        self.known_sums = KnownSums(program, self.algebra, self.patterns)
        self.proof = Proof(program, self.letters, self.total)
        self.found: dict[str, FoundGradient] = {}
        self.law_of_matrices = law_of_matrices(self.letters.fresh)

    def gradient(self, name: str) -> FoundGradient:
        """The gradient of an array of the program, other than its outputs."""
        if name not in self.found:
            together = self._together(name)
            for user in self._users(*together):
                if self._is_derived(user.target.name) and user.target.name not in together:
                    self.gradient(user.target.name)
            if name in self.program.loops:
                self._derive_loop(together)
            else:
                self.found[name] = self._derive(name)
        return self.found[name]

    def _together(self, name: str) -> list[str]:
        """The name, or all names of its recurrence, later lines first."""
        block = self.program.loops.get(name)
        return [other for other in reversed(self.program.defined) if other in block.names] if block else [name]

    def _is_derived(self, name: str) -> bool:
        """Whether the gradient of a defined quantity is derived, rather than given from outside."""
        return name not in self.program.outputs or name in self.program.loops

    def needed(self, node: Expr) -> list[str]:
        """The quantities whose gradients an expression needs, in the order in which they can be computed."""
        return self._closure([node], lambda found: [found.node])

    def mentioned(self, found: FoundGradient) -> list[str]:
        """The quantities whose gradients stand in any step that leads to this one, in the order of derivation."""
        return self._closure(_nodes(found), _nodes)

    def _closure(self, nodes: list[Expr], more: Callable[[FoundGradient], list[Expr]]) -> list[str]:
        wanted: set[str] = set()
        queue = list(nodes)
        while queue:
            for name in self._inner(queue.pop()):
                if name not in wanted:
                    wanted.add(name)
                    queue += more(self.found[name]) if name in self.found else []
        return [name for name in reversed(self.program.defined) if name in wanted]

    def _inner(self, node: Expr) -> list[str]:
        """Defined quantities, other than the output, whose gradients an expression holds."""
        return [n for n in self.program.defined if self.symbols[n] in node.names and self._is_derived(n)]

    def _users(self, *names: str) -> list[Statement]:
        return [s for s in self.program.statements if not s.value.names.isdisjoint(names)]

    def _derive(self, name: str) -> FoundGradient:
        target, chain, terms, node = self._write(name)
        self.proof.check_steps(target, [(step.law, step.node) for step in chain.steps])
        self.proof.hold(target, node)
        error = self.proof.check_gradient(target, node) if name in self.program.inputs else None
        return FoundGradient(target, tuple(terms), node, tuple(chain.steps), error)

    def _derive_loop(self, names: Sequence[str]) -> None:
        """The gradients of a recurrence, each written with those of the others at the same step and at later ones."""
        for name in names:
            target, chain, terms, node = self._write(name)
            steps = tuple(chain.steps)
            self.found[name] = FoundGradient(target, tuple(terms), node, steps, None, self.symbols[name])
        found = [self.found[name] for name in names]
        self.proof.hold_loop([(one.gradient, one.node) for one in found])
        for one in found:
            self.proof.check_steps(one.target, [(step.law, step.node) for step in one.steps])

    def _write(self, name: str) -> tuple[Ref, "Chain", list[Term], Expr]:
        """A gradient with the steps that lead to it, not proven yet."""
        target = self.letters.target(name)
        chain = Chain(self, Ref(self.symbols.get(name, f"d{name}"), target.indices))
        terms = self._direct(name, target, chain)
        terms = self._insert_shortest(terms, chain)
        terms = chain.add_terms("multiplying out", self._open_sums(terms))
        return target, chain, terms, self._finish(terms, chain)

    def _direct(self, name: str, target: Ref, chain: "Chain") -> list[Term]:
        """The gradient by those of the quantities that use it directly."""
        written: list[Expr] = []
        defined: list[Expr] = []
        if name in self.program.outputs:  # a recurrence feeds it back: this is what arrives from outside
            written.append(Ref(f"d{name}", target.indices))
            defined.append(Ref(f"d{name}", target.indices))
        for user in self._users(name):
            if user.target.name in self.found and not self.found[user.target.name].terms:
                continue
            new = tuple(self.letters.fresh(letter) for letter in user.letters)
            here = ref(user.target.name, new)
            is_loss = (here.name,) == self.program.outputs and not new  # its own gradient is 1
            arriving = [] if is_loss else [Ref(self.symbols[here.name], here.indices)]
            value = define(here, self.program, self.letters)
            assert value is not None
            written.append(_sum(new, mul(*arriving, Partial(here, target))))
            defined.append(_sum(new, mul(*arriving, Partial(value, target))))
        chain.add("chain rule", add(*written))
        expr = chain.add("definition", add(*defined))
        while any(isinstance(node, Partial) for node in expr.walk()):
            expr = self._apply_next_law(expr, chain)
        terms = chain.add_terms("multiplying out", self.algebra.expand(expr))
        if self.program.loops:  # while a quantity stands at the step at which its line defines it
            named = name_quantities(terms, self.patterns, self.algebra)
            terms = chain.add_terms("naming earlier quantities", named)
        terms = chain.add_terms("contraction of a delta", self._contracted(terms))
        while (opened := open_delta_sums(terms, self.algebra)) != terms:
            opened = chain.add_terms("multiplying out", opened)
            terms = chain.add_terms("contraction of a delta", self._contracted(opened))
        return self._simplify(terms, chain)

    def _contracted(self, terms: list[Term]) -> list[Term]:
        return settle_places(contract_deltas(terms, self.algebra), self.algebra)

    def _apply_next_law(self, expr: Expr, chain: "Chain") -> Expr:
        for law in fitting_laws(expr, (*LAWS, self.law_of_matrices)):
            changed = self.letters.adopted(apply_law(expr, law))
            if changed != expr:
                return chain.add(law[0], changed)
        raise AssertionError(f"no law differentiates {show(expr)}")

    def _simplify(self, terms: list[Term], chain: "Chain | None" = None) -> list[Term]:
        for law, simplification in self._simplifications():
            terms = simplification(terms)
            if chain:
                chain.add_terms(law, terms)
        return terms

    def _simplifications(self) -> Iterable[tuple[str, Callable[[list[Term]], list[Term]]]]:
        def name(terms: list[Term]) -> list[Term]:
            return name_quantities(terms, self.patterns, self.algebra)

        yield "contraction of a delta", self._contracted
        yield "a delta makes two places one", lambda terms: join_places(terms, self.algebra)
        yield "a sum over an index that its terms lack", lambda terms: count_sums(terms, self.algebra)
        yield "a case within the same case", lambda terms: settle_cases(terms, self.algebra)
        yield "the slope of relu or abs times its value", lambda terms: join_slopes(terms, self.algebra)
        yield "naming earlier quantities", name
        yield "1 - σ(a) = σ(-a): a sigmoid turned round", lambda terms: turn_sigmoids(terms, self.algebra)
        yield "sums that are known", self.known_sums.close
        yield "a sum over an index that its terms lack", lambda terms: count_sums(terms, self.algebra)
        yield "naming earlier quantities", name

    def _insert_shortest(self, terms: list[Term], chain: "Chain") -> list[Term]:
        """Insert gradients of quantities in between where the result, with what it depends on, grows no longer."""
        chosen: tuple[str, ...] = ()
        best, best_cost = terms, self._whole_cost(terms)
        for names in self._choices(terms):
            tried = self._simplify(self._insert(terms, names))
            tried_cost = self._whole_cost(tried)
            if tried_cost <= best_cost:
                best, best_cost, chosen = tried, tried_cost, names
        if chosen:
            inserted = chain.add_terms("inserting " + ", ".join(f"d{n}" for n in chosen), self._insert(terms, chosen))
            best = self._simplify(inserted, chain)
        return best

    def _choices(self, terms: list[Term]) -> list[tuple[str, ...]]:
        """Sets of gradients to insert: each prefix of those at hand, from the nearest on, and each alone."""
        at_hand: list[str] = []
        reached = term_to_expr(terms)
        for name in self.program.defined:
            if len(at_hand) < MAX_INSERTED and name in self._inner(reached) and self._may_insert(name):
                at_hand.append(name)
                reached = add(reached, term_to_expr(list(self.found[name].terms)))
        prefixes = [tuple(at_hand[: k + 1]) for k in range(len(at_hand))]
        return prefixes + [(name,) for name in at_hand[1:]]

    def _may_insert(self, name: str) -> bool:
        """Whether a gradient is known already, and needs no other step of itself or of others."""
        found = self.found.get(name)
        block = self.program.loops.get(name)
        own = [self.symbols[other] for other in block.names] if block else []
        return found is not None and all("" not in element.axes for element in elements_of(found.node, own))

    def _whole_cost(self, terms: list[Term]) -> float:
        node = factor(terms, self.algebra)
        needed = [name for name in self.needed(node) if name in self.found]
        return cost(node) + sum(cost(self.found[name].node) / self._sharers(name) for name in needed)

    def _sharers(self, name: str) -> int:
        """How many gradients can use that of a quantity: as many as its definition has names."""
        return max(1, len(self.program.defined[name].value.names))

    def _insert(self, terms: list[Term], names: Iterable[str]) -> list[Term]:
        for name in names:
            terms = [part for term in terms for part in self._insert_one(term, name)]
        return self.algebra.collect(terms)

    def _insert_one(self, term: Term, name: str) -> list[Term]:
        for atom in term.factors:
            if (
                isinstance(atom, Ref)
                and atom.name == self.symbols[name]
                and all(index.letter for index in atom.indices)
            ):
                found = self.found[name]
                meaning = dict(zip(found.target.axes, atom.indices, strict=True))
                rest = term.times(atom, -1)
                return [rest * self._renewed(part, meaning) for part in found.terms]
        return [term]

    def _renewed(self, term: Term, meaning: dict[str, Affine]) -> Term:
        """A term with its bound letters new and its free ones replaced."""
        new = {letter: Affine.of(self.letters.fresh(letter)) for letter in sorted(term.bound)}
        renamed = {atom.rename(new).rename(meaning): e for atom, e in term.factors.items()}
        return replace(term, bound=frozenset(index.letter or "" for index in new.values()), factors=renamed)

    def _open_sums(self, terms: list[Term]) -> list[Term]:
        """The terms with sums in them multiplied out, if that is shorter: p (1 - t) - t (1 - p) is p - t."""
        opened = self.algebra.open_sums(terms, lambda total, term: True)
        return opened if self._whole_cost(opened) < self._whole_cost(terms) else terms

    def _finish(self, terms: list[Term], chain: "Chain") -> Expr:
        node = chain.add("pulling factors out", factor(terms, self.algebra))
        return self.letters.tidy(node, chain.target.axes)


class Chain:
    """The steps so far; a step that leaves the line as it was is dropped."""

    def __init__(self, engine: Engine, target: Ref, left: Expr | None = None) -> None:
        self.engine, self.target, self.left = engine, target, left or target
        self.steps: list[Step] = []
        self.latest: Expr | None = None

    def add(self, law: str, expr: Expr) -> Expr:
        """Add a step; returns the expression."""
        if expr == self.latest:
            return expr
        self.latest, letters = expr, self.target.axes
        node = self.engine.letters.tidy(expr, letters)
        if not self.steps or self.steps[-1].node != node:
            self.steps.append(Step(law, self.left, node))
        return expr

    def add_terms(self, law: str, terms: list[Term]) -> list[Term]:
        """Add a step; returns the terms."""
        self.add(law, term_to_expr(terms, self.engine.algebra.cotangents))
        return terms


def has_delta_sums(program: Program) -> bool:
    """Whether a program has deltas in sums, as in 2 * delta[i,j] - 1."""
    sums = [node for expr in program.expressions for node in expr.walk() if isinstance(node, Add)]
    return any(isinstance(node, Delta) for total in sums for node in total.walk())


def gradient_names(program: Program) -> dict[str, str]:
    """The name of every gradient; that of an output that a recurrence feeds back is new: dH arrives from outside."""
    names = {name: f"d{name}" for name in program.ranks}
    taken = {*names, *names.values(), *program.dimensions.of, *program.functions}
    free = (new for new in ("g", "G", *(f"g{k}" for k in range(1, 500))) if new not in taken)
    for name in program.outputs:
        names[name] = next(free) if name in program.loops else names[name]
    return names


def check_effort(program: Program) -> None:
    """Refuse a program whose derivation would take minutes.

    It grows with the square of a line, four times with each sum inside a sum, with the square of the arguments of an
    extremum, of which each is compared with all others, and with all names.
    """
    values = [statement.value for statement in program.statements]
    sizes = [sum(1 for _ in value.walk()) for value in values]
    factors = max((len(node.factors) for value in values for node in value.walk() if isinstance(node, Mul)), default=1)
    lines = sum(
        size**2 * 4 ** _nested_sums(value) * (_count_compared(value) / 2) ** 2
        for size, value in zip(sizes, values, strict=True)
    )
    if lines + NAME_EFFORT * sum(sizes) * len(program.ranks) * factors > MAX_EFFORT:
        raise EquationError(
            f"the program is too large to be derived: {sum(sizes)} numbers, names and operations with "
            f"{len(program.ranks)} names; split it into smaller ones"
        )


def _nested_sums(expr: Expr) -> int:
    """How many sums, or what else binds an index, stand one inside the other."""
    return isinstance(expr, Binder) + max(map(_nested_sums, expr.children), default=0)


def _count_compared(expr: Expr) -> int:
    """How many arguments the largest `max` or `min` compares; of other functions there is nothing to compare."""
    return max((len(node.arguments) for node in expr.walk() if isinstance(node, Call)), default=2)


def _nodes(found: FoundGradient) -> list[Expr]:
    return [step.node for step in found.steps]


def _sum(letters: tuple[str, ...], body: Expr) -> Expr:
    return Reduce("sum", letters, body) if letters else body
