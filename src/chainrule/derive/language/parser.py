"""Reads expressions: recursive descent over the tokens, one method per level of the grammar.

comparison = index ("==" | "!=") ("argmax" | "argmin") "[" index "]" "(" comparison ")"           or the other way round
           | sum [("<" | "<=" | ">" | ">=" | "==" | "!=") sum]
sum        = term {("+" | "-") term}
term       = "-" term | unary {("*" | "/") unary}
unary      = "-" unary | power
power      = primary ["^" unary | superscript]            `e^x`, where e is nothing else, is exp(x)
primary    = number | "(" comparison ")" | name | name "[" affine, … "]" | function "(" comparison, … ")"
           | ("sum" | "mean" | "max" | "min" | "prod" | "std" | …) "[" range, … "]" "(" comparison ")"
           | "size" "[" index "]"
           | "delta" "[" affine "," affine "]" | "where" "(" comparison "," comparison "," comparison ")"
           | ("inv" | "chol") matrix "[" affine "," affine "]" | ("det" | "logdet" | "trace") matrix
           | "solve" "(" name "," name ")" "[" affine, … "]"
           | "d" "(" comparison ")" "/" "d" "(" element ")"              and other spellings: see derivatives.py
matrix     = "(" name ")" | "[" index "," index "]" "(" comparison ")"
range      = index | affine relation affine {relation affine}           indices that mean nothing yet are bound
affine     = ["-"] product {("+" | "-") product}
product    = (whole number | index | name | name "[" affine, … "]") {"*" …}
"""

from dataclasses import replace
from fractions import Fraction

from chainrule.derive.language.derivatives import read_derivative
from chainrule.derive.language.expressions import (
    REDUCTIONS,
    RELATIONS,
    Call,
    Compare,
    Const,
    Delta,
    Div,
    Expr,
    Position,
    Pow,
    Reduce,
    Ref,
    Size,
    Where,
    add,
    mul,
    neg,
    num,
)
from chainrule.derive.language.functions import ALIASES, EXTREMA, FUNCTIONS
from chainrule.derive.language.lexer import Token
from chainrule.derive.language.matrices.calls import MATRIX_NAMES, read_matrix_call
from chainrule.derive.language.scope import Scope
from chainrule.derive.language.subscripts import Affine, is_index
from chainrule.derive.language.words.composed_functions import CLIPS, COMPOSED, clip
from chainrule.derive.language.words.ranges import Range, position, reduce_over
from chainrule.derive.language.words.shorthands import REFUSED, SHORTHANDS, SOFT_WORDS, open_shorthand
from chainrule.errors import find_similar

MAX_DEPTH = 60
MAX_DIGITS = 40
MAX_EXPONENT = 300
MAX_INDEX_TERMS = 10
KEYWORDS = frozenset({"size", "delta", "where", "pi", "inf", "assume", "forward", "gradient", "d", "∂"})
EXTREMAL_PLACES = {"argmax": "max", "argmin": "min"}
COMPLEX = frozenset({"conj", "real", "imag", "re", "im", "Re", "Im", "angle"})
RESERVED = FUNCTIONS.keys() | REDUCTIONS | KEYWORDS


