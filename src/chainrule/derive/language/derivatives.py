"""Derivatives as people write them: `d(Y[i])/d(X[k])`, `∂Y[i]/∂X[k]`, `dY[i]/dX[k]`, `∂²L/∂w[m]∂w[k]`.

A loss that the program does not name stands for what comes after it: `∂L/∂Y[s,k]` is the gradient `dY[s,k]` then.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Protocol

from chainrule.derive.language.expressions import Expr, Partial, Ref
from chainrule.derive.language.lexer import Token
from chainrule.derive.language.printer import show
from chainrule.derive.language.scope import Scope

LOSSES = frozenset({"L", "J", "E", "C", "loss", "Loss", "cost", "ℓ"})
SIGNS = ("d", "∂")


class Parser(Protocol):
    """What is needed of a parser (see `parser.py`)."""

    tokens: list[Token]
    at: int
    scope: Scope
    partials: bool
    notes: list[tuple[int, str]]

    @property
    def token(self) -> Token:
        """The next token."""

    def next_is(self, *texts: str) -> bool:
        """Whether the next token is one of these."""

    def take(self) -> Token:
        """Read one token."""

    def expect(self, text: str, after: str) -> Token:
        """Read this sign, or fail."""

    def comparison(self) -> Expr:
        """Read an expression."""

    def element(self, token: Token) -> Ref:
        """Read an element whose name is taken."""


def plain_gradient(name: str, ranks: Mapping[str, int]) -> str:
    """`dW` for `grad_W` and `W_grad`, which are names of gradients where nothing else is called so."""
    for wanted in (name.removeprefix("grad_"), name.removesuffix("_grad")):
        if wanted != name and name not in ranks and wanted in ranks:
            return f"d{wanted}"
    return name


def read_derivative(parser: Parser, token: Token) -> Expr | None:
    """The derivative that begins with this token, which is taken already; None where none does."""
    order = _order(parser, token)
    if not order:
        return None
    if not parser.partials:
        raise parser.scope.fail("a derivative can stand in a derivation only, not in a forward program", token)
    of = _above(parser, token, order)
    parser.expect("/", "after `d(…)`")
    enclosed = order == 2 and parser.next_is("(") and bool(parser.take())
    by = _below(parser, token)
    others = [_next_below(parser, token, by)] if order == 2 else []
    if enclosed:
        parser.expect(")", "to close what stands below the fraction line")
    found: Expr = Partial(of, by)
    if isinstance(of, Ref) and of.name in LOSSES and of.name not in parser.scope.ranks:
        found = Ref(f"d{by.name}", by.indices)
        parser.scope.use_name(replace(token, text=f"d{by.name}"), len(by.indices))
    if token.text not in (*SIGNS, "d2", "∂2"):
        parser.notes.append((token.line, f"{_as_quotient(of, by)} is read as {show(found)}"))
    for other in others:
        found = Partial(found, other)
    return found


def _order(parser: Parser, token: Token) -> int:
    """Whether a first or a second derivative begins here; 0 where none does."""
    name, squared = token.text, _squared(parser)
    if name == "∂" or (name == "d" and (parser.next_is("(") or squared)):
        return 2 if squared else 1
    if name in ("d2", "∂2") and parser.next_is("("):
        return 2
    if parser.partials and _is_quotient(parser):
        known = parser.scope.ranks.keys() | LOSSES
        if name.startswith("d2") and name[2:] in known and name[1:] not in known:
            return 2
        return int(name.startswith("d") and name[1:] in known)
    return 0


def _squared(parser: Parser) -> int:
    """How many tokens say "squared" here, where something is squared that is no factor."""
    texts = [token.text for token in parser.tokens[parser.at : parser.at + 3]]
    if parser.token.kind == "raised" and texts[0] == "2" and texts[1] != "/":
        return 1
    return 2 if texts[:3] == ["^", "2", "("] else 0


def _is_quotient(parser: Parser) -> bool:
    """Whether `[…] / dX` comes next, for a name X that is known."""
    tokens, k = parser.tokens, parser.at
    if tokens[k].text == "[":
        while tokens[k].text != "]" and tokens[k].kind not in ("newline", "end"):
            k += 1
        k += 1
    below = tokens[min(k + 1, len(tokens) - 1)]
    if tokens[min(k, len(tokens) - 1)].text != "/" or below.kind != "name":
        return False
    return below.text.startswith("d") and below.text[1:] in parser.scope.ranks


def _above(parser: Parser, token: Token, order: int) -> Expr:
    """What is differentiated."""
    if token.text in SIGNS:
        for _ in range(_squared(parser)):
            parser.take()
    if token.text not in (*SIGNS, "d2", "∂2"):
        return _element(parser, replace(token, text=token.text[order:]))
    if not parser.next_is("("):
        return _element(parser, parser.take())
    if parser.tokens[parser.at + 1].text in LOSSES and parser.tokens[parser.at + 2].text == ")":
        parser.take()
        of: Expr = _element(parser, parser.take())
    else:
        parser.take()
        of = parser.comparison()
    parser.expect(")", "to close the derivative")
    return of


def _element(parser: Parser, token: Token) -> Ref:
    """An element of an array, or the loss, which needs no name in the program."""
    if token.text in LOSSES and token.text not in parser.scope.ranks and not parser.next_is("["):
        return Ref(token.text)
    return parser.element(token)


def _below(parser: Parser, token: Token) -> Ref:
    """What it is differentiated by: `d(X[k])`, `∂X[k]` or `dX[k]`."""
    below = parser.take()
    if below.text in SIGNS and parser.next_is("("):
        parser.take()
        by = parser.comparison()
        parser.expect(")", "to close the derivative")
    elif below.text == "∂":
        by = parser.element(parser.take())
    elif below.kind == "name" and below.text.startswith("d") and below.text[1:] in parser.scope.ranks:
        by = parser.element(replace(below, text=below.text[1:]))
    else:
        raise parser.scope.fail(f"expected `d(` below the fraction line of a derivative, found {below}", below)
    if not isinstance(by, Ref):
        raise parser.scope.fail("expected one element of an array, such as X[m,n], below the fraction line", below)
    return by


def _next_below(parser: Parser, token: Token, by: Ref) -> Ref:
    """The second quantity of a second derivative; by one squared, it is the same."""
    if parser.token.kind == "raised" and parser.token.text == "2" and not by.indices:
        parser.take()
        return by
    if parser.next_is("*"):
        parser.take()
    return _below(parser, token)


def _as_quotient(of: Expr, by: Ref) -> str:
    return f"d{show(of)}/d{show(by)}"
