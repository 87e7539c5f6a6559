"""A layer of `specimens.py` written in each style that people write backwards in, as the text of a Python file."""

import ast
import inspect
import re
from dataclasses import dataclass, replace
from textwrap import indent

from . import specimens
from .in_torch import translate

TARGETS = ("T",)  # of losses
DRAWN = {"mask": "mask = (np.random.rand(*X.shape) < 0.7) * 1.0"}  # what a class or a course's forward draws itself
OBJECTS = ("dictionaries", "attributes", "kept", "renamed")  # with a store of gradients of their own
STYLES = ("pair", "course", *OBJECTS, "layer", "function", "context", "prefixed")
HELPERS = ("softmax_forward", "sigmoid_forward", "log_softmax_forward")  # that other backwards call


@dataclass(frozen=True)
class Parts:
    """A forward and a backward taken apart: statements, the value returned, and gradients by input name.

    What is `stale` keeps the first input that ever came, and the `accumulated` gradient is added to the one before.
    """

    name: str
    arguments: tuple[str, ...]
    forward: str
    Y: str
    backward: str
    gradients: dict[str, str]
    stale: bool = False
    accumulated: str = ""

    @property
    def is_loss(self):
        return self.arguments[-1] in TARGETS

    @property
    def title(self):
        return "".join(word.capitalize() for word in self.name.split("_"))


def take_apart(name, backward):
    """Return the parts of a specimen with this text of its backward."""
    forward, backward = (ast.parse(text).body[0] for text in (inspect.getsource(_forward(name)), backward))
    *before, value = forward.body
    *back, returned = backward.body
    gradients = {key.value: ast.unparse(E) for key, E in zip(returned.value.keys, returned.value.values, strict=True)}
    arguments = tuple(argument.arg for argument in forward.args.args)
    return Parts(name, arguments, _text(before), ast.unparse(value.value), _text(back), gradients)


def write_pair(parts):
    """f_forward(X, W) -> Y and f_backward(dY, X, W) -> {"X": dX, "W": dW}."""
    returned = ", ".join(f'"{name}": {E}' for name, E in parts.gradients.items())
    return _file(
        *_function(f"{parts.name}_forward", parts.arguments, parts.forward, f"return {parts.Y}"),
        *_function(f"{parts.name}_backward", ("dY", *parts.arguments), parts.backward, f"return {{{returned}}}"),
    )


def write_course(parts):
    """f_forward(X, W) -> (Y, cache) and f_backward(dY, cache) -> (dX, dW); a loss returns (loss, dX)."""
    if parts.is_loss:
        body = (parts.forward, f"loss = {parts.Y}", "dY = 1.0", parts.backward, f"return loss, {parts.gradients['X']}")
        return _file(*_function(f"{parts.name}_loss", parts.arguments, *body))
    arguments, drawn = _split_drawn(parts)
    cache = ", ".join(parts.arguments) + ("," if len(parts.arguments) == 1 else "")
    gradients = ", ".join(parts.gradients[name] for name in arguments)
    return _file(
        *_function(f"{parts.name}_forward", arguments, *drawn, parts.forward, f"return {parts.Y}, ({cache})"),
        *_function(
            f"{parts.name}_backward", ("dY", "cache"), f"{cache} = cache", parts.backward, f"return {gradients}"
        ),
    )


def write_dictionaries(parts, shapes):
    """A class in the practical's style, parameters in `.params` and gradients in `.grads`."""
    names = [] if parts.is_loss else _split_drawn(parts)[0][1:]
    made = ", ".join(f'"{name}": np.zeros({shapes[name]})' for name in names)
    return _write_class(
        parts,
        init=(f"self.params, self.grads = {{{made}}}, {{}}",),
        load=[f'{name} = self.params["{name}"]' for name in names],
        store=[_store(parts, n, f'self.grads["{n}"]', f'self.grads.get("{n}", 0)') for n in names],
    )


def write_attributes(parts, shapes):
    """A class in the practical's style, parameters in `.W` and gradients in `.dW`."""
    names = [] if parts.is_loss else _split_drawn(parts)[0][1:]
    return _write_class(
        parts,
        init=[f"self.{name} = np.random.default_rng(0).normal(size={shapes[name]})" for name in names] or ["pass"],
        load=[f"{name} = self.{name}" for name in names],
        store=[_store(parts, n, f"self.d{n}", f'getattr(self, "d{n}", 0)') for n in names],
    )