class Parser:
    """Reads expressions from tokens at `at` on; `scope` judges names and indices.

    `partials` says whether `d(…)/d(…)` may stand here (in a derivation) or not (in a forward program).
    """

    def __init__(self, tokens: list[Token], scope: Scope, partials: bool = False) -> None:
        self.tokens, self.scope, self.partials = tokens, scope, partials
        self.at = 0
        self.depth = 0
        self.opened: list[tuple[str, Expr]] = []  # shorthands such as softmax[k](…), and what they stand for
        self.notes: list[tuple[int, str]] = []  # line, and how something in it was read

    @property
    def token(self) -> Token:
        """The next token."""
        return self.tokens[self.at]

    @property
    def after(self) -> Token:
        """The token after the next."""
        return self.tokens[min(self.at + 1, len(self.tokens) - 1)]

    def next_is(self, *texts: str) -> bool:
        """Whether the next token is one of these words or signs."""
        return self.token.text in texts and self.token.kind in ("operator", "name")

    def take(self) -> Token:
        """Read one token."""
        token = self.token
        self.at += token.kind != "end"
        return token

    def expect(self, text: str, after: str) -> Token:
        """Read this sign, or fail."""
        if not self.next_is(text):
            product = self.hint_at_product() if text == ")" else ""
            raise self.scope.fail(f"expected `{text}` {after}, found {self.token}{product}", self.token)
        return self.take()

    def hint_at_product(self) -> str:
        """What to add to an error where the next token could be a factor, but no sign stands before it."""
        return "; a product needs a *" if self.token.kind in ("name", "number") or self.token.text == "(" else ""

    def _grown(self, expr: Expr, token: Token) -> Expr:
        if expr.depth > MAX_DEPTH:
            raise self.scope.fail(f"nested too deeply; expected at most {MAX_DEPTH} levels", token)
        return expr

    def comparison(self) -> Expr:
        """An expression, with a comparison as its outermost operation or without."""
        start = self.token
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.scope.fail(f"nested too deeply; expected at most {MAX_DEPTH} levels", start)
        expr = self._attained() or self.sum()
        if self.next_is(*RELATIONS):
            relation = self.take().text
            expr = Compare(relation, expr, self.sum())
        self.depth -= 1
        return self._grown(expr, start)

    def _attained(self) -> Compare | None:
        """`k == argmax[j](x[j])` or the other way round: whether the value at k is the largest; None where neither."""
        places = (0, 2) if self.after.text in ("==", "!=") else (0,)
        ahead = next((k for k in places if self._extremal_place_at(self.at + k)), None)
        if ahead is None:
            return None
        sides = [self.take() for _ in range(ahead)]
        word = self.take()
        total = self._reduction(replace(word, text=EXTREMAL_PLACES[word.text]))
        sides += [self.take(), self.take()] if not sides and self.next_is("==", "!=") else []
        index = next((side for side in sides if side.kind == "name" and self.scope.in_scope(side.text)), None)
        if index is None:
            raise self.scope.fail(f"`{word.text}` is {REFUSED[word.text]}", word)
        if not isinstance(total, Reduce) or len(total.indices) > 1:
            raise self.scope.fail(f"expected `{word.text}` over one index, as in k == {word.text}[j](x[j])", word)
        self.scope.use_index(index)
        relation = next(side.text for side in sides if side is not index)
        return Compare(relation, total.body.rename({total.indices[0]: Affine.of(index.text)}), total)

    def _extremal_place_at(self, at: int) -> bool:
        """Whether `argmax[j](` or `argmin[j](` stands at a token."""
        word, after = self.tokens[min(at, len(self.tokens) - 1)], self.tokens[min(at + 1, len(self.tokens) - 1)]
        return word.text in EXTREMAL_PLACES and after.text == "[" and self._bracket_follows(at + 1)

    def sum(self) -> Expr:
        """Terms with + and - between them."""
        start = self.token
        if self.next_is("+"):
            self.take()
        terms = [self.term()]
        while self.next_is("+", "-"):
            negative = self.take().text == "-"
            term = self.term()
            terms.append(neg(term) if negative else term)
        return self._grown(add(*terms), start)

    def term(self) -> Expr:
        """Factors with * and / between them; a minus sign before them holds for all."""
        negative = False
        while self.next_is("-"):
            self.take()
            negative = not negative
        start = self.token
        expr: Expr | None = None
        factors = [self.unary()]
        while self.next_is("*", "/"):
            if self.take().text == "*":
                factors.append(self.unary())
            else:
                expr = self._grown(Div(mul(*factors), self.unary()), start)
                factors = [expr]
        expr = self._grown(mul(*factors), start)
        return neg(expr) if negative else expr

    def unary(self) -> Expr:
        """A factor, with minus signs before it or without."""
        negative = False
        while self.next_is("-"):
            self.take()
            negative = not negative
        expr = self.power()
        return neg(expr) if negative else expr

    def power(self) -> Expr:
        """A primary, raised or not."""
        start = self.token
        base = self._euler() or self.primary()
        if self.token.kind == "raised":
            return self._grown(_power(base, self._raised(self.take())), start)
        if not self.next_is("^"):
            return base
        self.take()
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.scope.fail(f"nested too deeply; expected at most {MAX_DEPTH} levels", start)
        exponent = self.unary()
        self.depth -= 1
        return self._grown(_power(base, exponent), start)

    def _euler(self) -> Const | None:
        """Euler's number: `e` below an exponent, unless it is a name or an index already."""
        token, after = self.token, self.after
        if token.text != "e" or token.kind != "name" or not (after.kind == "raised" or after.text == "^"):
            return None
        if not self.scope.take_euler(token):
            return None
        self.take()
        return Const("e")

    def _raised(self, token: Token) -> Expr:
        if len(token.text) > 4 or token.text.startswith("--"):
            raise self.scope.fail("the exponent is too long; expected at most 3 digits", token)
        return num(int(token.text))

    def primary(self) -> Expr:
        """What binds tightest: numbers, names, calls, brackets."""
        token = self.take()
        if token.kind == "number":
            return self._number(token)
        if token.kind == "operator" and token.text == "(":
            expr = self.comparison()
            self.expect(")", "to close the bracket")
            return expr
        if token.kind != "name":
            raise self.scope.fail(f"expected a number, a name or a bracket, found {token}", token)
        return self._name(token)

    def _number(self, token: Token) -> Expr:
        mantissa, _, exponent = token.text.lower().partition("e")
        if len(mantissa) > MAX_DIGITS or (exponent and (len(exponent) > 5 or abs(int(exponent)) > MAX_EXPONENT)):
            raise self.scope.fail(
                f"the number is too long; expected at most {MAX_DIGITS} digits and exponents up to {MAX_EXPONENT}",
                token,
            )
        return num(Fraction(token.text))

    def _name(self, token: Token) -> Expr:
        name = token.text
        if name in ("pi", "inf"):
            return Const(name)
        if self.next_is("[") and (name in REDUCTIONS or (name in SOFT_WORDS and self._bracket_follows())):
            return self._reduction(token)
        if name in FUNCTIONS or name in EXTREMA:
            return self._call(token)
        if derivative := read_derivative(self, token):
            return derivative
        match name:
            case "size":
                return self._size()
            case "delta":
                return self._delta()
            case "where":
                return self._where()
        if name in COMPOSED and self.next_is("("):
            return self._grown(COMPOSED[name](self._call(token).arguments[0]), token)  # type: ignore[attr-defined]
        if name in CLIPS and self.next_is("("):
            return self._clip(token)
        if name in ALIASES and self.next_is("("):
            return self._call(replace(token, text=ALIASES[name]))
        if name in MATRIX_NAMES and (self.next_is("(") or (self.next_is("[") and self._bracket_follows())):
            return read_matrix_call(self, token)
        if name in REDUCTIONS | SOFT_WORDS and self.next_is("("):
            raise self.scope.fail(f"expected the index that `{name}` runs over, as in {name}[i](…)", token)
        if self.next_is("("):
            if self.scope.is_unknown_function(token):
                return self._call(token)
            raise self.scope.fail(self._no_function(name), token)
        if is_index(name) and self.scope.in_scope(name) and not self.next_is("["):
            self.scope.use_index(token)
            return Position(name)
        return self.quantity(token)

    def _no_function(self, name: str) -> str:
        """What is wrong with a name before a bracket."""
        if name in self.scope.ranks or self.scope.in_scope(name):
            what = "an index" if self.scope.in_scope(name) else "an array" if self.scope.ranks[name] else "a number"
            return f"`{name}` is no function but {what} here; arrays take [ ], and a product needs a *"
        if name in COMPLEX:
            return f"`{name}` is of complex arrays, and all arrays here are real; write z as two arrays, x + i y"
        known = ", ".join(sorted([*FUNCTIONS, *COMPOSED, *CLIPS]))
        base = name.rstrip("'")
        near = find_similar(base, [*FUNCTIONS, *COMPOSED])
        hint = f" (did you mean {near[0]}?)" if near else ""
        return (
            f"`{name}` is no function{hint}; expected one of {known}; arrays take [ ]; an unknown function of your "
            f"own needs a line `function {base}` before it"
        )

    def quantity(self, token: Token) -> Expr:
        """An array with its indices, a scalar, or the size that has the name; `token` is the name."""
        if token.text in self.scope.size_names and not self.next_is("["):
            return Size(self.scope.size_names[token.text])
        return self.element(token)

    def element(self, token: Token) -> Ref:
        """An array with its indices, or a scalar; `token` is the name."""
        if token.kind != "name" or token.text in RESERVED - {"d"}:
            raise self.scope.fail(f"expected the name of an array or a scalar, found {token}", token)
        self.scope.used.setdefault(token.text, token)  # before the index arrays in its subscripts
        indices = self.brackets() if self.next_is("[") else ()
        stepped = any(index.letters and not index.letter for index in indices)
        self.scope.use_name(token, len(indices), stepped)
        return Ref(token.text, indices)

    def brackets(self) -> tuple[Affine, ...]:
        """Read indices in brackets."""
        self.expect("[", "before the indices")
        indices = [self.affine()]
        while self.next_is(","):
            self.take()
            indices.append(self.affine())
        self.expect("]", "or `,` after an index")
        return tuple(indices)

    def affine(self) -> Affine:
        """Index arithmetic: whole multiples of indices, added."""
        negative = self.next_is("-") and bool(self.take())
        total = -self._affine_product() if negative else self._affine_product()
        while self.next_is("+", "-"):
            plus = self.take().text == "+"
            product = self._affine_product()
            total = total + (product if plus else -product)
            if len(total.terms) > MAX_INDEX_TERMS:
                raise self.scope.fail(f"expected at most {MAX_INDEX_TERMS} terms in an index", self.token)
        return total

    def _affine_product(self) -> Affine:
        product = self._affine_factor()
        while self.next_is("*"):
            self.take()
            product = product * self._affine_factor()
            if any(abs(c) >= 10**9 or len(monomial) > MAX_INDEX_TERMS for monomial, c in product.terms):
                raise self.scope.fail("the product in the index is too large", self.token)
        if any(sum(map(is_index, monomial)) > 1 for monomial, _ in product.terms):
            raise self.scope.fail("two indices multiplied; expected whole multiples of indices", self.token)
        return product

    def _affine_factor(self) -> Affine:
        token = self.take()
        if token.kind == "number":
            if not token.text.isdigit() or len(token.text) > 9:
                raise self.scope.fail(f"expected a whole number below 10^9 in an index, found {token}", token)
            return Affine.constant(int(token.text))
        if token.kind != "name" or token.text in RESERVED - {"d"}:
            raise self.scope.fail(f"expected an index, found {token}", token)
        if self.next_is("["):
            return self.lookup(token)
        if token.text in self.scope.size_names:
            raise self.scope.fail(
                f"`{token.text}` is a size by an assumption, which cannot stand in a subscript", token
            )
        if is_index(token.text):
            self.scope.use_index(token)
        else:
            self.scope.use_name(token, 0)
        return Affine.of(token.text)

    def lookup(self, token: Token) -> Affine:
        """The element of an index array whose name was read: `y[s]` in `X[s,y[s]]`."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.scope.fail(f"nested too deeply; expected at most {MAX_DEPTH} levels", token)
        indices = self.brackets()
        self.depth -= 1
        self.scope.use_as_index(token, len(indices))
        return Affine.at(token.text, indices)

    def _arguments(self, name: Token) -> list[Expr]:
        self.expect("(", f"after `{name.text}`")
        arguments = [self.comparison()]
        while self.next_is(","):
            self.take()
            arguments.append(self.comparison())
        self.expect(")", f"to close `{name.text}(`")
        return arguments

    def _deeper(self, token: Token) -> Expr:
        """A primary inside a primary."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.scope.fail(f"nested too deeply; expected at most {MAX_DEPTH} levels", token)
        expr = self.primary()
        self.depth -= 1
        return expr

    def _call(self, token: Token) -> Expr:
        if token.text == "sqrt" and not self.next_is("("):  # √x without brackets
            return self._grown(Call("sqrt", (self._deeper(token),)), token)
        arguments = self._arguments(token)
        if token.text in EXTREMA:
            if len(arguments) < 2:
                raise self.scope.fail(f"expected {token.text}[index](…), or {token.text}(a, b) of two or more", token)
        elif len(arguments) != 1:
            if token.text.rstrip("'") in self.scope.functions:
                raise self.scope.fail(
                    f"`{token.text}` is an unknown function, which takes one argument, found {len(arguments)}; the "
                    "language has no names for the partial derivatives of one with more",
                    token,
                )
            raise self.scope.fail(f"`{token.text}` takes one argument, found {len(arguments)}", token)
        return Call(token.text, tuple(arguments))

    def _clip(self, token: Token) -> Expr:
        arguments = self._arguments(token)
        if len(arguments) != 3:
            raise self.scope.fail(f"expected {token.text}(x, low, high), found {len(arguments)} arguments", token)
        return self._grown(clip(*arguments), token)

    def index_names(self, name: str) -> list[Token]:
        """Read the indices that a reduction binds."""
        self.expect("[", f"after `{name}`")
        tokens = [self.take()]
        while self.next_is(","):
            self.take()
            tokens.append(self.take())
        for token in tokens:
            if token.kind != "name" or not is_index(token.text):
                raise self.scope.fail(f"expected an index (one lower-case letter), found {token}", token)
        self.expect("]", f"after the indices of `{name}`")
        return tokens

    def _bracket_follows(self, at: int | None = None) -> bool:
        """Whether the brackets [ ] that stand here, or at a token, are followed by a bracket (."""
        rest = self.tokens[self.at if at is None else at :]
        closing = next((k for k, token in enumerate(rest) if token.text == "]"), len(rest) - 1)
        return rest[min(closing + 1, len(rest) - 1)].text == "("

    def _reduction(self, token: Token) -> Expr:
        word = token.text
        if word in REFUSED:
            raise self.scope.fail(f"`{word}` is {REFUSED[word]}", token)
        keeps = word in SHORTHANDS and SHORTHANDS[word].keeps
        letters = self._range_letters(token, keeps)
        with self.scope.bind([] if keeps else letters):
            over = Range(tuple(letter.text for letter in letters), self._range_conditions(word))
            self.expect("(", f"before what `{word}` runs over")
            body = self.comparison()
        self.expect(")", f"to close `{word}[…](`")
        if word not in SHORTHANDS:
            return reduce_over(word, over, body)
        if word == "sort" and (len(letters) > 1 or over.conditions):
            raise self.scope.fail("`sort` takes one index and no range, as in sort[i](X[i])", letters[0])
        if missing := [letter for letter in letters if letter.text not in body.free]:
            raise self.scope.fail(f"`{missing[0].text}` does not stand in what `{word}` runs over", missing[0])
        opened, named = open_shorthand(word, over, body, (*self.scope.left, *self.scope.bound))
        self.opened += named
        return self._grown(opened, token)

    def _range_letters(self, word: Token, keeps: bool) -> list[Token]:
        """The indices that a range binds, in the order in which they are met; the parser stays where it is.

        Between commas an index alone is bound; in a condition, those that mean nothing yet (or, where the reduction
        keeps its index, the first one).
        """
        items: list[list[Token]] = [[]]
        depth = 0
        for token in self.tokens[self.at + 1 :]:
            depth += (token.text == "[") - (token.text == "]")
            if depth < 0 or token.kind in ("end", "newline"):
                break
            if token.text == "[":  # the name before it is that of an index array
                del items[-1][-1:]
            elif token.text == "," and not depth:
                items.append([])
            elif not depth and token.text != "]":
                items[-1].append(token)
        letters: list[Token] = []
        for item in items:
            names = [token for token in item if token.kind == "name" and is_index(token.text)]
            if len(item) == 1:
                new = item
            elif keeps:
                new = names[:1]
            else:
                new = [token for token in names if not self.scope.in_scope(token.text)]
            known = {letter.text for letter in letters} if len(item) > 1 else set()
            letters += {token.text: token for token in new if token.text not in known}.values()
        self._check_range_letters(word, letters, keeps)
        return letters

    def _check_range_letters(self, word: Token, letters: list[Token], keeps: bool) -> None:
        for token in letters:
            if token.kind != "name" or not is_index(token.text):
                raise self.scope.fail(f"expected an index (one lower-case letter), found {token}", token)
            if keeps and not self.scope.in_scope(token.text):
                raise self.scope.fail(
                    f"`{word.text}[{token.text}](…)` is an element at `{token.text}`, not a sum over it; expected "
                    f"`{token.text}` on the left side or bound by a sum around it",
                    token,
                )
        if not letters:
            problem = f"`{word.text}` has no index of its own here: those in its brackets mean something already"
            raise self.scope.fail(f"{problem}; choose another letter", self.tokens[self.at + 1])

    def _range_conditions(self, word: str) -> tuple[Compare, ...]:
        """Read the brackets of a reduction; the indices that they bind are known."""
        self.expect("[", f"after `{word}`")
        conditions: list[Compare] = []
        while True:
            start, left = self.token, self.affine()
            if not left.letter and not self.next_is(*RELATIONS):
                raise self.scope.fail("expected an index (one lower-case letter), or a range such as j<=i", start)
            while self.next_is(*RELATIONS):
                relation = self.take().text
                right = self.affine()
                conditions.append(Compare(relation, position(left), position(right)))
                left = right
            if not self.next_is(","):
                break
            self.take()
        if self.next_is("="):
            raise self.scope.fail("expected a range such as j<=i or 0<=j<=i (with == for equal)", self.token)
        self.expect("]", f"after the indices of `{word}`")
        return tuple(conditions)

    def _size(self) -> Expr:
        letters = self.index_names("size")
        if len(letters) != 1:
            raise self.scope.fail("`size` takes one index; multiply sizes for more", letters[1])
        return Size(letters[0].text)

    def _delta(self) -> Expr:
        at = self.token
        indices = self.brackets()
        if len(indices) != 2:
            raise self.scope.fail(f"`delta` takes two indices, found {len(indices)}", at)
        return Delta(*indices)

    def _where(self) -> Expr:
        at = self.tokens[self.at - 1]
        arguments = self._arguments(at)
        if len(arguments) != 3:
            raise self.scope.fail(f"`where` takes a condition and two values, found {len(arguments)} arguments", at)
        return Where(*arguments)


def _power(base: Expr, exponent: Expr) -> Expr:
    return Call("exp", (exponent,)) if base == Const("e") else Pow(base, exponent)
