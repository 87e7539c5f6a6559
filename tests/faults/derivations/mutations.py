"""Mistakes that people make, planted in a line: each yields wrong lines, as expressions."""

import itertools
from fractions import Fraction

from chainrule.derive.language import expressions as n
from chainrule.derive.language.subscripts import Affine


def rewrites(expr, rule, scope):
    """Every expression that the rule makes of one node of the expression."""
    yield from rule(expr, scope)
    inner = (*scope, *expr.indices) if isinstance(expr, n.Reduce) else scope
    for k, child in enumerate(expr.children):
        for new in rewrites(child, rule, inner):
            below = isinstance(expr, n.Partial) and k == 1  # there stands an element of the same array
            if not below or (isinstance(new, n.Ref) and new.name == child.name):
                yield expr.rebuild((*expr.children[:k], new, *expr.children[k + 1 :]))


class Mistakes:
    """The kinds of mistakes; `of` has the dimension of each letter, `axes` those of each array."""

    def __init__(self, of, axes, letters):
        self.of, self.axes, self.letters = of, axes, letters

    def fresh(self, taken, home):
        """A letter for a dimension that stands nowhere near."""
        new = next(a for a in "tuvwpqxyzabcdefghijklmnors" if a not in taken and self.of.get(a, home) == home)
        self.of[new] = home
        return new

    def sign(self, node, scope):
        if isinstance(node, n.Add):
            for k, term in enumerate(node.terms):
                yield n.add(*node.terms[:k], n.neg(term), *node.terms[k + 1 :])

    def lost_term(self, node, scope):
        if isinstance(node, n.Add):
            for k in range(len(node.terms)):
                yield n.add(*node.terms[:k], *node.terms[k + 1 :])

    def lost_factor(self, node, scope):
        if isinstance(node, n.Mul):
            for k, factor in enumerate(node.factors):
                if not isinstance(factor, n.Delta | n.Num):
                    yield n.mul(*node.factors[:k], *node.factors[k + 1 :])

    def lost_constant(self, node, scope):
        if isinstance(node, n.Mul):
            for k, factor in enumerate(node.factors):
                if isinstance(factor, n.Num):
                    yield n.mul(*node.factors[:k], *node.factors[k + 1 :])
        if isinstance(node, n.Div) and not isinstance(node.denominator, n.Num):
            yield node.numerator

    def lost_delta(self, node, scope):
        if isinstance(node, n.Mul):
            for k, factor in enumerate(node.factors):
                if isinstance(factor, n.Delta):
                    yield n.mul(*node.factors[:k], *node.factors[k + 1 :])

    def extra_delta(self, node, scope):
        if isinstance(node, n.Mul):
            for a, b in itertools.combinations(scope, 2):
                if self.of.get(a) == self.of.get(b):
                    yield n.mul(*node.factors, n.Delta(Affine.of(a), Affine.of(b)))

    def unsummed(self, node, scope):
        if isinstance(node, n.Reduce) and node.operation == "sum":
            for k in range(len(node.indices)):
                rest = node.indices[:k] + node.indices[k + 1 :]
                yield n.Reduce("sum", rest, node.body) if rest else node.body

    def summed_too_much(self, node, scope):
        if isinstance(node, n.Mul | n.Ref):
            for letter in sorted(node.free):
                new = self.fresh({*scope, *node.letters}, self.of[letter])
                yield n.Reduce("sum", (new,), node.rename({letter: Affine.of(new)}))

    def mean_for_sum(self, node, scope):
        if isinstance(node, n.Reduce) and node.operation in ("sum", "mean"):
            yield n.Reduce("mean" if node.operation == "sum" else "sum", node.indices, node.body)

    def wrong_index(self, node, scope):
        if isinstance(node, n.Ref):
            for k, index in enumerate(node.indices):
                for letter in scope:
                    if index.letter and letter != index.letter and self.of.get(letter) == self.of.get(index.letter):
                        yield n.Ref(node.name, (*node.indices[:k], Affine.of(letter), *node.indices[k + 1 :]))

    def transposed(self, node, scope):
        if isinstance(node, n.Ref) and len(node.indices) == 2:
            yield n.Ref(node.name, node.indices[::-1])

    def matrix_product(self, node, scope):
        if not isinstance(node, n.Mul):
            return
        pairs = itertools.combinations([f for f in node.factors if isinstance(f, n.Ref) and len(f.indices) == 2], 2)
        for a, b in pairs:
            if a.indices == b.indices and a.indices[1].letter:
                new = self.fresh({*scope, *node.letters}, self.of[a.indices[1].letter])
                left = n.Ref(a.name, (a.indices[0], Affine.of(new)))
                right = n.Ref(b.name, (Affine.of(new), b.indices[1]))
                rest = [f for f in node.factors if f is not a and f is not b]
                yield n.mul(*rest, n.Reduce("sum", (new,), n.mul(left, right)))

    def extra_average(self, node, scope):
        if scope == self.letters and not isinstance(node, n.Num | n.Size):
            for letter in sorted(node.letters):
                yield n.Div(node, n.Size(letter))

    def wrong_size(self, node, scope):
        if isinstance(node, n.Size):
            yield n.add(node, n.num(-1))
            for letter in scope:
                if self.of.get(letter) != self.of.get(node.index):
                    yield n.Size(letter)

    def exponent(self, node, scope):
        if isinstance(node, n.Pow) and isinstance(node.exponent, n.Num):
            for change in (1, -1, Fraction(1, 2)):
                if node.exponent.value + change not in (0, 1):
                    yield n.Pow(node.base, n.num(node.exponent.value + change))
            yield node.base
        if isinstance(node, n.Call) and node.function == "sqrt":
            yield node.arguments[0]

    def wrong_array(self, node, scope):
        if isinstance(node, n.Ref) and node.indices:
            for name, axes in self.axes.items():
                if name != node.name and axes == self.axes.get(node.name):
                    yield n.Ref(name, node.indices)

    def inverted(self, node, scope):
        if isinstance(node, n.Div) and not isinstance(node.numerator, n.Num):
            yield n.mul(node.numerator, node.denominator)

    def shifted(self, node, scope):
        if isinstance(node, n.Ref):
            for k, index in enumerate(node.indices):
                if not index.letter:
                    for monomial, coefficient in index.terms:
                        turned = Affine.collect({**dict(index.terms), monomial: -coefficient})
                        yield n.Ref(node.name, (*node.indices[:k], turned, *node.indices[k + 1 :]))

    def swapped_cases(self, node, scope):
        if isinstance(node, n.Where):
            yield n.Where(node.condition, node.other, node.then)
        if isinstance(node, n.Compare):
            turned = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "==": "!=", "!=": "=="}
            yield n.Compare(turned[node.relation], node.left, node.right)


KINDS = (
    "sign", "lost_term", "lost_factor", "lost_constant", "lost_delta", "extra_delta", "unsummed", "summed_too_much",
    "mean_for_sum", "wrong_index", "transposed", "matrix_product", "extra_average", "wrong_size", "exponent",
    "wrong_array", "inverted", "shifted", "swapped_cases",
)  # fmt: skip
