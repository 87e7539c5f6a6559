"""What names and indices mean at each place of a text; a misuse is an error that names the place."""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from chainrule.derive.language.errors import EquationError
from chainrule.derive.language.lexer import Token
from chainrule.derive.language.subscripts import is_index
from chainrule.derive.language.words.unknown_functions import CUSTOMARY

CLASS_NUMBER = (
    "; a class number is an element of an array, as in sum[s](-log(p[s,y[s]])), or a name of more than one letter, "
    "as in p[label]"
)


class Scope:
    """The names of a text so far, and the indices of the line that is being read.

    `ranks` holds how many indices each known name has. Where `closed` is given (a sentence such as "not in the forward
    program"), a name outside `ranks` is an error; otherwise it is a new input.
    """

    def __init__(self, lines: list[str], first_line: int, ranks: dict[str, int], closed: str = "") -> None:
        self.lines, self.first_line = lines, first_line
        self.ranks = ranks
        self.closed = closed
        self.defined: dict[str, int] = {}  # name: line of its definition
        self.used: dict[str, Token] = {}  # name: where it was first used
        self.needed: dict[str, Token] = {}  # the same, but for uses at another step, as h[t-1] is
        self.in_order: frozenset[str] = frozenset()  # names that no line reads before they are defined, at any step
        self.in_circle: frozenset[str] = frozenset()  # names that may be, at every step: judged when all is read
        self.computed: frozenset[str] = frozenset()  # names that a program around this text defines
        self.sums_implied = False  # whether a repeated index is summed over
        self.size_names: dict[str, str] = {}  # name of a size: a letter for its dimension that nothing else has
        self.coming: dict[str, int] = {}  # name that a line further on defines: that line
        self.euler: Token | None = None  # where `e^…` was first read as Euler's number
        self.functions: dict[str, None] = {}  # unknown functions
        self.start_line((), open_letters=True)

    def fail(self, problem: str, token: Token) -> EquationError:
        """An error at a token."""
        row = token.line - self.first_line
        source = self.lines[row] if 0 <= row < len(self.lines) else ""
        return EquationError(problem, token.line, token.column, source)

    def start_line(self, letters: Iterable[str], open_letters: bool = False) -> None:
        """Begin a line whose left side has these indices; in an `assume` line any index may be free."""
        self.left = tuple(letters)
        self.open_letters = open_letters
        self.bound: list[str] = []
        self.gone: set[str] = set()
        self.seen: set[str] = set()

    def names_so_far(self) -> tuple[dict[str, Token], dict[str, Token], dict[str, int]]:
        """What is used and defined so far."""
        return dict(self.used), dict(self.needed), dict(self.defined)

    def go_back_to(self, names: tuple[dict[str, Token], dict[str, Token], dict[str, int]]) -> None:
        """Forget what was used and defined since."""
        used, needed, defined = names
        self.used, self.needed, self.defined = dict(used), dict(needed), dict(defined)

    def in_scope(self, letter: str) -> bool:
        """Whether an index means something here."""
        return letter in self.left or letter in self.bound

    def use_index(self, token: Token) -> None:
        """An index stands in a bracket."""
        letter = token.text
        if letter in self.gone and not self.in_scope(letter):
            raise self.fail(f"the index `{letter}` is used outside of the sum that binds it", token)
        if not self.in_scope(letter) and not self.open_letters and not self.sums_implied:
            self.refuse_free(token)
        self.seen.add(letter)

    def refuse_free(self, token: Token) -> None:
        """An index stands on the right side and means nothing there."""
        letter = token.text
        row = token.line - self.first_line
        source = self.lines[row] if 0 <= row < len(self.lines) else ""
        twice = not self.sums_implied and len(re.findall(rf"[\[,]\s*{re.escape(letter)}\s*(?=[,\]])", source)) > 1
        raise self.fail(
            f"the index `{letter}` is free on the right side only; expected it on the left side too, or bound by a "
            f"sum, as in sum[{letter}](…)"
            + ("; or add a line `assume repeated indices are summed`" if twice else "")
            + (CLASS_NUMBER if letter == "y" else ""),
            token,
        )

    @contextmanager
    def bind(self, tokens: list[Token]) -> Iterator[None]:
        """Bind the indices of a reduction while its body is read."""
        for place, token in enumerate(tokens):
            letter = token.text
            if not is_index(letter):
                raise self.fail(f"expected an index (one lower-case letter), found `{letter}`", token)
            if letter in [other.text for other in tokens[:place]]:
                raise self.fail(f"the index `{letter}` is bound twice over", token)
            if self.in_scope(letter):
                where = "on the left side" if letter in self.left else "by the sum around this one"
                raise self.fail(f"the index `{letter}` is used already {where}; choose another letter here", token)
        letters = [token.text for token in tokens]
        self.bound += letters
        yield
        del self.bound[len(self.bound) - len(letters) :]
        self.gone |= set(letters)

    def use_name(self, token: Token, rank: int, stepped: bool = False) -> None:
        """An array with `rank` indices, or a scalar (rank 0), is read; `stepped` says at another step, as h[t-1] is."""
        name = token.text
        self._check_euler(token)
        self._check_no_function(token)
        if name in self.gone and not rank:
            raise self.fail(f"the index `{name}` is used outside of the sum that binds it", token)
        if name not in self.ranks and self.closed and not (stepped and name in self.coming):
            raise self.fail(self._unknown(token), token)
        self.used.setdefault(name, token)
        if name not in self.in_circle and (not stepped or name in self.in_order):
            self.needed.setdefault(name, token)
        self._hold_rank(token, rank)

    def use_as_index(self, token: Token, rank: int) -> None:
        """An element of an index array stands in a subscript."""
        name = token.text
        if name in self.defined or name in self.computed or (name.startswith("d") and name[1:] in self.ranks):
            raise self.fail(
                f"`{name}` is computed; only an input can stand in a subscript, such as class numbers", token
            )
        self.use_name(token, rank)

    def declare_function(self, token: Token) -> None:
        """A name is that of an unknown function."""
        if token.kind != "name" or token.text in self.ranks or token.text.endswith("'"):
            raise self.fail(f"expected a new name for an unknown function, found {token}", token)
        self.functions[token.text] = None

    def is_unknown_function(self, token: Token) -> bool:
        """Whether a name before a bracket is that of an unknown function, such as h or h'."""
        base = token.text.rstrip("'")
        if self.in_scope(token.text) or base in self.ranks or base in self.coming:
            return False
        if base in CUSTOMARY and not self.closed:
            self.functions[base] = None
        return base in self.functions

    def take_euler(self, token: Token) -> bool:
        """Whether an `e` below an exponent is Euler's number: it is neither an index here nor a known name."""
        if self.in_scope("e") or "e" in self.ranks or "e" in self.coming:
            return False
        self.euler = self.euler or token
        return True

    def _unknown(self, token: Token) -> str:
        name, line = token.text, self.coming.get(token.text)
        if line is None and name == "T":
            return "a transpose is written by its indices, as in W[m,n] for W[n,m]; `T` is unknown"
        if line is None:
            return f"`{name}` is unknown: it is {self.closed}"
        how = "by itself (cyclic)" if line == token.line else f"in line {line} only; define it before it is used"
        return f"`{name}` is defined {how}"

    def define(self, token: Token, rank: int) -> None:
        """A line gives the array a value."""
        name = token.text
        self._check_euler(token)
        self._check_no_function(token)
        if name in self.defined:
            raise self.fail(f"`{name}` is defined already, in line {self.defined[name]}", token)
        if name in self.needed:
            first = self.needed[name]
            how = "by itself (cyclic)" if first.line == token.line else f"after its use in line {first.line}"
            raise self.fail(f"`{name}` is defined {how}; expected every name to be defined before it is used", first)
        self._hold_rank(token, rank)
        self.defined[name] = token.line

    def _check_no_function(self, token: Token) -> None:
        if token.text in self.functions:
            raise self.fail(f"`{token.text}` is a function, as in {token.text}(…); give the array another name", token)

    def _check_euler(self, token: Token) -> None:
        if self.euler and token.text == "e":
            raise self.fail(f"`e` is Euler's number in line {self.euler.line} (e^…); give this another name", token)

    def _hold_rank(self, token: Token, rank: int) -> None:
        known = self.ranks.setdefault(token.text, rank)
        if known != rank:
            raise self.fail(f"`{token.text}` has {_indices(rank)} here, but {_indices(known)} elsewhere", token)

    def check_left(self, token: Token) -> None:
        """After a line: every index of its left side must stand on the right too."""
        for letter in self.left:
            if letter not in self.seen:
                raise self.fail(
                    f"the index `{letter}` is free on the left side only, so nothing says how far it runs", token
                )


def _indices(rank: int) -> str:
    return "no index" if rank == 0 else f"{rank} index" if rank == 1 else f"{rank} indices"