def _write_class(parts, init, load, store):
    if parts.is_loss:
        pair = ("self", *parts.arguments)
        methods = (
            *_function("forward", pair, parts.forward, f"return {parts.Y}"),
            *_function("backward", pair, "dY = 1.0", parts.backward, f"return {parts.gradients['X']}"),
        )
        return _file(f"class {parts.title}Module:", *(indent(line, "    ") for line in methods))
    drawn = _split_drawn(parts)[1]
    held = (parts.arguments[0], *(name for name in parts.arguments if name in DRAWN))
    kept = 'self.{0} = getattr(self, "{0}", {0})' if parts.stale else "self.{0} = {0}"
    keep, take = ([form.format(name) for name in held] for form in (kept, "{0} = self.{0}"))
    methods = (
        *_function("__init__", ("self",), *init),
        *_function("forward", ("self", held[0]), *drawn, *keep, *load, parts.forward, f"return {parts.Y}"),
        *_function(
            "backward", ("self", "dY"), *take, *load, parts.backward, *store, f"return {parts.gradients[held[0]]}"
        ),
    )
    return _file(f"class {parts.title}Module:", *(indent(line, "    ") for line in methods))


def write_layer(parts, shapes):
    """A layer of chainrule's own: forward(X) -> (Y, cache), backward(dY, cache) -> (dX, grads)."""
    if parts.is_loss:
        methods = (
            *_function("forward", ("self", "X", "targets"), "T = targets", parts.forward, f"return {parts.Y}, (X, T)"),
            *_function(
                "backward", ("self", "cache"), "X, T = cache", "dY = 1.0", parts.backward,
                f"return {parts.gradients['X']}",
            ),
        )  # fmt: skip
        return _file(f"class {parts.title}(layers.Loss):", *(indent(line, "    ") for line in methods))
    first, *names = _split_drawn(parts)[0]
    drawn = [f"{name} = (self.rng.random(X.shape) < 0.7) * 1.0" for name in parts.arguments if name in DRAWN]
    cache = ", ".join((first, *(name for name in parts.arguments if name in DRAWN))) + ","
    load = [f"{name} = self.{name}" for name in names]
    init = [f"self.{name} = np.random.default_rng(0).normal(size={shapes[name]})" for name in names]
    grads = ", ".join(f'"{name}": {parts.gradients[name]}' for name in names)
    methods = (
        f"parameter_names = {tuple(names)}",
        *_function("__init__", ("self",), "self.rng = np.random.default_rng(0)", *init),
        *_function(
            "forward", ("self", "X"), *_rename("X", first), *drawn, *load, parts.forward,
            f"return {parts.Y}, ({cache})",
        ),
        *_function(
            "backward", ("self", "dY", "cache"), f"{cache} = cache", *load, parts.backward,
            f"return {parts.gradients[first]}, {{{grads}}}",
        ),
    )  # fmt: skip
    return _file(f"class {parts.title}(layers.Layer):", *(indent(line, "    ") for line in methods))


def write_function(parts):
    """A subclass of `torch.autograd.Function`."""
    arguments, drawn = _split_drawn(parts)
    saved = ", ".join(parts.arguments)
    gradients = [parts.gradients.get(name, "None") for name in arguments]
    methods = (
        "@staticmethod",
        *_function(
            "forward", ("ctx", *arguments), *drawn, f"ctx.save_for_backward({saved})", parts.forward,
            f"return {parts.Y}",
        ),
        "@staticmethod",
        *_function(
            "backward", ("ctx", "dY"), f"{saved}, = ctx.saved_tensors", parts.backward, f"return {', '.join(gradients)}"
        ),
    )  # fmt: skip
    lines = _file(f"class {parts.title}Function(torch.autograd.Function):", *(indent(line, "    ") for line in methods))
    return translate(lines)


def write_kept(parts, shapes):
    """A class that returns nothing: the output is left in `.output`, gradients in `.dX` and `.dW`."""
    if parts.is_loss:
        return write_attributes(parts, shapes)
    first = parts.arguments[0]
    text = write_attributes(parts, shapes).replace(f"        return {parts.Y}", f"        self.output = {parts.Y}")
    return text.replace(f"return {parts.gradients[first]}", f"self.d{first} = {parts.gradients[first]}")


