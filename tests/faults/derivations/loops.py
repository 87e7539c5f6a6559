"""An evaluator of lines of its own: plain loops over complex numbers, derivatives by complex steps."""

import cmath
import itertools
import math

import numpy as np

from chainrule.derive.language import expressions as n
from chainrule.derive.language.subscripts import is_index

STEP = 1e-30


class ShapeError(Exception):
    """A line whose indices do not fit the arrays."""


def _erf(x):
    return math.erf(x.real) + 1j * x.imag * 2 / math.sqrt(math.pi) * math.exp(-(x.real**2))


def _positive(x):
    return complex(x).real > 0


FUNCTIONS = {
    "exp": cmath.exp, "log": cmath.log, "sqrt": cmath.sqrt, "tanh": cmath.tanh, "sin": cmath.sin, "cos": cmath.cos,
    "sinh": cmath.sinh, "cosh": cmath.cosh, "erf": _erf, "sigmoid": lambda x: 1 / (1 + cmath.exp(-x)),
    "abs": lambda x: x if _positive(x) else -x, "relu": lambda x: x if _positive(x) else 0 * x,
    "sign": lambda x: complex(np.sign(complex(x).real)), "log1p": lambda x: cmath.log(1 + x),
}  # fmt: skip
RELATIONS = {
    "<": lambda a, b: a < b, "<=": lambda a, b: a <= b, ">": lambda a, b: a > b, ">=": lambda a, b: a >= b,
    "==": lambda a, b: a == b, "!=": lambda a, b: a != b,
}  # fmt: skip


class World:
    """A point: sizes by axis letter of the forward program, inputs, and cotangent; everything else follows.

    `shorthands` are the names that the person gave, with the dimension of each letter in them.
    """

    def __init__(self, program, sizes, inputs, cotangent, shorthands, of):
        self.program, self.sizes, self.inputs, self.cotangent = program, sizes, inputs, cotangent
        self.shorthands, self.of = shorthands, of
        self.moved = {}
        self.gradients = {}
        self.arrays = self.forward()

    def forward(self, moved=None, entry=(), step=0):
        """All arrays, with one entry of one of them moved."""
        arrays = {name: np.array(value, dtype=complex) for name, value in self.inputs.items()}

        def move(name):
            if name == moved:
                arrays[name][entry] += step

        for name in arrays:
            move(name)
        for statement in self.program.statements:
            self.arrays = arrays
            of = self.program.dimensions.of
            arrays[statement.target.name] = self.table(statement.value, statement.letters, of)
            move(statement.target.name)
        return arrays

    def table(self, value, letters, of):
        """The values of an expression over the letters of its left side."""
        extents = [self.sizes[of[a]] for a in letters]
        result = np.empty(extents, dtype=complex)
        for place in itertools.product(*map(range, extents)):
            result[place] = self.value(value, dict(zip(letters, place, strict=True)), of)
        return result

    def array(self, name):
        if name in self.arrays:
            return self.arrays[name]
        if name == f"d{self.program.output}":
            return self.cotangent
        if name in self.shorthands:
            return self.table(self.shorthands[name].value, self.shorthands[name].letters, self.of)
        if name[1:] not in self.gradients:
            self.gradients[name[1:]] = self.gradient(name[1:])
        return self.gradients[name[1:]]

    def after(self, name, entry):
        """All arrays after a complex step of one entry."""
        if (name, entry) not in self.moved:
            kept = self.arrays
            self.moved[name, entry] = self.forward(name, entry, 1j * STEP)
            self.arrays = kept
        return self.moved[name, entry]

    def gradient(self, name):
        result = np.empty(self.arrays[name].shape, dtype=complex)
        for entry in np.ndindex(result.shape):
            moved = self.after(name, entry)[self.program.output]
            result[entry] = (self.cotangent * moved.imag).sum() / STEP
        return result

    def place(self, affine, at):
        total = 0
        for monomial, coefficient in affine.terms:
            product = coefficient
            for name in monomial:
                if is_index(name) and name not in at:
                    raise ShapeError(name)
                product *= at[name] if is_index(name) else int(self.arrays[name].real)
            total += product
        return total

    def element(self, node, at, of):
        array = self.array(node.name)
        if array.ndim != len(node.indices):
            raise ShapeError(node.name)
        for index, home in zip(node.indices, self.homes(node.name), strict=True):
            if index.letter and of.get(index.letter) != home:
                raise ShapeError(index.letter)
        entry = tuple(self.place(index, at) for index in node.indices)
        inside = all(0 <= k < extent for k, extent in zip(entry, array.shape, strict=True))
        return array[entry] if inside else 0

    def homes(self, name):
        """The dimension of each axis of an array."""
        if name in self.shorthands:
            return [self.of[letter] for letter in self.shorthands[name].letters]
        axes = self.program.axes(name if name in self.program.ranks else name[1:])
        return [self.program.dimensions.of[axis] for axis in axes]

    def value(self, node, at, of):
        go = lambda child: self.value(child, at, of)  # noqa: E731
        match node:
            case n.Num(value):
                return float(value)
            case n.Const(name):
                return math.pi if name == "pi" else math.inf
            case n.Position(letter):
                return at[letter]
            case n.Size(letter):
                return self.sizes[of[letter]]
            case n.Ref():
                return self.element(node, at, of)
            case n.Delta(a, b):
                return float(self.place(a, at) == self.place(b, at))
            case n.Neg(a):
                return -go(a)
            case n.Add(terms):
                return sum(map(go, terms))
            case n.Mul(factors):
                return math.prod(map(go, factors))
            case n.Div(a, b):
                return complex(go(a)) / complex(go(b))  # Python's own: it tells of a division by 0
            case n.Pow(a, b):
                return go(a) ** (int(b.value) if isinstance(b, n.Num) and b.value.denominator == 1 else go(b))
            case n.Call("max" | "min", arguments):
                pick = max if node.function == "max" else min
                return pick(map(go, arguments), key=lambda x: complex(x).real)
            case n.Call(function, (a,)):
                return FUNCTIONS[function](go(a))
            case n.Compare(relation, a, b):
                return float(RELATIONS[relation](complex(go(a)).real, complex(go(b)).real))
            case n.Where(condition, a, b):
                return go(a) if go(condition) else go(b)
            case n.Reduce(operation, letters, body):
                return self.reduction(operation, letters, body, at, of)
            case n.Partial(a, by):
                return self.partial(a, by, at, of)
        raise TypeError(node)

    def reduction(self, operation, letters, body, at, of):
        places = itertools.product(*(range(self.sizes[of[a]]) for a in letters))
        values = [self.value(body, {**at, **dict(zip(letters, p, strict=True))}, of) for p in places]
        match operation:
            case "sum":
                return sum(values)
            case "mean":
                return sum(values) / len(values)
        pick = max if operation == "max" else min
        return pick(values, key=lambda x: complex(x).real)

    def partial(self, of_what, by, at, of):
        self.element(by, at, of)  # its shape is right
        entry = tuple(self.place(index, at) for index in by.indices)
        kept, moved = self.arrays, self.after(by.name, entry)
        self.arrays = moved
        try:
            return complex(self.value(of_what, at, of)).imag / STEP
        finally:
            self.arrays = kept
