"""Recognises quantities that the program has a name for: `exp(X[m,n]) / sum[k](exp(X[m,k]))` is `Y[m,n]`."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from chainrule.derive.engine.algebra import Algebra
from chainrule.derive.engine.index_letters import Letters
from chainrule.derive.engine.terms import Factors, Term
from chainrule.derive.language.expressions import (
    ONE,
    ZERO,
    Add,
    Call,
    Const,
    Delta,
    Expr,
    MatrixFunction,
    Neg,
    Num,
    Position,
    Ref,
    Size,
    Where,
    add,
    mul,
    neg,
)
from chainrule.derive.language.programs.program import Program
from chainrule.derive.language.subscripts import Affine

Environment = dict[str, Affine]


@dataclass(frozen=True)
class Pattern:
    """`product` is what `name` stands for, for all values of the letters in `variables`."""

    name: Expr
    product: Term
    variables: frozenset[str]

    @property
    def telling(self) -> Factors:
        """The factors by which it is recognised: all but numbers and sizes."""
        return {atom: e for atom, e in self.product.factors.items() if not isinstance(atom, (Num, Const, Size))}


def patterns_of(program: Program, algebra: Algebra) -> list[Pattern]:
    """A pattern for every line whose value is one product, later lines first; `log a/b` gives one for `a/b` too."""
    found = []
    for statement in reversed(program.statements):
        fresh = {letter: Affine.of(algebra.letters.fresh(letter)) for letter in statement.letters}
        name, value = statement.target.rename(fresh), statement.value.rename(fresh)
        variables = frozenset(index.letter or "" for index in fresh.values())
        if isinstance(value, Where) and ZERO in (value.then, value.other):
            value = _as_indicator(value)
        terms = algebra.expand(value)
        if len(terms) == 1 and not terms[0].bound and not algebra.is_linear(value):
            pattern = Pattern(name, terms[0], variables)
            if pattern.telling and not _is_bare(pattern) and ZERO not in pattern.product.factors:
                found.append(pattern)
            found += _complements(pattern)
        found += [Pattern(Call("exp", (name,)), product, variables) for product in _exponential(value, algebra)]
    return found


def _as_indicator(value: Where) -> Expr:
    """where(c, a, 0) as where(c, 1, 0) * a, which is how a gradient has it."""
    if value.other == ZERO:
        return mul(Where(value.condition, ONE, ZERO), value.then)
    return mul(Where(value.condition, ZERO, ONE), value.other)


def _is_bare(pattern: Pattern) -> bool:
    """A name for another name alone, or for its multiple: using it gains nothing."""
    return [type(atom) for atom in pattern.telling] == [Ref] and set(pattern.telling.values()) == {1}


def _complements(pattern: Pattern) -> Iterator[Pattern]:
    """For y = 1 / (1 + e), as in a sigmoid: e y = 1 - y."""
    powers = list(pattern.product.factors.items())
    if len(powers) == 1 and powers[0][1] == -1 and pattern.product.coefficient == 1:
        whole = powers[0][0]
        if isinstance(whole, Add) and len(whole.terms) == 2 and ONE in whole.terms:
            (rest,) = (term for term in whole.terms if term != ONE)
            product = Term(factors={rest: Fraction(1), pattern.name: Fraction(1)})
            yield Pattern(add(ONE, neg(pattern.name)), product, pattern.variables)


def _exponential(value: Expr, algebra: Algebra) -> Iterator[Term]:
    """For a - log(b): exp(a) / b, which is the exponential of the value."""
    terms = value.terms if isinstance(value, Add) else ()
    logs = [t for t in terms if isinstance(t, Neg) and isinstance(t.argument, Call) and t.argument.function == "log"]
    if len(logs) == 1:
        (log,) = logs
        rest = add(*(term for term in terms if term is not log))
        below = log.argument.arguments[0]  # type: ignore[attr-defined]
        yield Term().times(algebra.canonical(Call("exp", (rest,)))).times(algebra.canonical(below), -1)


def name_quantities(terms: list[Term], patterns: list[Pattern], algebra: Algebra) -> list[Term]:
    """The terms with every recognised product replaced by its name."""
    return algebra.collect(name_in_term(_name_in_atoms(term, patterns, algebra), patterns) for term in terms)


def _name_in_atoms(term: Term, patterns: list[Pattern], algebra: Algebra) -> Term:
    """A term with names inside its atoms: in 1 - tanh(…)^2 the tanh may be the output."""
    result = Term(term.coefficient, term.bound)
    for atom, exponent in term.factors.items():
        named = atom if isinstance(atom, (Ref, Delta)) else atom.map(lambda part: _name_inside(part, patterns))
        result = result.times(atom if named == atom else algebra.canonical(named), exponent)
    return result


def _name_inside(expr: Expr, patterns: list[Pattern]) -> Expr:
    for pattern in patterns:
        if pattern.product.coefficient == 1 and list(pattern.product.factors.values()) == [1]:
            (whole,) = pattern.product.factors
            environment = match(whole, expr, pattern.variables)
            if environment is not None and pattern.variables <= set(environment):
                return pattern.name.rename(environment)
    return expr.map(lambda part: _name_inside(part, patterns))


def name_in_term(term: Term, patterns: list[Pattern]) -> Term:
    """A term with every recognised product replaced by its name."""
    for pattern in patterns:
        for _ in range(20):
            found = next(_matches(pattern, term), None)
            if not found:
                break
            term = _replace(pattern, term, *found)
    return term


def _matches(pattern: Pattern, term: Term) -> Iterator[tuple[Environment, int]]:
    """Letters and power for which the pattern is a part of the term."""
    telling = list(pattern.telling.items())
    (first, exponent), *others = telling
    for atom, found in term.factors.items():
        environment = match(first, atom, pattern.variables)
        if environment is None:
            continue
        if not others and pattern.variables <= set(environment):
            times = found / exponent
            if times.denominator == 1 and (times > 0 or not isinstance(first, Ref)):
                yield environment, times.numerator
        elif others and _holds(found, exponent):
            whole = _match_rest(others, term, environment, pattern.variables)
            if whole is not None and pattern.variables <= set(whole):
                yield whole, 1


def _match_rest(
    others: list[tuple[Expr, Fraction]], term: Term, environment: Environment, variables: frozenset[str]
) -> Environment | None:
    if not others:
        return environment
    (atom, exponent), *rest = others
    known = atom.rename(environment)
    for candidate, found in term.factors.items():
        more = match(known, candidate, variables - set(environment))
        if more is not None and _holds(found, exponent):
            whole = _match_rest(rest, term, {**environment, **more}, variables)
            if whole is not None:
                return whole
    return None


def _holds(found: Fraction, wanted: Fraction) -> bool:
    return found / wanted >= 1


def _replace(pattern: Pattern, term: Term, environment: Environment, times: int) -> Term:
    result = replace(term, coefficient=term.coefficient / pattern.product.coefficient**times)
    for atom, exponent in pattern.product.factors.items():
        result = result.times(atom.rename(environment), -exponent * times)
    return result.times(pattern.name.rename(environment), times)


def match(pattern: Expr, expr: Expr, variables: frozenset[str]) -> Environment | None:
    """The letters for which a pattern is the expression, or None."""
    environment: Environment = {}
    _bind(pattern, expr, variables, environment)
    return environment if pattern.rename(environment) == expr else None


def _bind(pattern: Expr, expr: Expr, variables: frozenset[str], environment: Environment) -> None:
    if type(pattern) is not type(expr) or len(pattern.children) != len(expr.children):
        return
    if isinstance(pattern, Ref) and isinstance(expr, Ref) and pattern.name == expr.name:
        for mine, theirs in zip(pattern.indices, expr.indices, strict=True):
            _bind_index(mine, theirs, variables, environment)
    if isinstance(pattern, MatrixFunction) and isinstance(expr, MatrixFunction) and pattern.function == expr.function:
        for mine, theirs in zip(pattern.places, expr.places, strict=True):
            _bind_index(mine, theirs, variables, environment)
    if isinstance(pattern, Position) and isinstance(expr, Position) and pattern.index in variables:
        environment.setdefault(pattern.index, Affine.of(expr.index))
    for part, other in zip(pattern.children, expr.children, strict=True):
        _bind(part, other, variables, environment)


def _bind_index(mine: Affine, theirs: Affine, variables: frozenset[str], environment: Environment) -> None:
    """Each variable is the one letter of the other index that has its coefficient and is not in both."""
    if mine.lookup and theirs.lookup and mine.lookup.name == theirs.lookup.name:
        for own, other in zip(mine.lookup.indices, theirs.lookup.indices, strict=True):
            _bind_index(own, other, variables, environment)
    for letter in sorted(mine.letters & variables):
        step = mine.coefficient(letter)
        candidates = [
            x for x in theirs.letters - mine.letters | {letter} & theirs.letters if theirs.coefficient(x) == step
        ]
        if step is not None and len(candidates) == 1:
            environment.setdefault(letter, Affine.of(candidates[0]))


def define(name: Ref, program: Program, letters: Letters) -> Expr | None:
    """The value of a defined element, its bound letters new; None for an input."""
    statement = program.defined.get(name.name)
    if not statement:
        return None
    meaning = dict(zip(statement.letters, name.indices, strict=True))
    return letters.freshen(statement.value).rename(meaning)
