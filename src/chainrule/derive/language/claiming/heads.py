"""What a person claims: the gradient of an array, a derivative, or a differential.

    gradient dX[m,n]                                   of what comes after, by X
    jacobian d(p[i])/d(o[k])                           gradient d(dw[m])/d(w[k]), derivative ∂Y[i]/∂X[k]
    hessian d2(L)/d(w[m])d(w[k])                       or hessian w[m], w[k], of the program's last line
    differential dL                                    where dX[i], dw[m] in the lines are those of the inputs

A derivative that stands on the left side of a line is a claim by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from chainrule.derive.language.expressions import Expr, Partial, Ref, ref
from chainrule.derive.language.printer import show
from chainrule.derive.language.programs.reader import Reader

GRADIENT, DIFFERENTIAL = "gradient", "differential"
KINDS = (GRADIENT, "jacobian", "hessian", "derivative", DIFFERENTIAL)


@dataclass(frozen=True)
class Head:
    """The left side of a chain: `target` has its name and its letters; `claimed` is the derivative that is meant.

    `wanted` is the array of the program that a gradient, or the last derivative, is taken by.
    """

    kind: str
    target: Ref
    claimed: Partial | None = None

    @property
    def wanted(self) -> str:
        """The array of the program that this is about."""
        return self.claimed.by.name if self.claimed else self.target.name[1:]

    @property
    def is_gradient(self) -> bool:
        """Whether this is the gradient of an array, in the plain sense."""
        return self.kind == GRADIENT and self.claimed is None

    @property
    def noun(self) -> str:
        """The kind in a sentence."""
        return name_kind(self.kind)

    def __str__(self) -> str:
        return show(self.claimed or self.target)

    @property
    def homes(self) -> tuple[tuple[str, int], ...]:
        """For each letter of a derivative, the array and the axis that it runs over."""
        return tuple(
            home for node in _elements(self.claimed) for home in ((node.name, k) for k in range(len(node.axes)))
        )


def name_kind(kind: str) -> str:
    """A kind in a sentence: Jacobian and Hessian are called after people."""
    return kind.capitalize() if kind in ("jacobian", "hessian") else kind


def begins_equation(reader: Reader) -> bool:
    """Whether a line begins whose left side is a derivative or the gradient of an array."""
    parser, tokens = reader.parser, reader.parser.tokens
    end = next(k for k in range(parser.at, len(tokens)) if tokens[k].kind in ("newline", "end"))
    first, row = parser.token, tokens[parser.at : end]
    if first.kind != "name" or not any(token.text == "=" for token in row):
        return False
    if first.text in ("d", "∂", "d2", "∂2"):
        return len(row) > 1 and row[1].text != "="
    return first.text.startswith("d") and first.text[1:] in _ranks(reader)


def read_head(reader: Reader) -> Head:
    """Read what is claimed, up to the first `=` or the end of the line."""
    parser, scope = reader.parser, reader.scope
    kind = parser.take().text if parser.next_is(*KINDS) else ""
    at = parser.token
    scope.start_line((), open_letters=True)
    if kind == "hessian" and not _has_slash(reader):
        head = _hessian(reader)
    elif kind != DIFFERENTIAL and (at.text in ("d", "∂", "d2", "∂2") or _has_slash(reader)):
        claimed = parser.primary()
        if isinstance(claimed, Ref) and claimed.name[1:] in _ranks(reader):  # ∂L/∂X[k]
            head = Head(GRADIENT, _checked(reader, claimed))
        elif isinstance(claimed, Partial):
            head = _derivative(reader, kind or "derivative", claimed)
        else:
            raise scope.fail(f"expected a derivative such as d(Y[i])/d(X[k]), found {at}", at)
    else:
        name, letters = reader.target()
        if not name.text.startswith("d") or name.text[1:] not in _ranks(reader):
            what = "differential" if kind == DIFFERENTIAL else "gradient"
            problem = f"expected the {what} of a name in the forward program, such as dX, found {name}"
            raise scope.fail(problem, name)
        if kind not in ("", GRADIENT, DIFFERENTIAL):
            raise scope.fail(f"expected a derivative such as d(Y[i])/d(X[k]) after `{kind}`, found {name}", name)
        head = Head(kind or GRADIENT, ref(name.text, [letter.text for letter in letters]))
    if not parser.next_is("="):
        reader.end_line()
    return head


def _ranks(reader: Reader) -> Mapping[str, int]:
    """The names of the forward program."""
    assert reader.forward, "claims have a forward program"
    return reader.forward.ranks


def _has_slash(reader: Reader) -> bool:
    """Whether a fraction line stands before the first `=` of the line."""
    tokens, k = reader.parser.tokens, reader.parser.at
    while tokens[k].kind not in ("newline", "end") and tokens[k].text != "=":
        if tokens[k].text == "/":
            return True
        k += 1
    return False


def _hessian(reader: Reader) -> Head:
    """`w[m], w[k]` or `L: w[m], w[k]`: the second derivative of a scalar by two elements."""
    parser, scope = reader.parser, reader.scope
    assert reader.forward, "claims have a forward program"
    first = parser.token
    one = parser.element(parser.take())
    if not parser.next_is(","):
        raise scope.fail("expected two elements after `hessian`, as in `hessian w[m], w[k]`", first)
    parser.take()
    other = parser.element(parser.take())
    output = reader.forward.output
    if reader.forward.ranks[output]:
        problem = f"`{output}` is no scalar; say whose Hessian it is, as in `hessian d2({output}[…])/d(w[m])d(w[k])`"
        raise scope.fail(problem, first)
    return _derivative(reader, "hessian", Partial(Partial(Ref(output), one), other))


def _derivative(reader: Reader, kind: str, claimed: Partial) -> Head:
    """A head whose target has all letters of the derivative."""
    elements = _elements(claimed)
    if not isinstance(_innermost(claimed), Ref):
        problem = "expected one element of an array on top of the derivative that is claimed, as in d(Y[i])/d(X[k])"
        raise reader.scope.fail(problem, reader.parser.token)
    names = [element.name for element in elements]
    letters = [index for element in elements for index in element.indices]
    return Head(kind, _checked(reader, Ref(f"d({')/d('.join(names)})", tuple(letters))), claimed)


def _checked(reader: Reader, target: Ref) -> Ref:
    """The target, whose letters must be plain and all different."""
    at = reader.parser.token
    letters = target.axes
    if "" in letters:
        raise reader.scope.fail("expected plain indices (one lower-case letter each) in what is claimed", at)
    if twice := next((letter for letter in letters if letters.count(letter) > 1), ""):
        problem = f"the index `{twice}` is used twice over in what is claimed; choose another letter for one of the two"
        raise reader.scope.fail(problem, at)
    return target


def _elements(claimed: Expr | None) -> list[Ref]:
    """The elements in a derivative, the differentiated one first."""
    if isinstance(claimed, Partial):
        return [*_elements(claimed.of), claimed.by]
    return [claimed] if isinstance(claimed, Ref) else []


def _innermost(claimed: Expr) -> Expr:
    """What is differentiated in the end."""
    return _innermost(claimed.of) if isinstance(claimed, Partial) else claimed
