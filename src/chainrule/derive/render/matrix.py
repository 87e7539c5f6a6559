"""Matrix form of equations with at most two indices a quantity: `dW = dYᵀ X`, `db = 1ᵀ dY`, Hadamard products ∘.

Vectors are columns; a whole side that adds up the rows of a matrix is written as the row that it is, `1ᵀ dY`. A value
with axes (s,) beside one with (s, i) is written diag(v) M, which scales rows; M diag(v) scales columns; a number added
to a matrix is added to every element; ⊘ divides elementwise. There is no matrix form for three indices, shifted places,
deltas or cases.
"""

from collections.abc import Mapping

from chainrule.derive.language.expressions import (
    Add,
    Call,
    Div,
    Expr,
    MatrixFunction,
    Mul,
    Neg,
    Num,
    Pow,
    Reduce,
    Ref,
    Size,
    neg,
    split_quotient,
)
from chainrule.derive.language.printer import show_number
from chainrule.derive.render.matrix_graph import PRODUCT, SUM, WHOLE, Letters, NoMatrixFormError, beside_ones
from chainrule.derive.render.matrix_products import ProductForm


def matrix_form(left: Ref, right: Expr, dimensions: Mapping[str, str], products: bool = False) -> str | None:
    """The equation in matrix form, or None. Sizes are capital letters: N is the size of the dimension of n.

    products: whether products of many matrices are written side by side first of all, as in matrix notation.
    """
    letters = left.axes
    try:
        if len(letters) > 2:
            return None
        if products or any(isinstance(node, MatrixFunction) for node in right.walk()):
            rows = _rows_added(right, letters, dimensions) if products else None
            return f"{left.name} = {rows or _product(right, letters, dimensions)}"
        form = _Form(dimensions)
        return f"{left.name} = {form.sum_of_rows(right, letters) or form.write(right, letters)}"
    except NoMatrixFormError:
        return None


def _rows_added(right: Expr, letters: Letters, dimensions: Mapping[str, str]) -> str | None:
    try:
        return _Form(dimensions).sum_of_rows(right, letters)
    except NoMatrixFormError:
        return None


def _product(right: Expr, letters: Letters, dimensions: Mapping[str, str]) -> str:
    """The form by elimination, which knows more."""
    return ProductForm(lambda letter: dimensions[letter].upper()).whole(right, letters)


