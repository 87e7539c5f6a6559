"""What stands above and below: indices, powers, primes, transposes."""

import functools
import re

from chainrule.derive.language.expressions import ONE, Call, Expr, Num, Partial, Pow, Ref, add, num
from chainrule.derive.language.subscripts import Affine, is_index
from chainrule.derive.reading.grammar.cursor import Cursor
from chainrule.derive.reading.grammar.subscripts import WORDS, read_subscript
from chainrule.derive.reading.matrices import Entry, Hadamard, Transposed
from chainrule.derive.reading.tokens import Token, UnreadableError

LAST_LAYERS = {"L": "L", "L-1": "Lprev"}  # a^L and a^{L-1}, of the last layer and the one before
WEIGHTS = ("W", "U", "V", "R", "b", "L")


class Scripts(Cursor):
    """Reads scripts."""

    def scripts(self, base: Expr) -> Expr:
        """The atom with all that stands above and below it."""
        below = False
        while True:
            if self.next_is("'"):
                primes = self.take().text
                if not isinstance(base, Ref) or base.indices:
                    raise UnreadableError("a prime stands on what has no name")
                base = Ref(base.name + primes)
            elif self.next_is("_") and self._is_positive_part():
                self.take()
                self.group()
                base = Call("relu", (base,))
            elif self.next_is("_") and isinstance(base, Ref) and (by := self._differentiated(base)):
                self.take()
                self.group()
                for each in by:
                    base = Partial(base, each)
            elif self.next_is("_"):
                if below:
                    raise UnreadableError("two subscripts follow one another; expected one, in braces")
                self.take()
                base, below = self._below(base, self._subscript(base)), True
            elif self.next_is("^"):
                self.take()
                base = self._above(base, self.group())
            elif self.next_is("!"):
                self.take()
                base = Call("exp", (Call("lgamma", (add(base, ONE),)),))
            else:
                return base

    def _differentiated(self, base: Ref) -> list[Ref]:
        """The parameters of a function that stand below its name, as in f_x and f_{xy} of f(x, y)."""
        parameters, _ = self.context.functions.get(base.name, ((), None))
        below = [token.text for token in self.tokens[self.at + 1 : self.at + 5] if token.kind != "group"]
        group = [token.text for token in self.tokens[self.at + 1 :][:1]] if below else []
        is_pair = group == ["{"] and [token.text for token in self.tokens[self.at + 3 :][:1]] not in ([], ["}"])
        names = below[:2] if is_pair else below[:1]
        return [Ref(name) for name in names] if names and set(names) <= set(parameters) and not base.indices else []

    def _is_positive_part(self) -> bool:
        """Whether a plus stands below a bracket, as in `(1 - y s)_+`."""
        below = [token.text for token in self.tokens[self.at + 1 : self.at + 4] if token.kind != "group"]
        return self.at > 0 and self.tokens[self.at - 1].text in (")", "]") and below[:1] == ["+"]

    def _subscript(self, base: Expr) -> tuple[Affine, ...] | str:
        """What stands below a name; of a weight, a bias or a loss it is a part of the name where it names arrays."""
        tokens = self.group()
        letters = [token.text for token in tokens if token.kind != "space"]
        if isinstance(base, Ref) and base.name in WEIGHTS and letters and set(letters) <= self.context.arrays:
            self.notes.append(f"{base.name}_{''.join(letters)} is a name, since {letters[0]} is an array here")
            return "_" + "".join(letters)
        squared = "var" + base.name[5:] if isinstance(base, Ref) and base.name.startswith("sigma") else ""
        fixed = letters and {(name, letters[0]) for name in (getattr(base, "name", ""), squared)} & self.context.fixed
        if isinstance(base, Ref) and len(letters) == 1 and fixed:
            self.notes.append(f"{base.name}_{letters[0]} is one array, since nothing runs over {letters[0]}")
            return "_" + letters[0]
        if isinstance(base, Ref) and len(letters) == 1 and self._is_element(base, letters[0]):
            self.notes.append(f"{base.name}_{letters[0]} is the element of {base.name} at {letters[0]}")
            return (Affine.constant(int(letters[0])),)
        return read_subscript(tokens)

    def _is_element(self, base: Ref, number: str) -> bool:
        """Whether x_1 is an element of an array x that has indices elsewhere, and no name that the document gives."""
        given = any(re.fullmatch(rf"{re.escape(base.name)}\d+", name) for name in self.context.defined)
        is_array = base.name in self.context.indexed and not base.indices
        apart = given or (number == "0" and base.name == self.context.intercept)
        return number.isdigit() and len(number) < 9 and is_array and not apart

    @staticmethod
    def _below(base: Expr, indices: tuple[Affine, ...] | str) -> Expr:
        if isinstance(base, Ref) and isinstance(indices, str):
            return Ref(base.name + indices, base.indices)
        if isinstance(base, Ref):  # one that has indices already has them above: x^{(i)}_j
            return Ref(base.name, (*base.indices, *indices))
        if isinstance(indices, str):
            raise UnreadableError(f"expected indices below a bracket, found `{indices}`")
        return Entry(base, indices)

    def _above(self, base: Expr, tokens: list[Token]) -> Expr:
        texts = [token.text for token in tokens if token.kind != "space"]
        if texts == ["T"]:
            return Transposed(base)
        if texts == ["H"] and isinstance(base, Ref) and base.name[0].isupper() and "H" not in self.context.defined:
            self.notes.append(f"{base.name}^H is the transpose, since all is real")
            return Transposed(base)
        if texts == ["-", "T"]:
            return Transposed(Pow(base, num(-1)))
        if isinstance(base, Ref) and texts[:1] in (["("], ["["]) and texts[-1:] == ["T"] and len(texts) > 3:
            return Transposed(self._above(base, tokens[:-1]))
        word = "".join(texts)
        if isinstance(base, Ref) and (word in WORDS or (len(texts) == 1 and tokens[0].kind == "text")):
            return Ref(f"{base.name}_{word}", base.indices)  # \pi^{ref}, another array
        if texts and set(texts) == {"'"} and isinstance(base, Ref):
            return Ref(base.name + "'" * len(texts), base.indices)
        if isinstance(base, Ref) and (place := self._place_above(tokens)) is not None:
            return Ref(base.name + place, base.indices) if isinstance(place, str) else self._counted(base, place)
        if texts[:1] == ["⊙"] and len(texts) == 2 and texts[1] in "23456":  # w^{\\circ 2}, entry by entry
            return functools.reduce(Hadamard, [base] * int(texts[1]))
        if texts == ["*"] and isinstance(base, Ref) and base.name[0].islower():  # w^*, the best w
            return Ref(f"{base.name}star", base.indices)
        if texts in (["*"], ["+"], ["-"]):
            raise UnreadableError(f"`{texts[0]}` above a name can't be read")
        exponent = self.nested(tokens).inside(self)
        match base, exponent:
            case Ref(name, indices), Num(value) if self.context.squared and name.startswith("sigma"):
                variance = Ref("var" + name[5:], indices)  # whose square sigma^4 is
                return variance if value == 2 else Pow(variance, num(value / 2))
            case Ref("e", ()), Num() if "e" in self.context.defined:
                self.notes.append("e is what the document says it is, and no base of powers")
            case Ref("e", ()), _:
                return Call("exp", (exponent,))
        return Pow(base, exponent)

    @staticmethod
    def _place_above(tokens: list[Token]) -> tuple[Affine, ...] | str | None:
        """What `W^{(2)}`, `x^{(i)}` or `a^{l-1}` says above a name: a part of the name, or a place; None for a power.

        What stands in brackets counts layers or samples; so does l, which nobody raises to.
        """
        inside = [token for token in tokens if token.kind != "space"]
        texts = [token.text for token in inside]
        if texts[:1] in (["("], ["["]) and texts[-1:] in ([")"], ["]"]) and len(texts) > 2:
            inside = inside[1:-1]
            if len(inside) == 1 and texts[1].isalnum() and not is_index(texts[1]):
                return texts[1]
        elif texts[:1] != ["l"] or not set(texts[1:2]) <= {"+", "-"}:
            of_last = LAST_LAYERS.get("".join(texts))
            return of_last if of_last and inside[0].end - inside[0].at == 1 else None
        if len(inside) > 5 or any(token.kind not in ("name", "number", "sign") for token in inside):
            return None
        return read_subscript(inside)

    def _counted(self, base: Ref, place: tuple[Affine, ...]) -> Ref:
        """The name with a place that stands above it, which comes first."""
        self.notes.append(f"what stands above {base.name} in brackets, or l, is a place and no power")
        return Ref(base.name, (*place, *base.indices))
