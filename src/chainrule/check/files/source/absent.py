"""Stand-ins for what a file needs and does not have: a package that is not installed, unread data, a GPU.

While a file is loaded, one may be called, decorate, or be a class to inherit from; whatever uses it afterwards is told
what is not there.
"""

from __future__ import annotations

import ast
import importlib.abc
import importlib.machinery
import inspect
import re
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import Any, NoReturn

from chainrule.check.model.failure import ForbiddenError

loading = [False]  # whether a file is being loaded
DTYPE = re.compile(r"\b(float16|half|bfloat16|float32)\b")
REFINED = "_refined_"  # what a tensor becomes that a file asks to be in float32
SAID = "line {} ({}) was not held to: all is computed on the CPU, in float64"


class AbsentError(ForbiddenError):
    """Something that is not there was used."""


class Absent:
    """Stands for `name`, and says why it is not there to whatever uses it."""

    def __init__(self, name: str, reason: str) -> None:
        self.__dict__.update(_name=name, _reason=reason)

    def __getattr__(self, key: str) -> Any:
        if key.startswith("__"):
            raise AttributeError(key)
        return Absent(f"{self._name}.{key}", self._reason) if loading[0] else self._refuse()

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        """Leave what is decorated as it is, while the file is loaded."""
        if not loading[0]:
            self._refuse()
        alone = (
            len(arguments) == 1 and not named and (inspect.isclass(arguments[0]) or inspect.isfunction(arguments[0]))
        )
        return arguments[0] if alone else Absent(f"{self._name}()", self._reason)  # it decorates

    def __repr__(self) -> str:
        return f"<{self._name}, which is not there>"

    def __mro_entries__(self, bases: tuple[Any, ...]) -> tuple[Any, ...]:
        """Let a class that inherits from what is not there be one without it."""
        return ()

    def _refuse(self, *arguments: Any) -> NoReturn:
        raise AbsentError(f"it uses {self._name}, which is not there: {self._reason}")

    def __getitem__(self, key: Any) -> Any:
        """Return another stand-in while the file is loaded: `Float[Tensor, "n d"]` annotates."""
        return Absent(f"{self._name}[{key!r}]", self._reason) if loading[0] else self._refuse()

    def __or__(self, other: Any) -> Any:
        """Let what annotates be one of two kinds."""
        return self if loading[0] else self._refuse()

    __ror__ = __or__
    __iter__ = __len__ = __array__ = __bool__ = __float__ = __index__ = __enter__ = _refuse
    __add__ = __sub__ = __mul__ = __truediv__ = __pow__ = __matmul__ = __lt__ = __gt__ = __neg__ = _refuse
    __radd__ = __rsub__ = __rmul__ = __rtruediv__ = __rpow__ = __rmatmul__ = __le__ = __ge__ = _refuse
    __setitem__ = _refuse


class AbsentModule(ModuleType):
    """Stands for a module that is not installed."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(name)
        self.__path__: list[str] = []
        self._reason = reason

    def __getattr__(self, key: str) -> Any:
        """Return a stand-in for whatever the module would hold."""
        if key.startswith("__"):
            raise AttributeError(key)
        return Absent(f"{self.__name__}.{key}", self._reason)


class AbsentModules(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds stand-ins for the modules in `reasons`, and for what is within them; asked after all others."""

    def __init__(self) -> None:
        self.reasons: dict[str, str] = {}

    def find_spec(self, name: str, path: Sequence[str] | None, target: Any = None) -> Any:
        """Return how a module that is known not to be there is made."""
        known = any(name == root or name.startswith(f"{root}.") for root in self.reasons)
        return importlib.machinery.ModuleSpec(name, self, is_package=True) if known else None

    def create_module(self, spec: Any) -> ModuleType:
        """Return the stand-in."""
        reason = next(r for root, r in self.reasons.items() if spec.name == root or spec.name.startswith(f"{root}."))
        return AbsentModule(spec.name, reason)

    def exec_module(self, module: ModuleType) -> None:
        """There is nothing to run."""

    def add(self, name: str, reason: str) -> bool:
        """Let a module be a stand-in from now on; tell whether it was none before."""
        if name in self.reasons:
            return False
        if not self.reasons:
            sys.meta_path.append(self)
        self.reasons[name] = reason
        return True

    def remove(self) -> None:
        """Let nobody else find the stand-ins: a library may ask whether a module is there."""
        if self in sys.meta_path:
            sys.meta_path.remove(self)
        for name, module in list(sys.modules.items()):
            if isinstance(module, AbsentModule):
                del sys.modules[name]


class OnCpu(ast.NodeTransformer):
    """Answers `x.is_cuda`, takes `.cuda()` and "cuda" for the CPU, and asks for no precision.

    `notes` says, for the first of the assertions that this concerns, which it is.
    """

    def __init__(self) -> None:
        self.notes: list[str] = []

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        """`x.is_cuda` is true."""
        self.generic_visit(node)
        wanted = node.attr == "is_cuda" and isinstance(node.ctx, ast.Load)
        return ast.copy_location(ast.Constant(True), node) if wanted else node

    def visit_Call(self, node: ast.Call) -> ast.expr:
        """`x.cuda()` is x; `x.float()` and `x.to(torch.float32)` keep what is finer."""
        self.generic_visit(node)
        if not isinstance(node.func, ast.Attribute):
            return node
        if node.func.attr == "cuda":
            return node.func.value
        given = [ast.unparse(each) for each in (*node.args, *(keyword.value for keyword in node.keywords))]
        if (node.func.attr, given) not in (("float", []), ("to", ["torch.float32"]), ("to", ["torch.float"])):
            return node
        return ast.copy_location(ast.Call(ast.Name(REFINED, ast.Load()), [node.func.value], []), node)

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        """The device "cuda" is the CPU."""
        is_device = isinstance(node.value, str) and re.fullmatch(r"cuda(:\d+)?", node.value)
        return ast.copy_location(ast.Constant("cpu"), node) if is_device else node

    def visit_Assert(self, node: ast.Assert) -> ast.stmt:
        """An assertion of a precision is left out."""
        return self._leave_out(node, ast.unparse(node.test), f"assert {ast.unparse(node.test)}")

    def visit_If(self, node: ast.If) -> ast.stmt:
        """So is a refusal of any other."""
        test = ast.unparse(node.test)
        if [type(each) for each in node.body] == [ast.Raise] and not node.orelse:
            return self._leave_out(node, test, f"if {test}: raise")
        self.generic_visit(node)
        return node

    def _leave_out(self, node: ast.stmt, test: str, said: str) -> ast.stmt:
        if "cuda" in test or DTYPE.search(test):
            self.notes = self.notes or [SAID.format(node.lineno, said[:80])]
        self.generic_visit(node)
        return ast.copy_location(ast.Pass(), node) if DTYPE.search(test) else node


def place_on_cpu(node: ast.stmt) -> tuple[ast.stmt, list[str]]:
    """Return a statement as it runs without a GPU, and what is to be told of that."""
    text = ast.unparse(node)
    if not re.search("cuda|half|float", text):
        return node, []
    placed = OnCpu()
    changed = ast.fix_missing_locations(placed.visit(node))
    return changed, placed.notes


def refine(tensor: Any) -> Any:
    """Return a tensor in float32, or in float64 where it is in that already; of anything else, its own `float()`."""
    torch = sys.modules.get("torch")
    if torch is None or not isinstance(tensor, torch.Tensor):
        return tensor.float()
    return tensor.to(torch.promote_types(tensor.dtype, torch.float32))
