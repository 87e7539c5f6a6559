"""Writes expressions as matrices, vectors or numbers: products by elimination, the rest entry by entry."""

import re
from collections.abc import Callable
from dataclasses import replace

from chainrule.derive.language.expressions import (
    ONE,
    ZERO,
    Add,
    Call,
    Compare,
    Const,
    Delta,
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
    Where,
    num,
)
from chainrule.derive.language.printer import show_number
from chainrule.derive.language.subscripts import Affine
from chainrule.derive.render.matrix_graph import (
    ONES,
    PRODUCT,
    SUM,
    WHOLE,
    Chain,
    Graph,
    Letters,
    NoMatrixFormError,
    beside_ones,
    is_wrapped,
    join,
    unwrapped,
)


class ProductForm:
    """Writes expressions as matrices, vectors or numbers; `size` is the text for how far an index runs."""

    def __init__(self, size: Callable[[str], str]) -> None:
        self.known_size = size
        self.origin: dict[str, str] = {}  # of the letters made here

    def size(self, letter: str) -> str:
        """How far an index runs, as text."""
        return self.known_size(self.origin.get(letter, letter))

    def whole(self, expr: Expr, letters: Letters) -> str:
        """The text over these letters as a whole side, without brackets around all of it."""
        text, kind = self._write(expr, letters)
        return unwrapped(Chain(((text, text),))) if kind == WHOLE and is_wrapped(text) else text

    def write(self, expr: Expr, letters: Letters, place: int = SUM) -> str:
        """The text over these letters, in brackets where its place asks for more than it is."""
        text, kind = self._write(expr, letters)
        return f"({text})" if kind < place else text

    def _write(self, expr: Expr, letters: Letters) -> tuple[str, int]:
        match expr:
            case Num(value):
                return show_number(value), SUM if value < 0 else WHOLE
            case Const(name):
                return {"pi": "π", "inf": "∞"}.get(name, name), WHOLE
            case Size(letter):
                return self.size(letter), WHOLE
            case Neg(argument):
                return "-" + self.write(argument, letters, PRODUCT), SUM
            case Add(terms):
                return self._sum(terms, letters), SUM
            case Mul() | Div() | Reduce("sum" | "mean", _, _):
                return self._product(expr, letters)
            case Call("sqrt", (Reduce() as total,)) if not expr.free:
                text = self.write(total, ())
                norm = re.fullmatch(r"(‖[^‖]*‖(?:_F)?)²", text)
                return (norm[1] if norm else f"sqrt({text})"), WHOLE
            case Call(function, arguments) if expr.free == set(letters):
                return f"{function}({', '.join(self._spread(each, letters) for each in arguments)})", WHOLE
            case Pow(base, exponent) if expr.free == set(letters) and not exponent.free:
                power = self.write(exponent, (), WHOLE)
                return f"{self.write(base, letters, WHOLE)}{'^∘' if letters else '^'}{power}", WHOLE
        if isinstance(expr, Compare) and expr.free == set(letters):
            return self._comparison(expr, letters), WHOLE
        if isinstance(expr, Where) and expr.other == ZERO and expr.free == set(letters):
            return self._case(expr, letters)
        if not isinstance(expr, Ref | Delta | MatrixFunction):
            raise NoMatrixFormError
        chain = self._atom(expr, letters)
        return chain.text, WHOLE if len(chain.factors) == 1 else PRODUCT

    def _comparison(self, expr: Compare, letters: Letters) -> str:
        """1 where it holds: [X > 0], entry by entry."""
        return f"[{f' {expr.relation} '.join(self._spread(side, letters) for side in expr.children)}]"

    def _case(self, expr: Where, letters: Letters) -> tuple[str, int]:
        if not isinstance(expr.condition, Compare):
            raise NoMatrixFormError
        held = self._comparison(expr.condition, letters)
        if expr.then == ONE:
            return held, WHOLE
        return f"{held} ∘ {self._spread(expr.then, letters, WHOLE)}", PRODUCT

    def _atom(self, expr: Expr, letters: Letters) -> Chain:
        """A factor as a matrix over two letters, a vector over one, or a number."""
        match expr:
            case Ref(name, indices):
                return self._array(name, [index.letter or "" for index in indices], letters)
            case Delta(left, right) if len(letters) == 2 and {left.letter, right.letter} == set(letters):
                return Chain((("I", "I"),))
            case MatrixFunction():
                return self._matrix_function(expr, letters)
            case Delta():
                raise NoMatrixFormError
        text = self.write(expr, letters, WHOLE)
        turned = self.write(expr, letters[::-1], WHOLE) if len(letters) == 2 else f"{text}ᵀ"
        return Chain(((text, turned),))

    @staticmethod
    def _array(name: str, own: list[str], letters: Letters) -> Chain:
        both = (name, f"{name}ᵀ")
        if "" in own or len(own) > 2:
            raise NoMatrixFormError
        if len(own) == 2 and own[0] == own[1] and set(own) == set(letters):
            return Chain(((f"diag({name})", f"diag({name})ᵀ"),))
        if tuple(own) == letters:
            return Chain((both,))
        if tuple(own) == letters[::-1]:
            return Chain((both[::-1],))
        raise NoMatrixFormError

    def _matrix_function(self, expr: MatrixFunction, letters: Letters) -> Chain:
        if expr.body.free - set(expr.indices):
            raise NoMatrixFormError
        matrix = self.write(expr.body, expr.indices)
        if expr.function == "inv":
            matrix = self.write(expr.body, expr.indices, WHOLE)
            plain = (f"{matrix}⁻¹", f"{matrix.removesuffix('ᵀ')}⁻¹" if matrix.endswith("ᵀ") else f"{matrix}⁻ᵀ")
            plain = (f"{matrix[:-1]}⁻ᵀ", plain[1]) if matrix.endswith("ᵀ") else plain
        else:
            plain = (f"{expr.function}({matrix})", f"{expr.function}({matrix})ᵀ")
        own = [place.letter or "" for place in expr.places]
        if not own:
            return Chain((plain,))
        if len(set(own)) == 1 and set(own) == set(letters):
            return Chain(((f"diag({plain[0]})", f"diag({plain[0]})ᵀ"),))
        if "" in own or set(own) != set(letters):
            raise NoMatrixFormError
        return Chain((plain if tuple(own) == letters else plain[::-1],))

    def _sum(self, terms: tuple[Expr, ...], letters: Letters) -> str:
        text = ""
        for term in terms:
            negative = isinstance(term, Neg) or (isinstance(term, Num) and term.value < 0)
            inner = term.argument if isinstance(term, Neg) else num(-term.value) if negative else term  # type: ignore[attr-defined]
            part = self._spread(inner, letters, PRODUCT if negative else SUM)
            text += (" - " if negative else " + ") + part if text else ("-" if negative else "") + part
        return text

    def _spread(self, expr: Expr, letters: Letters, place: int = SUM) -> str:
        """A term that may lack an index: its values are repeated along it."""
        own = tuple(letter for letter in letters if letter in expr.free)
        if own == letters or not own:
            return self.write(expr, own, place)
        vector = self._atom(expr, own)
        return beside_ones(vector.text) if own[0] == letters[0] else join(ONES, vector.turned).text

    def _product(self, expr: Expr, letters: Letters) -> tuple[str, int]:
        graph = Graph(size=self.size)
        bound: list[str] = []
        below: list[Expr] = []
        negative = self._gather(expr, graph, bound, below, set(letters))
        graph.eliminate(bound)
        chain = graph.result(letters)
        if any(set(edge) - set(letters) for edge in graph.edges):
            raise NoMatrixFormError
        numbers = [n for n in graph.numbers if n != "1"] or ([] if chain else ["1"])
        if chain is not None and numbers and chain == ONES:
            chain = None if len(letters) < 2 else chain
        text = " ".join([*numbers, *([chain.text] if chain else [])]) or "1"
        divisor = self._divisor(below)
        if divisor:
            if not numbers and chain:
                text = f"1/{divisor} {text}"
            else:
                text = f"{' '.join(numbers)}/{divisor} {chain.text}" if chain else f"{text} / {divisor}"
        kind = WHOLE if not divisor and len(numbers) + (len(chain.factors) if chain else 0) == 1 else PRODUCT
        return ("-" * negative) + text, SUM if negative else kind

    def _gather(self, expr: Expr, graph: Graph, bound: list[str], below: list[Expr], taken: set[str]) -> bool:
        """Put the factors of a product into the graph; return whether its sign is minus."""
        match expr:
            case Neg(argument):
                return not self._gather(argument, graph, bound, below, taken)
            case Mul(factors):
                signs = [self._gather(factor, graph, bound, below, taken) for factor in factors]
                return sum(signs) % 2 == 1
            case Div(above, divisor):
                for part in divisor.factors if isinstance(divisor, Mul) else [divisor]:
                    if part.free:
                        self._add_factor(part, graph, divides=True)
                    else:
                        below.append(part)
                return self._gather(above, graph, bound, below, taken)
            case Reduce("sum" | "mean" as operation, indices, body) if expr.free:
                fresh = {letter: self._fresh(letter) for letter in indices}
                bound += fresh.values()
                if operation == "mean":
                    below += [Size(letter) for letter in indices]
                body = body.rename({old: Affine.of(new) for old, new in fresh.items()})
                return self._gather(body, graph, bound, below, taken)
        match expr:
            case Pow(base, Num(value)) if value == 2 and expr.free <= set(bound):  # a sum of squares is a norm
                self._add_factor(base, graph)
                self._add_factor(base, graph)
            case _:
                self._add_factor(expr, graph)
        return False

    def _add_factor(self, expr: Expr, graph: Graph, divides: bool = False) -> None:
        letters = tuple(sorted(expr.free))
        match letters:
            case ():
                graph.numbers.insert(self._place(expr, graph), self._number(expr))
            case (letter,):
                graph.weights.setdefault(letter, []).append(replace(self._atom(expr, letters), divides=divides))
            case (a, b):
                graph.add_edge(a, b, replace(self._atom(expr, letters), divides=divides))
            case _:
                raise NoMatrixFormError

    @staticmethod
    def _place(expr: Expr, graph: Graph) -> int:
        return 0 if isinstance(expr, Num) else len(graph.numbers)

    def _number(self, expr: Expr) -> str:
        if isinstance(expr, Reduce):
            graph = Graph(size=self.size)
            bound: list[str] = []
            below: list[Expr] = []
            negative = self._gather_number(expr, graph, bound, below)
            graph.eliminate(bound)
            text = " ".join(graph.numbers)
            if negative or below:
                text = f"({'-' * negative}{text}{' / ' * bool(below)}{self._divisor(below)})"
            return f"({text})" if " " in text and not text.startswith(("(", "‖", "tr(")) else text
        return self.write(expr, (), WHOLE)

    def _divisor(self, below: list[Expr]) -> str:
        """What stands below a product, in brackets where it is one itself."""
        text = " ".join(self.write(each, (), WHOLE) for each in below)
        return f"({text})" if len(below) > 1 else text

    def _gather_number(self, expr: Reduce, graph: Graph, bound: list[str], below: list[Expr]) -> bool:
        fresh = {letter: self._fresh(letter) for letter in expr.indices}
        bound += fresh.values()
        if expr.operation not in ("sum", "mean"):
            raise NoMatrixFormError
        if expr.operation == "mean":
            below += [Size(letter) for letter in expr.indices]
        body = expr.body.rename({old: Affine.of(new) for old, new in fresh.items()})
        return self._gather(body, graph, bound, below, set())

    def _fresh(self, letter: str) -> str:
        name = f"{letter[0]}{5000 + len(self.origin)}"
        self.origin[name] = self.origin.get(letter, letter)
        return name
