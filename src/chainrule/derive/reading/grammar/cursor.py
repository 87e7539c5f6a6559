"""What reads tokens one by one, groups in braces, and expressions within expressions."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Self

from chainrule.derive.language.expressions import Expr
from chainrule.derive.reading.tokens import END, Token, UnreadableError, depth_of

ACCENTS = {"hat": "hat", "widehat": "hat", "tilde": "tilde", "widetilde": "tilde", "bar": "bar", "overline": "bar",
           "dot": "dot", "check": "check"}  # fmt: skip


@dataclass
class Context:
    """What a document says of its names, beyond the formula at hand.

    functions: those that it defines, each with its parameters and what it is (None until that has been read).
    applied: those of them that stand somewhere with arguments.
    letters: what runs over an axis somewhere: below a name or a sum. arrays: names with something below them.
    bold: names that are set in bold wherever they stand.
    gamma: whether the gamma function stands somewhere, of whose logarithm psi is the derivative.
    indexed: names with a letter below them that runs.
    bare: letters that stand alone somewhere, as names; between bars alone they are indices, and the bars their sizes.
    fixed: names with a letter below them over which nothing runs, such as u_o.
    squared: whether the square of sigma is a quantity of its own, since the document says what it is.
    defined: names that stand on a left side, or below a derivative; "error" where \\delta_{ij} is no Kronecker delta.
    bounds: letters that stand above a sum.
    starts: the first places of a letter, as sums say them: 0, 1, or both.
    neighbours: arrays that say which places a sum over neighbours or edges runs over.
    identity: whether I with two indices is the identity, since nothing says that it is an array.
    intercept: the one name with a 0 below, where nothing begins with 0: w_0 beside the weights w_i.
    counts: how far a letter runs, where a sum says it with a number; 0 where sums say different ones.
    primed: small letters with a prime and a name in brackets behind, u'(x), which are functions.
    differentials: whether `dX` side by side is the gradient, or the differential, of X.
    """

    functions: dict[str, tuple[tuple[str, ...], Expr | None]] = field(default_factory=dict)
    bare: frozenset[str] = frozenset()
    applied: set[str] = field(default_factory=set)
    letters: frozenset[str] = frozenset()
    arrays: frozenset[str] = frozenset()
    intercept: str = ""
    neighbours: set[str] = field(default_factory=set)
    identity: bool = False
    starts: dict[str, set[int]] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    defined: frozenset[str] = frozenset()
    bounds: frozenset[str] = frozenset()
    indexed: frozenset[str] = frozenset()
    gamma: bool = False
    bold: frozenset[str] = frozenset()
    differentials: bool = False
    primed: frozenset[str] = frozenset()
    squared: bool = False
    fixed: frozenset[tuple[str, str | None]] = frozenset()


class Cursor(ABC):
    """Tokens, and the place that is read; what is read is found by the classes beside this one.

    labels: expressions that the person gave a name in words; an \\underbrace adds to it.
    wide: whether a sum goes on to further terms that use its index, and an operator such as d/dX to all factors that
    follow a bracket.
    notes: what was decided where the notation leaves it open; `open` says whether another reading exists.
    """

    def __init__(
        self,
        tokens: Sequence[Token],
        labels: dict[str, Expr] | None = None,
        wide: bool = False,
        context: Context | None = None,
    ) -> None:
        self.tokens = list(tokens)
        self.context = Context() if context is None else context
        self.labels = {} if labels is None else labels
        self.wide = wide
        self.at = self.depth = 0
        self.notes: list[str] = []
        self.sizes: dict[str, str] = {}  # the size that stands above a sum: the index that it is of
        self.open = False
        self.bound: frozenset[str] | None = None  # the letters that run around this, where all of them are known
        self.spaced = self.in_bars = False

    def whole(self) -> Expr:
        """The expression that all tokens make."""
        expr = self.sum()
        if self.token.kind != END.kind:
            raise UnreadableError(f"expected an operator or the end of the formula, found {self.token}")
        return expr

    @property
    def token(self) -> Token:
        """The next token; spaces count in a row that is written out only."""
        while self.at < len(self.tokens) and self.tokens[self.at].kind == "space" and not self.spaced:
            self.at += 1
        return self.tokens[self.at] if self.at < len(self.tokens) else END

    def next_is(self, *texts: str, kind: str = "sign") -> bool:
        """Whether the next token is one of these."""
        token = self.token
        return token.kind == kind and token.text in texts

    def take(self, *texts: str, kind: str = "sign") -> Token:
        """Read one token, which must be one of these where any are given."""
        token = self.token
        if texts and not self.next_is(*texts, kind=kind):
            raise UnreadableError(f"expected `{texts[0]}`, found {token}")
        self.at += token.kind != END.kind
        return token

    def inside(self, outer: "Cursor") -> Expr:
        """The whole expression, as a part of another."""
        self.depth, self.wide = outer.depth, outer.wide
        self.sizes = outer.sizes
        expr = self.whole()
        outer.notes += self.notes
        outer.open |= self.open
        return expr

    def nested(self, tokens: Sequence[Token], wide: bool = False) -> Self:
        """A reader of tokens that stand within these."""
        reader = type(self)(tokens, self.labels, wide, self.context)
        reader.bound = self.bound
        return reader

    def group(self) -> list[Token]:
        """The tokens of a group in braces, or one token."""
        token = self.token
        if token.kind == END.kind:
            raise UnreadableError("the formula breaks off")
        if not (token.kind == "group" and token.text == "{"):
            self.take()
            if token.kind == "command" and token.text in (*ACCENTS, "sqrt"):
                return [token, *self.group()]
            return [token]
        return self.until_closed()

    def until_closed(self) -> list[Token]:
        """The tokens up to the brace that closes the one that is next."""
        start, depth = self.at, 0
        while self.at < len(self.tokens):
            token = self.tokens[self.at]
            depth += depth_of(token) if token.kind == "group" else 0
            self.at += 1
            if depth == 0:
                return self.tokens[start + 1 : self.at - 1]
        raise UnreadableError("a brace is not closed")

    @abstractmethod
    def sum(self) -> Expr:
        """Terms with + and - between them."""

    @abstractmethod
    def comparison(self) -> Expr:
        """A condition, of numbers, or of indices."""

    @abstractmethod
    def term(self) -> Expr:
        """Factors, side by side or with a sign between them."""

    @abstractmethod
    def signed(self) -> Expr:
        """A term with the signs before it."""

    @abstractmethod
    def factor(self) -> Expr:
        """A sum, an operator with what it is applied to, or an atom with what stands above and below it."""

    @abstractmethod
    def factor_follows(self) -> bool:
        """Whether the next token begins a factor."""

    @abstractmethod
    def arguments(self) -> list[Expr]:
        """What stands in the brackets of a function."""

    @abstractmethod
    def atom(self) -> Expr:
        """What binds tightest: numbers, names, brackets."""

    @abstractmethod
    def scripts(self, base: Expr) -> Expr:
        """What stands above and below an atom."""

    @abstractmethod
    def reduction(self, operation: str) -> Expr:
        """A sum or an extremum, from what stands below its sign on."""

    @abstractmethod
    def derived(self, name: str, primes: int, argument: Expr) -> Expr:
        """A function with primes, of what stands in its brackets."""

    @abstractmethod
    def gradient(self, by: Expr) -> Expr:
        """The derivative of the loss."""
