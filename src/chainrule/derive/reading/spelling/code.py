r"""Backward passes as lines of NumPy, `dW = X.T @ dY`, spelled in LaTeX line for line; nothing of them is run."""

import ast
import re
import warnings
from collections.abc import Iterator

from chainrule.derive.reading.spelling.formulas import Formula

_CLAIM = re.compile(r"^[ \t]*d(?P<of>[A-Za-z]\w*)[ \t]*=[ \t]*(?P<value>[^=\n].*)$", re.MULTILINE)
_MARKS = re.compile(r"@|\.T\b|\b(?:np|numpy|jnp|torch)\.|\beinsum\(|\.sum\(")
_PROGRAM = re.compile(r"^[ \t]*(?:forward\b|gradient\s+d\w)", re.MULTILINE | re.IGNORECASE)
_LIBRARIES = ("np", "numpy", "jnp", "torch", "F")
_HEADING = re.compile(r"#{1,6}[ \t]+(\w.*)")
_OPERATIONS = {ast.Add: "+", ast.Sub: "-"}
_RELATIONS = {ast.Gt: ">", ast.GtE: r"\geq", ast.Lt: "<", ast.LtE: r"\leq"}
_EXTREMA = {"maximum": "max", "minimum": "min"}
_SUMS = {0: "colsum", 1: "rowsum", -1: "rowsum"}


def has_code_claims(text: str) -> bool:
    """Whether lines of NumPy say what gradients are, of arrays that other lines name."""
    found = [match for match in _CLAIM.finditer(text) if _MARKS.search(text)]
    names = set(re.findall(r"[A-Za-z]\w*", text))
    return not _PROGRAM.search(text) and "\\" not in text and any(match["of"] in names for match in found)


def read_code(text: str) -> list[Formula]:
    """The lines that give a name a value, each as a formula."""
    names = set(re.findall(r"[A-Za-z]\w*", text))
    formulas: list[Formula] = []
    heading = ""
    for number, row in enumerate(text.split("\n"), 1):
        if found := _HEADING.match(row):
            heading = found[1]
        for left, value in _assigned(row):
            writer = _Writer(names)
            try:
                latex = writer.write(value)
            except (ValueError, RecursionError):  # it is more than an expression of arrays
                latex = rf"\text{{{row.strip()}}}"
            formulas.append(Formula(f"{writer.name(left, writer.letters)} = {latex}", number, heading))
    return formulas


def _assigned(row: str) -> Iterator[tuple[str, ast.expr]]:
    try:
        with warnings.catch_warnings(action="ignore"):  # of numbers that run into words
            body = ast.parse(row.strip()).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    match body:
        case [ast.Assign(targets=[ast.Name(id=left)], value=value)]:
            yield left, value


