"""PyTorch source, made call by call of the NumPy source of the same functions; none where one has no counterpart."""

from __future__ import annotations

import ast
import inspect
import re
from functools import cache

from chainrule.derive.codegen import torch_runtime

CALLS = {  # of NumPy, and of PyTorch with the same arguments
    **{f"np.{name}": f"torch.{name}" for name in (
        "abs", "arange", "broadcast_to", "cos", "cosh", "einsum", "exp", "exp2", "expm1", "floor", "full",
        "linalg.cholesky", "linalg.inv", "log", "log10", "log1p", "log2", "sign", "sin", "sinh", "sqrt", "tan", "tanh",
        "tensordot", "where",
    )},
    "np.arccos": "torch.acos", "np.arccosh": "torch.acosh", "np.arcsin": "torch.asin", "np.arcsinh": "torch.asinh",
    "np.arctan": "torch.atan", "np.arctan2": "torch.atan2", "np.arctanh": "torch.atanh", "np.cumprod": "torch.cumprod",
    "erf": "torch.special.erf", "erfc": "torch.special.erfc", "lgamma": "torch.lgamma", "digamma": "torch.digamma",
}  # fmt: skip
NUMBERS = {"np.pi": "math.pi", "np.inf": "math.inf", "np.nan": "math.nan"}
METHODS = {
    "astype": "to", "copy": "clone", "max": "amax", "min": "amin", "transpose": "permute",
    **{name: name for name in ("mean", "prod", "ravel", "reshape", "sum")},
}  # fmt: skip
MAKERS = ("np.arange", "np.einsum", "np.full")  # whose first argument is no array
NUMBER = re.compile(r"^    (\w+): a number$", re.MULTILINE)  # in the docstring of a forward
ATTRIBUTES = ("T", "dtype", "ndim", "shape")
REPLACED = {"erf", "erfc", "lgamma", "digamma"}  # helpers that PyTorch has itself


class NoCounterpart(Exception):
    """Something of NumPy's that is not written in PyTorch here."""


def write_pytorch(numpy: str) -> str:
    """The functions of a NumPy source in PyTorch; "" where something in it has no counterpart."""
    tree = ast.parse(numpy)
    try:
        translator = _Translator(set(NUMBER.findall(numpy)))
        functions = [_translate(each, translator) for each in tree.body if isinstance(each, ast.FunctionDef)]
    except NoCounterpart:
        return ""
    text = "\n\n\n".join(filter(None, functions))
    helpers = _list_helpers(text)
    whole = "\n\n\n".join([*helpers, text])
    return ("import math\n\n" if "math." in whole else "") + f"import torch\n\n\n{whole}\n"


def _translate(function: ast.FunctionDef, translator: _Translator) -> str:
    if function.name in REPLACED or hasattr(torch_runtime, function.name):
        return ""
    return ast.unparse(ast.fix_missing_locations(translator.visit(function)))


def _list_helpers(text: str) -> list[str]:
    """The helpers that a text calls, and those that they call."""
    sources = _read_helpers()
    needed: list[str] = []
    waiting = [name for name in sources if f"{name}(" in text]
    while waiting:
        name = waiting.pop()
        if name not in needed:
            needed.append(name)
            waiting += [other for other in sources if other != name and f"{other}(" in sources[name]]
    return [source for name, source in sources.items() if name in needed]


@cache
def _read_helpers() -> dict[str, str]:
    """The source of each helper, by name."""
    functions = {name: each for name, each in vars(torch_runtime).items() if inspect.isfunction(each)}
    return {
        name: inspect.getsource(each).replace(": Any", "").replace(" -> Any", "").strip()
        for name, each in functions.items()
    }


class _Translator(ast.NodeTransformer):
    """Writes each call, method and number of NumPy as PyTorch has it; `numbers` are the inputs that are no arrays."""

    def __init__(self, numbers: set[str]) -> None:
        self.numbers = numbers

    def _is_number(self, node: ast.expr) -> bool:
        return {each.id for each in ast.walk(node) if isinstance(each, ast.Name)} <= self.numbers

    def visit_Call(self, node: ast.Call) -> ast.AST:  # long because there is one case for each kind of call
        name = _dotted(node.func)
        if name == "np.result_type":  # of the arrays, all of which have one type
            return self.visit(next(each for each in node.args if ast.unparse(each).endswith(".dtype")))
        arguments = [self.visit(each) for each in node.args]
        keywords = [
            ast.keyword("dim" if each.arg == "axis" else each.arg, self.visit(each.value)) for each in node.keywords
        ]
        if name in CALLS:
            if node.args and self._is_number(node.args[0]) and name not in (*MAKERS, "np.where"):
                kind = [ast.keyword("dtype", _name("torch.float64"))]
                arguments[0] = ast.Call(_name("torch.as_tensor"), arguments[:1], kind)
            elif name == "np.where" and not any(isinstance(each, ast.Subscript) for each in ast.walk(node.args[0])):
                arguments[0] = ast.Call(_name("torch.as_tensor"), arguments[:1], [])  # of steps, it is no array
            return ast.Call(_name(CALLS[name]), arguments, keywords)
        if name in ("np.zeros", "np.ones", "np.empty"):
            kind = [ast.keyword("dtype", each) for each in arguments[1:]]
            return ast.Call(_name(name.replace("np.", "torch.")), arguments[:1], [*kind, *keywords])
        if name in ("np.maximum", "np.minimum"):
            pair: list[ast.expr] = [ast.Call(_name("torch.as_tensor"), [each], []) for each in arguments]
            return ast.Call(_name(name.replace("np.", "torch.")), pair, [])
        if name == "np.logaddexp":
            return ast.Call(_name("torch.logaddexp"), [_name("torch.tensor(0.0)"), *arguments[1:]], [])
        if isinstance(node.func, ast.Attribute) and not name.startswith(("np.", "math.")):
            if node.func.attr not in METHODS:
                raise NoCounterpart(node.func.attr)
            target = ast.Attribute(self.visit(node.func.value), METHODS[node.func.attr], ast.Load())
            return ast.Call(target, arguments, keywords)
        if name.startswith("np."):
            raise NoCounterpart(name)
        return ast.Call(self.visit(node.func), arguments, keywords)

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        name = _dotted(node)
        if name in NUMBERS:
            return _name(NUMBERS[name])
        if name.startswith("np.") or (not name.startswith("math.") and node.attr not in ATTRIBUTES):
            raise NoCounterpart(ast.unparse(node))
        if node.attr == "T" and any(map(_adds_axes, ast.walk(node.value))):  # not of a matrix, as PyTorch wants it
            return ast.Call(_name("transposed"), [self.visit(node.value)], [])
        return self.generic_visit(node)


def _adds_axes(node: ast.AST) -> bool:
    return isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Tuple) and len(node.slice.elts) > 2


def _dotted(node: ast.expr) -> str:
    """The name that a node is, such as np.linalg.inv; "" of any other expression."""
    if isinstance(node, ast.Attribute):
        owner = _dotted(node.value)
        return owner and f"{owner}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def _name(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body
