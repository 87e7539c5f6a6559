"""How functions of whole matrices are written: `inv(X)[i,j]`, `det(X)`, `solve(A, b)[i]`, `trace(X)`, `chol(X)[i,j]`.

`inv(X)[i,j]` is short for `inv[p,q](X[p,q])[i,j]`; `p` and `q` are letters that the text has nowhere else.
"""

from typing import Protocol

from chainrule.derive.language.expressions import Call, Expr, MatrixFunction, Reduce, Ref, mul, ref
from chainrule.derive.language.lexer import Token
from chainrule.derive.language.matrices.functions import MATRIX_FUNCTIONS
from chainrule.derive.language.scope import Scope
from chainrule.derive.language.subscripts import Affine, is_index


class Parser(Protocol):
    """What reads the parts of a call."""

    tokens: list[Token]
    scope: Scope

    @property
    def token(self) -> Token:
        """The next token."""

    def take(self) -> Token:
        """Read one token."""

    def expect(self, text: str, after: str) -> Token:
        """Read this sign, or fail."""

    def next_is(self, *texts: str) -> bool:
        """Whether the next token is one of these."""

    def comparison(self) -> Expr:
        """Read an expression."""

    def brackets(self) -> tuple[Affine, ...]:
        """Read indices in brackets."""

    def index_names(self, name: str) -> list[Token]:
        """Read the indices that are bound."""


SPELLINGS = {"inverse": "inv", "determinant": "det", "cholesky": "chol", "tr": "trace", "logabsdet": "logdet"}
MATRIX_NAMES = frozenset({*MATRIX_FUNCTIONS, *SPELLINGS, "solve", "logdet", "trace"})
MAX_NESTED = 10
LETTERS = "ijklmnpqrtuvwxyzabcefghos"


def read_matrix_call(parser: Parser, token: Token) -> Expr:
    """Read a function of a matrix; `token` is its name, which is read already."""
    name = SPELLINGS.get(token.text, token.text)
    if name == "solve":
        return _solve(parser, token)
    letters, body = _matrix(parser, token)
    if name == "trace":
        row, column = letters
        return Reduce("sum", (row,), body.rename({column: Affine.of(row)}))
    if name == "logdet":
        return Call("log", (MatrixFunction("det", letters, body),))
    return MatrixFunction(name, letters, body, _places(parser, token) if MATRIX_FUNCTIONS[name].is_matrix else ())


def _places(parser: Parser, token: Token) -> tuple[Affine, ...]:
    name = token.text
    if not parser.next_is("["):
        raise parser.scope.fail(f"`{name}(…)` is a matrix; expected an entry of it, as in {name}(X)[i,j]", parser.token)
    at = parser.token
    places = parser.brackets()
    if len(places) != 2:
        raise parser.scope.fail(f"`{name}(…)` has two indices, found {len(places)}", at)
    return places


def _matrix(parser: Parser, token: Token, depth: int = 1) -> tuple[tuple[str, ...], Expr]:
    """The letters of rows and columns, and the entry of the matrix that stands there."""
    if depth > MAX_NESTED:
        raise parser.scope.fail(f"nested too deeply; expected at most {MAX_NESTED} functions of matrices", token)
    if parser.next_is("["):
        letters = parser.index_names(token.text)
        if len(letters) != 2:
            raise parser.scope.fail(f"`{token.text}` runs over a row and a column, found {len(letters)}", letters[0])
        parser.expect("(", f"before the matrix that `{token.text}` is taken of")
        with parser.scope.bind(letters):
            body = parser.comparison()
        parser.expect(")", f"to close `{token.text}[…](`")
        return tuple(letter.text for letter in letters), body
    parser.expect("(", f"after `{token.text}`")
    name = SPELLINGS.get(parser.token.text, parser.token.text)
    if name in MATRIX_FUNCTIONS and MATRIX_FUNCTIONS[name].is_matrix:  # inv(chol(S))
        inner = parser.take()
        row, column, *_ = _spare_letters(parser)
        whole = MatrixFunction(name, *_matrix(parser, inner, depth + 1)).at(row, column)
        parser.expect(")", f"to close `{token.text}(`")
        return (row, column), whole
    body = _array(parser, token, 2)
    if parser.next_is("["):
        shown = f"{token.text}[i,j]({body.name}[i,j])"
        raise parser.scope.fail(f"expected the name of a whole matrix, as in {token.text}({body.name}), or {shown}",
                                parser.token)  # fmt: skip
    parser.expect(")", f"to close `{token.text}(`, which takes a name; of an expression it is {token.text}[i,j](…)")
    return body.axes, body


def _array(parser: Parser, call: Token, rank: int) -> Ref:
    """An array by its name alone, at letters of its own."""
    name = parser.take()
    if name.kind != "name" or parser.next_is("("):
        problem = f"`{call.text}(` takes the name of a matrix; of an expression it is {call.text}[i,j](…)"
        raise parser.scope.fail(f"{problem}, found {name}", name)
    parser.scope.use_name(name, rank)
    return ref(name.text, _spare_letters(parser)[:rank])


def _spare_letters(parser: Parser) -> list[str]:
    """Letters that the text has nowhere."""
    used = {token.text for token in parser.tokens if is_index(token.text)}
    return [name for k in ("", "1", "2") for letter in LETTERS if (name := letter + k) not in used]


def _solve(parser: Parser, token: Token) -> Expr:
    """`solve(A, b)[i]` is the sum of `inv(A)[i,k] * b[k]`; of a matrix B it has two indices."""
    parser.expect("(", "after `solve`")
    matrix = _array(parser, token, 2)
    parser.expect(",", "between the matrix and the right side of `solve`")
    right = parser.take()
    parser.expect(")", "to close `solve(`")
    at = parser.token
    places = parser.brackets()
    if right.kind != "name" or len(places) > 2:
        raise parser.scope.fail("expected `solve(A, b)[i]` or `solve(A, B)[i,j]`", at)
    parser.scope.use_name(right, len(places))
    over = _spare_letters(parser)[2]
    inverse = MatrixFunction("inv", matrix.axes, matrix, (places[0], Affine.of(over)))
    return Reduce("sum", (over,), mul(inverse, Ref(right.text, (Affine.of(over), *places[1:]))))