class _Form:
    """Writes an expression as a matrix, vector or number with the given axes."""

    def __init__(self, dimensions: Mapping[str, str]) -> None:
        self.dimensions = dimensions

    def sum_of_rows(self, expr: Expr, letters: Letters) -> str | None:
        """`1ᵀ M` where the expression adds up the rows of a matrix that needs no transposing, else None."""
        match expr:
            case Reduce("sum", (k,), body) if len(letters) == 1 and all(
                f.free == {k, *letters} for f in split_quotient(body)[0]
            ):
                text = self.write(body, (k, *letters), place=WHOLE)
                return None if "ᵀ" in text else f"1ᵀ {text}"
        return None

    def write(self, expr: Expr, letters: Letters, place: int = SUM) -> str:
        """The text, in brackets where its place asks for more than it is."""
        text, kind = self._write(expr, letters)
        return f"({text})" if kind < place else text

    def _size(self, letter: str) -> str:
        return self.dimensions[letter].upper()

    def _write(self, expr: Expr, letters: Letters) -> tuple[str, int]:
        """The text, and whether it is a sum, a product, or whole."""
        match expr:
            case Num(value):
                return show_number(value), SUM if value < 0 else WHOLE
            case Size(letter):
                return self._size(letter), WHOLE
            case Ref():
                return self._element(expr, letters)
            case Neg(argument):
                return "-" + self.write(argument, letters, PRODUCT), SUM
            case Add(terms):
                return self._sum(terms, letters), SUM
            case Reduce("sum" | "mean", bound, body):
                return self._reduction(expr.operation, bound, body, letters)
            case Mul() | Div():
                return self._product(expr, letters)
            case Call(function, (argument,)) if set(letters) == expr.free:
                return f"{function}({self.write(argument, letters)})", WHOLE
            case Pow(base, Num(exponent)) if set(letters) == expr.free and base.free:
                return f"{self.write(base, letters, place=WHOLE)}^∘{show_number(exponent)}", WHOLE
            case Pow(base, Num(exponent)) if not letters:
                return f"{self.write(base, letters, place=WHOLE)}^{show_number(exponent)}", WHOLE
        raise NoMatrixFormError

    def _element(self, element: Ref, letters: Letters) -> tuple[str, int]:
        own = element.axes
        if "" in own or len(set(own)) < len(own):
            raise NoMatrixFormError
        if own == letters:
            return element.name, WHOLE
        if own == letters[::-1]:
            return f"{element.name}ᵀ", WHOLE
        if len(own) == 1 and len(letters) == 2 and own[0] in letters:
            return (f"{element.name} 1ᵀ" if own[0] == letters[0] else f"1 {element.name}ᵀ"), PRODUCT
        raise NoMatrixFormError

    def _sum(self, terms: tuple[Expr, ...], letters: Letters) -> str:
        text = ""
        for term in terms:
            negative = isinstance(term, Neg) or (isinstance(term, Num) and term.value < 0)
            inner = neg(term) if negative else term
            part = self._spread(inner, letters, place=PRODUCT if negative else SUM)
            text += (" - " if negative else " + ") + part if text else ("-" if negative else "") + part
        return text

    def _spread(self, expr: Expr, letters: Letters, place: int = SUM) -> str:
        """A term that may lack an axis: its values are repeated along it."""
        if not expr.free:
            return self.write(expr, (), place)
        own = tuple(letter for letter in letters if letter in expr.free)
        if own == letters:
            return self.write(expr, letters, place)
        text = self.write(expr, own, place=WHOLE)
        if len(letters) == 2 and len(own) == 1:
            return beside_ones(text) if own[0] == letters[0] else f"1 {text}ᵀ"
        raise NoMatrixFormError

    def _reduction(self, operation: str, bound: Letters, body: Expr, letters: Letters) -> tuple[str, int]:
        sizes = " ".join(map(self._size, bound))
        scale = "" if operation == "sum" else f"1/({sizes}) " if len(bound) > 1 else f"1/{sizes} "
        if len(bound) == 1:
            return scale + self._single_sum(bound[0], body, letters), PRODUCT
        if len(bound) == 2 and not letters:
            return f"{scale}1ᵀ {self.write(body, bound, place=WHOLE)} 1", PRODUCT
        raise NoMatrixFormError

    def _single_sum(self, k: str, body: Expr, letters: Letters) -> str:
        factors = list(body.factors) if isinstance(body, Mul) else [body]
        if len(letters) == 2:
            return self._matrix_product(k, factors, letters)
        if len(letters) == 1:
            return self._matrix_vector(k, factors, body, letters[0])
        return self._inner_product(k, factors, body)

    def _matrix_product(self, k: str, factors: list[Expr], letters: Letters) -> str:
        left = [f for f in factors if f.free <= {letters[0], k} and letters[0] in f.free]
        right = [f for f in factors if f not in left and f.free <= {k, letters[1]}]
        if len(left) + len(right) != len(factors) or not left or not right:
            raise NoMatrixFormError
        return f"{self._hadamard(left, (letters[0], k))} {self._hadamard(right, (k, letters[1]))}"

    def _matrix_vector(self, k: str, factors: list[Expr], body: Expr, letter: str) -> str:
        vectors = [f for f in factors if f.free == {k}]
        matrices = [f for f in factors if f.free == {letter, k}]
        if isinstance(body, Mul) and len(vectors) + len(matrices) == len(factors) and vectors:
            return f"{self._hadamard(matrices, (letter, k))} {self._hadamard(vectors, (k,))}"
        own = body.axes if isinstance(body, Ref) else ()
        if own == (k, letter):
            return f"{body.name}ᵀ 1"  # type: ignore[attr-defined]
        return f"{self.write(body, (letter, k), place=WHOLE)} 1"

    def _inner_product(self, k: str, factors: list[Expr], body: Expr) -> str:
        if len(factors) == 2 and all(f.free == {k} for f in factors):
            a, b = (self.write(f, (k,), place=WHOLE) for f in factors)
            return f"{a}ᵀ {b}"
        return f"1ᵀ {self.write(body, (k,), place=WHOLE)}"

    def _hadamard(self, factors: list[Expr], letters: Letters) -> str:
        if not factors:
            raise NoMatrixFormError
        full = [f for f in factors if f.free == set(letters)]
        if len(full) != len(factors) or not full:
            raise NoMatrixFormError
        texts = [self.write(f, letters, place=WHOLE) for f in full]
        return texts[0] if len(texts) == 1 else f"({' ∘ '.join(texts)})"

    def _product(self, expr: Expr, letters: Letters) -> tuple[str, int]:
        above, below = split_quotient(expr)
        if any(factor.free for factor in below) and not all(f.free == set(letters) for f in below):
            return self._scaled_rows(above, below, letters), PRODUCT
        numbers = [factor for factor in above if not factor.free]
        arrays = [factor for factor in above if factor.free]
        text = " ".join(self.write(factor, (), place=WHOLE) for factor in numbers)
        if arrays:
            text += (" " if text else "") + self._scaled_rows(arrays, [], letters)
        text = text or "1"
        if below:
            divisor = " ".join(self.write(f, letters if f.free else (), place=WHOLE) for f in below)
            text = f"{text} {'⊘' if below[0].free else '/'} {f'({divisor})' if len(below) > 1 else divisor}"
        return text, PRODUCT

    def _scaled_rows(self, above: list[Expr], below: list[Expr], letters: Letters) -> str:
        """Hadamard products of full arrays, between diagonal matrices of what depends on one index."""
        if len(letters) == 1:
            if below:
                raise NoMatrixFormError
            return " ∘ ".join(self.write(f, letters, place=WHOLE) for f in above)
        if len(letters) != 2:
            raise NoMatrixFormError
        full = [f for f in above if f.free == set(letters)]
        rows, columns = ([f for f in above if f.free == {letter}] for letter in letters)
        if len(full) + len(rows) + len(columns) != len(above) or any(len(f.free) != 1 for f in below):
            raise NoMatrixFormError
        left = [f"diag({self.write(f, letters[:1])})" for f in rows]
        left += [f"diag({self.write(f, letters[:1])})⁻¹" for f in below if f.free == {letters[0]}]
        right = [f"diag({self.write(f, letters[1:])})" for f in columns]
        right += [f"diag({self.write(f, letters[1:])})⁻¹" for f in below if f.free == {letters[1]}]
        if not full and not below:
            if len(rows) == len(columns) == 1:
                column, row = (self.write(f[0], (x,), WHOLE) for f, x in zip((rows, columns), letters, strict=True))
                return f"{column} {row}ᵀ"
            raise NoMatrixFormError
        middle = " ∘ ".join(self.write(f, letters, place=WHOLE) for f in full)
        if len(full) > 1 and (left or right):
            middle = f"({middle})"
        return " ".join([*left, middle, *right])