def write_renamed(parts, shapes):
    """The class with attributes, whose methods are called forward_pass and backward_pass."""
    text = write_attributes(parts, shapes)
    return text if parts.is_loss else re.sub(r"def (forward|backward)\(", r"def \1_pass(", text)


def write_context(parts):
    """A class of a framework's own: static forward(ctx, X, W) and backward(ctx, dY) -> (dX, dW)."""
    if parts.is_loss:
        return write_course(parts)
    arguments, drawn = _split_drawn(parts)
    saved = ", ".join(parts.arguments)
    gradients = ", ".join(parts.gradients[name] for name in arguments)
    keep, load = f"ctx.save_for_backward({saved})", f"{saved}, = ctx.saved_tensors"
    methods = (
        "@staticmethod",
        *_function("forward", ("ctx", *arguments), *drawn, keep, parts.forward, f"return {parts.Y}"),
        "@staticmethod",
        *_function("backward", ("ctx", "dY"), load, parts.backward, f"return {gradients}"),
    )
    return _file(f"class {parts.title}:", *(indent(line, "    ") for line in methods))


def write_prefixed(parts):
    """fwd_f(X, W) -> Y and bwd_f(dY, X, W) -> (dX, dW)."""
    if parts.is_loss:
        return write_course(parts)
    arguments, drawn = _split_drawn(parts)
    if drawn:
        return write_course(parts)
    gradients = ", ".join(parts.gradients[name] for name in arguments)
    return _file(
        *_function(f"fwd_{parts.name}", arguments, parts.forward, f"return {parts.Y}"),
        *_function(f"bwd_{parts.name}", ("dY", *arguments), parts.backward, f"return {gradients}"),
    )


def _forward(name):
    return getattr(specimens, f"{name}_forward")


def _split_drawn(parts):
    """Return the arguments that a caller gives, and the statements that draw the others."""
    given = tuple(name for name in parts.arguments if name not in DRAWN)
    return given, [DRAWN[name] for name in parts.arguments if name in DRAWN]


def _rename(old, new):
    return [f"{new} = {old}"] if new != old else []


def _store(parts, name, place, before):
    """Return the statement that stores a gradient in an object, added to what is there if it is accumulated."""
    return f"{place} = {f'{before} + ' if name == parts.accumulated else ''}{parts.gradients[name]}"


def _keep(parts):
    """Return the parts with what lasts between calls in a dictionary, for all but classes."""
    backward, gradients, name = parts.backward, dict(parts.gradients), parts.accumulated
    if parts.stale:
        first = parts.arguments[0]
        backward = f'{first} = KEPT.setdefault("{first}", {first})\n{backward}'
    if name:
        backward += f'\nKEPT["{name}"] = KEPT.get("{name}", 0) + {gradients[name]}'
        gradients[name] = f'KEPT["{name}"]'
    return replace(parts, backward=backward, gradients=gradients)


def _function(name, arguments, *body):
    yield f"def {name}({', '.join(arguments)}):"
    yield from (indent(line, "    ") for line in body if line)
    yield ""


def _file(*lines):
    text = "\n".join(lines)
    helpers = [name for name in HELPERS if re.search(rf"\b(?<!def ){name}\(", text)]
    for name in helpers:
        text = re.sub(rf"\b(?<!def ){name}\(", f"_{name}(", text)
    sources = [inspect.getsource(getattr(specimens, name)).replace(f"def {name}", f"def _{name}") for name in helpers]
    head = "import numpy as np\n\n"
    head += "from chainrule import layers\n\n" if "layers." in text else ""
    head += "KEPT = {}\n\n" if "KEPT" in text else ""
    return head + "\n".join([*sources, text])


def _text(statements):
    return "\n".join(map(ast.unparse, statements))


def write(style, parts, shapes):
    """Return the text of a file in a style."""
    writer = globals()[f"write_{style}"]
    if style in OBJECTS:
        return writer(parts, shapes)
    return writer(_keep(parts), shapes) if style == "layer" else writer(_keep(parts))
