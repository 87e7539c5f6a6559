"""Functions that are written by others. Each is understood where a bracket follows."""

from collections.abc import Callable

from chainrule.derive.language.expressions import ONE, ZERO, Call, Compare, Div, Expr, Pow, Where, add, mul, neg, num


def _call(function: str, a: Expr) -> Expr:
    return Call(function, (a,))


def _gelu(a: Expr) -> Expr:
    return Div(mul(a, add(ONE, _call("erf", Div(a, _call("sqrt", num(2)))))), num(2))


COMPOSED: dict[str, Callable[[Expr], Expr]] = {
    "silu": lambda a: mul(a, _call("sigmoid", a)),
    "swish": lambda a: mul(a, _call("sigmoid", a)),
    "gelu": _gelu,
    "mish": lambda a: mul(a, _call("tanh", _call("softplus", a))),
    "elu": lambda a: Where(Compare(">", a, ZERO), a, _call("expm1", a)),
    "logsigmoid": lambda a: neg(_call("softplus", neg(a))),
    "log_sigmoid": lambda a: neg(_call("softplus", neg(a))),
    "softsign": lambda a: Div(a, add(ONE, _call("abs", a))),
    "tanhshrink": lambda a: add(a, neg(_call("tanh", a))),
    "relu6": lambda a: Call("min", (Call("max", (a, ZERO)), num(6))),
    "hardtanh": lambda a: Call("max", (Call("min", (a, ONE)), neg(ONE))),
    "leaky_relu": lambda a: Where(Compare(">", a, ZERO), a, Div(a, num(100))),
    "rsqrt": lambda a: Div(ONE, _call("sqrt", a)),
    "square": lambda a: Pow(a, num(2)),
    "logit": lambda a: add(_call("log", a), neg(_call("log", add(ONE, neg(a))))),
}


CLIPS = frozenset({"clip", "clamp"})


def clip(a: Expr, low: Expr, high: Expr) -> Expr:
    """`clip(a, low, high)`: a, but at least low and at most high."""
    return Call("min", (Call("max", (a, low)), high))
