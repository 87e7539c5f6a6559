"""JAX's operations, noted on the current tape: a forward is traced once and run operation by operation, with NumPy's
names where it has them, so that one diagnosis serves both.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.check.replay.numpy_arrays import copy_arrays
from chainrule.check.replay.tape import Site, Tape

NAMES = {
    "mul": "multiply", "sub": "subtract", "div": "divide", "neg": "negative", "pow": "power", "abs": "absolute",
    "reduce_sum": "sum", "reduce_max": "max", "max": "maximum", "min": "minimum", "logistic": "sigmoid",
}  # fmt: skip
VIEWS = {"broadcast_in_dim", "reshape", "transpose", "squeeze", "convert_element_type", "copy", "stop_gradient"}


def run_noted(tape: Tape, function: Callable[..., Any], arrays: list[Any], file: str) -> list[Any]:
    """Return the outputs of a function of arrays, with what it computes noted as standing in `file`."""
    import jax

    traced = jax.make_jaxpr(function)(*arrays)
    known: dict[Any, Any] = dict(zip(traced.jaxpr.constvars, traced.consts, strict=True))
    known |= dict(zip(traced.jaxpr.invars, arrays, strict=True))
    for place, equation in enumerate(traced.jaxpr.eqns):
        given = tuple(np.asarray(_read(known, variable)) for variable in equation.invars)
        results = _note(tape, equation, given, Site(_name(equation), file, _find_line(equation, file), place))
        known |= dict(zip(equation.outvars, results, strict=True))
    return [_read(known, variable) for variable in traced.jaxpr.outvars]


def _note(tape: Tape, equation: Any, given: tuple[Any, ...], site: Site) -> list[Any]:
    def run(*arguments: Any) -> list[Any]:
        result = equation.primitive.bind(*_promote(arguments), **equation.primitive.get_bind_params(equation.params))
        return [np.asarray(r) for r in (result if equation.primitive.multiple_results else [result])]

    if len(equation.outvars) > 1 or equation.primitive.name in VIEWS or equation.outvars[0].aval.dtype.kind not in "fc":
        return run(*given)
    if equation.primitive.name == "integer_pow":
        given = (*given, equation.params["y"])
        return [tape.note_at(site, lambda a, n: np.power(a, n), given, copy_arrays)]
    return [tape.note_at(site, lambda *arguments: run(*arguments)[0], given, copy_arrays)]


def _promote(arguments: tuple[Any, ...]) -> list[Any]:
    """Return the arguments with all numbers complex where one is: JAX's operations take one type only."""
    arrays = [np.asarray(argument) for argument in arguments]
    kind = next((a.dtype for a in arrays if a.dtype.kind == "c"), None)
    return [a.astype(kind) if kind is not None and a.dtype.kind == "f" else a for a in arrays]


def _read(known: dict[Any, Any], variable: Any) -> Any:
    return variable.val if hasattr(variable, "val") else known[variable]


def _name(equation: Any) -> str:
    """Return NumPy's name: that of the function which JAX compiled as one, else of the operation."""
    name, options = equation.primitive.name, equation.params
    if "jaxpr" in options and "name" in options:
        return str(options["name"]).strip("_")
    if name == "integer_pow":
        return "power"
    if name == "dot_general" and options["dimension_numbers"] == (((1,), (0,)), ((), ())):
        return "matmul"
    return NAMES.get(name, name)


def _find_line(equation: Any, file: str) -> int:
    """Return the line of the person's file that the operation stands in, 0 where it stands elsewhere."""
    traceback = equation.source_info.traceback
    frames = traceback.frames if traceback is not None else ()
    return next((frame.line_num for frame in frames if frame.file_name == file), 0)