class _Writer:
    """Writes an expression; `letters` are those of the result where einsum gives them."""

    def __init__(self, names: set[str]) -> None:
        self.names, self.letters = names, ""

    def name(self, name: str, letters: str = "") -> str:
        """A name, as a gradient where it is that of an array."""
        if name[0] == "d" and len(name) > 1 and name[1:] in self.names:
            return rf"\frac{{\partial L}}{{\partial {self.name(name[1:], letters)}}}"
        word, number = re.fullmatch(r"(\w*?)_?(\d*)", name).groups()  # type: ignore[union-attr]
        plain = word if len(word) == 1 else rf"\mathrm{{{word.replace('_', '')}}}"
        below = number + letters
        return f"{plain}_{{{below}}}" if below else plain

    def write(self, node: ast.expr) -> str:
        """The expression in LaTeX. Raises ValueError for what has no such form."""
        match node:
            case ast.Name(id=name):
                return self.name(name)
            case ast.Constant(value=int() | float() as value):
                return f"{value}"
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return f"-{self.bracketed(operand)}"
            case ast.Attribute(value=value, attr="T"):
                return rf"{self.bracketed(value)}^\top"
            case ast.BinOp(left=left, op=operation, right=right):
                return self._operation(left, operation, right)
            case ast.Compare(left=left, ops=[relation], comparators=[right]) if type(relation) in _RELATIONS:
                return rf"\mathbf{{1}}[{self.write(left)} {_RELATIONS[type(relation)]} {self.write(right)}]"
            case ast.Call():
                return self._call(node)
        raise ValueError(ast.dump(node))

    def bracketed(self, node: ast.expr) -> str:
        """The expression, in brackets where it is more than a name or a number."""
        text = self.write(node)
        return text if isinstance(node, ast.Name | ast.Constant) else f"({text})"

    def _operation(self, left: ast.expr, operation: ast.operator, right: ast.expr) -> str:
        match operation:
            case ast.Add() | ast.Sub():
                return f"{self.write(left)} {_OPERATIONS[type(operation)]} {self.bracketed(right)}"
            case ast.MatMult():
                return f"{self.bracketed(left)} {self.bracketed(right)}"
            case ast.Mult() if isinstance(left, ast.Constant) or isinstance(right, ast.Constant):
                return f"{self.bracketed(left)} {self.bracketed(right)}"
            case ast.Mult():
                return rf"{self.bracketed(left)} \odot {self.bracketed(right)}"
            case ast.Div():
                return rf"\frac{{{self.write(left)}}}{{{self.write(right)}}}"
            case ast.Pow() if isinstance(right, ast.Constant) and isinstance(right.value, int):
                return rf"{self.bracketed(left)}^{{\circ {right.value}}}"
        raise ValueError(ast.dump(operation))

    def _call(self, node: ast.Call) -> str:
        axes = [k.value for k in node.keywords if k.arg in ("axis", "dim")]
        match node.func, node.args:
            case ast.Attribute(value=ast.Name(id=library), attr=function), arguments if library in _LIBRARIES:
                pass
            case ast.Attribute(value=of, attr=function), arguments:
                arguments = [of, *arguments]
            case ast.Name(id=function), arguments:
                pass
            case _:
                raise ValueError(ast.dump(node))
        if (
            function == "einsum"
            and arguments
            and isinstance(arguments[0], ast.Constant)
            and isinstance(arguments[0].value, str)
        ):
            return self._einsum(arguments[0].value, arguments[1:])
        axis = ast.literal_eval(axes[0]) if len(axes) == 1 else None
        if function == "sum" and isinstance(axis, int) and axis in _SUMS and len(arguments) == 1:
            return rf"\mathrm{{{_SUMS[axis]}}}({self.write(arguments[0])})"
        if function in _EXTREMA and len(arguments) == 2:
            return rf"\{_EXTREMA[function]}({', '.join(map(self.write, arguments))})"
        if function in ("dot", "matmul", "mm") and len(arguments) == 2:
            return " ".join(map(self.bracketed, arguments))
        if function in ("transpose", "t") and len(arguments) == 1:
            return rf"{self.bracketed(arguments[0])}^\top"
        if node.keywords or len(arguments) != 1 or function in ("sum", "mean", "max", "min"):
            raise ValueError(function)
        return rf"\operatorname{{{function}}}({self.write(arguments[0])})"

    def _einsum(self, subscripts: str, arrays: list[ast.expr]) -> str:
        inside, _, self.letters = subscripts.replace(" ", "").partition("->")
        each = inside.split(",")
        if len(each) != len(arrays) or not re.fullmatch(r"[a-z,]+", inside):
            raise ValueError(subscripts)
        over = "".join(dict.fromkeys(letter for letter in inside if letter not in self.letters + ","))
        factors = [self.name(a.id, below) for a, below in zip(arrays, each, strict=True) if isinstance(a, ast.Name)]
        if len(factors) != len(arrays):
            raise ValueError(subscripts)
        return rf"\sum_{{{over}}} " * bool(over) + " ".join(factors)
