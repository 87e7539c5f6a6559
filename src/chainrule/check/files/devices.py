"""A file that asks for a GPU, run without one: its arrays are on the CPU, and it is told what it wants to hear."""

from __future__ import annotations

import ast
import re

DTYPE = re.compile(r"\b(float16|half|bfloat16|float32)\b")
SAID = "line {} ({}) was not held to: all is computed on the CPU, in float64"


class OnCpu(ast.NodeTransformer):
    """Answers `x.is_cuda`, takes `.cuda()` and "cuda" for the CPU, and leaves out that numbers must be of less precision.

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
        """`x.cuda()` is x."""
        self.generic_visit(node)
        return node.func.value if isinstance(node.func, ast.Attribute) and node.func.attr == "cuda" else node

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
    if "cuda" not in text and not DTYPE.search(text):
        return node, []
    placed = OnCpu()
    changed = ast.fix_missing_locations(placed.visit(node))
    return changed, placed.notes
