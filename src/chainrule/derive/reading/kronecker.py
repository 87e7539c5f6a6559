r"""Vectors of matrices, `\operatorname{vec}(Y) = (B^\top \otimes A)\operatorname{vec}(X)`, as the matrices they are of.

vec puts the columns of a matrix one below the other, so `(P ⊗ Q) vec(X)` is `vec(Q X Pᵀ)`, and the entry of `P ⊗ Q` in
the row of Y[i,j] and the column of X[k,l] is `P[j,l] Q[i,k]`.
"""

from collections.abc import Sequence

from chainrule.derive.language.expressions import (
    Add,
    Call,
    Delta,
    Div,
    Expr,
    Mul,
    Neg,
    Num,
    Partial,
    Ref,
    add,
    mul,
    neg,
)
from chainrule.derive.language.subscripts import Affine
from chainrule.derive.reading.matrices import Entry, Hadamard, Inner, Jacobian, Kronecker, Norm, Transposed, Vectorized
from chainrule.derive.reading.tokens import UnreadableError

HERE = tuple(map(Affine.of, "ijkl"))


def has_vectors(expr: Expr | None) -> bool:
    """Whether a vector of a matrix, or a Kronecker product, stands in an expression."""
    return expr is not None and any(isinstance(node, Kronecker | Vectorized | Jacobian) for node in expr.walk())


def in_matrices(left: Expr | None, value: Expr) -> Expr:
    """What is said to be equal to a left side, without vectors of matrices."""
    if isinstance(left, Jacobian):
        return _entry(value)
    found = _matrix(value) if isinstance(left, Vectorized) else _number(value)
    if has_vectors(found):
        raise UnreadableError("a Kronecker product is read before vec(…), or as the derivative of vec(Y) by vec(X)")
    return found


def left_side(left: Expr) -> Expr:
    """A left side without vectors of matrices."""
    i, j, k, l = HERE  # noqa: E741
    match left:
        case Vectorized(matrix):
            return matrix
        case Jacobian(Ref(name, ()), Ref(by, ())):
            return Partial(Ref(name, (i, j)), Ref(by, (k, l)))
        case Jacobian(of, Ref(by, ())):
            return Partial(Entry(of, (i, j)), Ref(by, (k, l)))
    raise UnreadableError("a vector of a matrix is read as a left side alone, or as vec(Y) derived by vec(X)")


def are_same(left: Expr, right: Expr) -> bool:
    """Whether two products of matrices are the same, with the transposes of products written out."""
    return _plain(left) == _plain(right)


def _plain(expr: Expr) -> Expr:
    match expr:
        case Transposed(argument):
            inside = _plain(argument)
            match inside:
                case Transposed(twice):
                    return twice
                case Mul(factors):
                    return mul(*(_plain(Transposed(factor)) for factor in reversed(factors)))
            return inside if inside == Ref("I") else Transposed(inside)
        case Mul(factors):
            return mul(*(each for factor in factors if (each := _plain(factor)) != Ref("I")))
    return expr.map(_plain)


def _matrix(expr: Expr) -> Expr:
    """The matrix whose vector an expression is."""
    match expr:
        case Vectorized(matrix):
            return matrix
        case Neg(argument):
            return neg(_matrix(argument))
        case Add(terms):
            return add(*map(_matrix, terms))
        case Div(above, below):
            return Div(_matrix(above), below)
        case Hadamard(left, right):
            return Hadamard(_matrix(left), _matrix(right))
        case Mul(factors):
            value = _matrix(factors[-1])
            for factor in reversed(factors[:-1]):
                value = _applied(factor, value)
            return value
    raise UnreadableError("expected vec(…), or a Kronecker product before it")


def _applied(factor: Expr, matrix: Expr) -> Expr:
    """The matrix of `factor vec(matrix)`."""
    match _turned(factor):
        case Kronecker(left, right):
            return mul(right, matrix, Transposed(left))
        case Add(terms) if any(map(has_vectors, terms)):
            return add(*(_applied(term, matrix) for term in terms))
        case Neg(argument) if has_vectors(argument):
            return neg(_applied(argument, matrix))
    return mul(factor, matrix)


def _turned(expr: Expr) -> Expr:
    """A Kronecker product whose transpose is taken, or its inverse, as the product of these."""
    match expr:
        case Transposed(Kronecker(left, right)):
            return Kronecker(Transposed(left), Transposed(right))
    return expr


def _number(expr: Expr) -> Expr:
    """An expression with the trace for `vec(A)^T vec(B)`, and the norm of A for that of vec(A)."""
    match expr:
        case Mul((Transposed(Vectorized(left)), Vectorized(right))):
            return Inner(left, right, True)
        case Norm(Vectorized(matrix)):
            return Norm(matrix, "F")
    return expr.map(_number)


def _entry(expr: Expr) -> Expr:
    """The entry of a matrix of derivatives at the places of Y[i,j] and X[k,l]."""
    i, j, k, l = HERE  # noqa: E741
    match _turned(expr):
        case Kronecker(left, right):
            return mul(_at(left, (j, l)), _at(right, (i, k)))
        case Neg(argument):
            return neg(_entry(argument))
        case Add(terms):
            return add(*map(_entry, terms))
        case Div(above, below):
            return Div(_entry(above), below)
        case Call("diag", (Vectorized(matrix),)):
            return mul(Delta(i, k), Delta(j, l), Entry(matrix, (i, j)))
        case Mul(factors):
            return _entry_of_product(factors)
        case Ref("I"):
            return mul(Delta(i, k), Delta(j, l))
    raise UnreadableError("expected the derivative of vec(Y) by vec(X) as Kronecker products")


def _entry_of_product(factors: Sequence[Expr]) -> Expr:
    products = [_turned(factor) for factor in factors if has_vectors(factor)]
    numbers = [factor for factor in factors if not has_vectors(factor)]
    if all(isinstance(each, Kronecker) for each in products):
        left, right = (mul(*(each.children[k] for each in products)) for k in (0, 1))
        return mul(*numbers, _entry(Kronecker(left, right)))
    if len(products) != 1 or not all(isinstance(number, Num | Ref) for number in numbers):
        raise UnreadableError("a product of a Kronecker product with something else is not read here")
    return mul(*numbers, _entry(products[0]))


def _at(matrix: Expr, places: tuple[Affine, Affine]) -> Expr:
    match matrix:
        case Ref("I") | Transposed(Ref("I")):
            return Delta(*places)
    return Entry(matrix, places)
