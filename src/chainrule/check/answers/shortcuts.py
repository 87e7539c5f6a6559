"""Where a backward has its gradients from, as far as its text tells: not from a formula of its own.

A backward may difference its forward, ask a library's autograd, or look at what its callers hold. The numbers may be
right all the same, so each is a note, and no verdict.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TypeGuard

from chainrule.check.model.directions import find_back_words, find_forward_name

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
LOOPS = (ast.For, ast.While, ast.ListComp, ast.GeneratorExp, ast.SetComp, ast.DictComp)
FORWARDS = {"forward", "__call__"}
LIBRARIES = {
    "torch.autograd.grad", "autograd.grad", "torch.enable_grad", "torch.func.grad", "torch.func.vjp",
    "torch.func.jacrev", "torch.autograd.functional.vjp", "torch.autograd.functional.jacobian",
    "torch.autograd.backward", "jax.grad", "jax.vjp", "jax.jvp", "jax.jacobian", "jax.jacrev",
    "jax.jacfwd", "jax.value_and_grad", "jax.linearize", "tf.GradientTape",
}  # fmt: skip
LOOKING = {
    "sys._getframe", "sys._current_frames", "inspect.stack", "inspect.currentframe", "inspect.getouterframes",
    "inspect.trace", "gc.get_objects", "gc.get_referrers", "sys.settrace", "sys.setprofile", "threading.settrace",
}  # fmt: skip
DIFFERENCES = "{} calls its forward {} (line {}): its gradients are differences, and not a backward's own"
BY_LIBRARY = "{} asks {} (line {}): its gradients are a library's, and not a backward's own"
LOOKS = "the file looks at what its callers hold ({}, line {}), where a checker keeps the truth"
CHANGES = "the file reaches into the checker ({}, line {}); what counts is judged in a process that it cannot reach"


def note_shortcuts(text: str, name: str) -> Iterator[str]:
    """Yield a sentence for each way by which `name`, of a file, comes to gradients without a formula of its own."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return
    names = _list_imported(tree)
    yield from _note_looks(tree, names)
    own = {node.name: node for node in ast.walk(tree) if isinstance(node, (*FUNCTIONS[:2], ast.ClassDef))}
    backward, forwards = _find_backward(own, name)
    if backward is None:
        return
    reached = list(_reach(backward, own, forwards))
    for node in reached:
        for each in ast.walk(node):
            called = _say_call(each, names)
            if called in LIBRARIES or (called and "torch" in names.values() and _wants_gradient(each)):
                yield BY_LIBRARY.format(name, called, each.lineno)  # type: ignore[attr-defined]
                return
    yield from _note_differences(name, reached, forwards)


def _note_differences(name: str, reached: list[ast.AST], forwards: set[str]) -> Iterator[str]:
    for node in reached:
        handed = {a.arg for a in node.args.args} if isinstance(node, FUNCTIONS) and node is not reached[0] else set()
        loops = [inner for loop in ast.walk(node) if isinstance(loop, LOOPS) for inner in ast.walk(loop)]
        for each in loops:
            if isinstance(each, ast.Call) and (_is_forward(each, forwards) or _is_handed(each, handed)):
                yield DIFFERENCES.format(name, "in a loop", each.lineno)
                return
    calls = [each for node in reached for each in ast.walk(node) if isinstance(each, ast.Call)]
    calls = [each for each in calls if _is_forward(each, forwards)]
    for each in calls:
        if any(isinstance(part, ast.Constant) and isinstance(part.value, complex) for part in ast.walk(each)):
            yield DIFFERENCES.format(name, "at complex numbers", each.lineno)
            return
    stored = {each.id for node in reached for each in ast.walk(node) if _is_stored(each)}
    # sigmoid(z) * (1 - sigmoid(z)) has one value twice, unless z is another one in between
    values = {ast.unparse(each) if _names(each).isdisjoint(stored) else str(id(each)): each for each in calls}
    counts = Counter(_name(each.func) for each in values.values())
    if calls and (count := max(counts.values())) > 1:
        yield DIFFERENCES.format(name, f"{count} times", calls[0].lineno)


def _is_stored(node: ast.AST) -> TypeGuard[ast.Name]:
    return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)


def _names(call: ast.Call) -> set[str]:
    """Return the names in what a call is handed."""
    return {part.id for each in call.args for part in ast.walk(each) if isinstance(part, ast.Name)}


def _note_looks(tree: ast.Module, names: dict[str, str]) -> Iterator[str]:
    for node in ast.walk(tree):
        if (called := _say_call(node, names)) in LOOKING:
            yield LOOKS.format(called, node.lineno)  # type: ignore[attr-defined]
            break
    for node in ast.walk(tree):
        modules = [a.name for a in node.names] if isinstance(node, ast.Import) else []
        modules += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        inner = next((each for each in modules if each.startswith("chainrule.check.")), "")
        if inner:
            yield CHANGES.format(inner, node.lineno)  # type: ignore[attr-defined]
            break


def _list_imported(tree: ast.Module) -> dict[str, str]:
    """Return what names stand for that are imported: `np` for numpy, `grad` for torch.autograd.grad."""
    found: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for a in node.names:
                first = a.name.partition(".")[0]
                found[a.asname or first] = a.name if a.asname else first
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {a.asname or a.name: f"{node.module}.{a.name}" for a in node.names}
    return found


def _find_backward(own: Mapping[str, ast.AST], name: str) -> tuple[ast.AST | None, set[str]]:
    """Return the backward of a target of this name, and how its forward is called."""
    node = own.get(name)
    if isinstance(node, ast.ClassDef):
        methods = {each.name: each for each in node.body if isinstance(each, FUNCTIONS[:2])}
        backs = [each for each in methods if find_back_words(each)]
        return (methods[backs[0]] if backs else None), {*FORWARDS, *(each for each in methods if "forward" in each)}
    return node, {find_forward_name(name, own) or "forward"}


def _reach(backward: ast.AST, own: Mapping[str, ast.AST], forwards: set[str]) -> Iterator[ast.AST]:
    """Yield a backward and the functions of the file that it calls, but for its forward."""
    waiting, seen = [backward], set[str]()
    while waiting:
        node = waiting.pop()
        yield node
        for each in ast.walk(node):
            called = _name(each.func) if isinstance(each, ast.Call) else ""
            if called in own and called not in seen | forwards and isinstance(own[called], FUNCTIONS):
                seen.add(called)
                waiting.append(own[called])


def _is_forward(call: ast.Call, forwards: set[str]) -> bool:
    """Whether a call is one of the forward of the same thing: `forward(…)`, `self.forward(…)`, `self(…)`."""
    function = call.func
    if isinstance(function, ast.Attribute):
        return function.attr in forwards and isinstance(function.value, ast.Name) and function.value.id == "self"
    return isinstance(function, ast.Name) and (function.id in forwards - FORWARDS or function.id in ("self", "forward"))


def _is_handed(call: ast.Call, names: set[str]) -> bool:
    return isinstance(call.func, ast.Name) and call.func.id in names


def _wants_gradient(call: ast.AST) -> bool:
    """Whether a call asks for a tensor's gradients: `torch.tensor(x, requires_grad=True)`, `t.requires_grad_()`."""
    assert isinstance(call, ast.Call)
    told = any(each.arg == "requires_grad" and ast.unparse(each.value) == "True" for each in call.keywords)
    return told or _name(call.func) == "requires_grad_"


def _name(node: ast.AST) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _say_call(node: ast.AST, names: dict[str, str]) -> str:
    """Return what is called by its full name, `torch.autograd.grad`; "" for what is no call."""
    if not isinstance(node, ast.Call):
        return ""
    parts, inner = [], node.func
    while isinstance(inner, ast.Attribute):
        parts.append(inner.attr)
        inner = inner.value
    first = names.get(inner.id, inner.id) if isinstance(inner, ast.Name) else ""
    return ".".join([first, *reversed(parts)])
