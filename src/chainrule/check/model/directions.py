"""The words by which people call the two directions, and a derivative, within the names of functions and methods."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

BACK_WORDS = {
    "backward", "backwards", "backword", "backprop", "backpropagate", "backpropagation", "backprops", "back", "bprop",
    "bwd", "bw", "grad", "grads", "gradient", "gradients", "prime", "derivative", "derivatives", "deriv", "derivate",
    "derv", "der", "diff", "vjp", "pullback", "dx", "d", "adjoint", "deltas", "delta", "df",
    "undo",
}  # fmt: skip
FORWARD_WORDS = {"forward", "forwards", "fwd", "fw", "fprop", "feedforward", "feed", "f", "fn", "func", "function"}
COST_WORDS = {"cost", "loss", "objective", "obj", "energy", "criterion", "value", "j"}  # gradients are called gradient
EITHER_WORDS = {
    "prop",
    "propagation",
    "propagate",
    "pass",
    "compute",
    "get",
    "calc",
    "naive",
    "layer",
    "step",
    "of",
    "wrt",
}
DERIVATIVE_WORDS = {"prime", "derivative", "derivatives", "deriv", "derivate", "derv", "der", "diff", "df", "d"}
FORWARD_METHODS = (
    "forward", "forward_pass", "fprop", "feedforward", "feed_forward", "forward_propagation", "forward_propagate",
    "forward_prop", "forwardpropagation", "fwd", "propagate", "call", "compute", "evaluate", "activate", "activation",
    "apply", "func", "function", "fn", "f", "forwards", "loss", "calculate", "compute_loss", "value", "__call__",
)  # fmt: skip
BACKWARD_METHODS = (
    "backward", "backward_pass", "backprop", "back", "bprop", "backpropagate", "backpropagation", "back_propagation",
    "backward_propagation", "back_propagate", "back_prop", "backward_prop", "backwardpropagation", "bwd", "backwards",
    "backword", "pullback", "vjp",
)  # fmt: skip
DERIVATIVE_METHODS = (
    "derivative", "prime", "deriv", "diff", "derivate", "activation_prime", "activation_derivative", "df", "dfn",
    "gradient", "grad", "compute_gradient", "get_gradient", "compute_grad", "derivation", "d",
    "loss_prime", "loss_derivative", "loss_gradient", "loss_grad",
)  # fmt: skip
TRANSLATED = {  # from Spanish, Portuguese, French, German, Italian, Polish and Chinese, without accents
    **dict.fromkeys(
        ("adelante", "avante", "frente", "avant", "vorwaerts", "vorwarts", "avanti", "przod", "naprzod", "qianxiang",
         "前向", "正向", "前向传播", "正向传播"), "forward"),
    **dict.fromkeys(
        ("atras", "tras", "arriere", "rueckwaerts", "ruckwarts", "indietro", "wstecz", "wsteczna", "fanxiang", "反向",
         "反向传播"), "backward"),
    **dict.fromkeys(
        ("retropropagacion", "retropropagar", "retropropagacao", "retropropagation", "retropropager",
         "retropropagazione", "rueckpropagation", "ruckpropagation"), "backpropagation"),
    **dict.fromkeys(("derivada", "derivee", "ableitung", "derivata", "pochodna", "导数"), "derivative"),
    **dict.fromkeys(("gradiente", "gradienten", "gradienti", "梯度"), "gradient"),
    **dict.fromkeys(
        ("perdida", "perda", "perte", "verlust", "perdita", "strata", "kosten", "coste", "costo", "custo", "cout",
         "koszt", "损失"), "loss"),
    **dict.fromkeys(
        ("propagacion", "propagacao", "propagar", "propager", "propagazione", "propagacja", "传播"), "propagation"),
    **dict.fromkeys(("paso", "passo", "passe", "pase", "schritt", "krok"), "pass"),
    **dict.fromkeys(("hacia", "para", "vers", "nach"), ""),
}  # fmt: skip


def split_words(name: str) -> list[str]:
    """Return the words of a name in lower case: of reluPrime, d_relu, AffineBackward, batchnorm2d_backward.

    The words for a direction come in English, whatever the language: forward, of propagación_adelante.
    """
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name)
    plain = "".join(c for c in unicodedata.normalize("NFKD", spaced) if not unicodedata.combining(c))
    return [each for word in plain.lower().split("_") if (each := TRANSLATED.get(word, word))]


def choose_method(wanted: Sequence[str], own: Iterable[str]) -> str:
    """Return the first of the wanted names that a class has, or a name of its own of the same words; else "".

    backPropagate, Backward and rueckwaerts are of the words of back_propagate and backward.
    """
    names = list(own)
    if exact := next((name for name in wanted if name in names), ""):
        return exact
    said = {_list_longer(name) for name in wanted if not name.startswith("_")} - {frozenset()}
    return next((n for n in names if not n.startswith("_") and _list_longer(n) in said), "")


def _list_longer(name: str) -> frozenset[str]:
    """Return the words of a name that are longer than a letter."""
    return frozenset(word for word in split_words(name) if len(word) > 1)


def find_back_words(name: str) -> set[str]:
    """Return the words of a name that say that it is a backward or a derivative."""
    return BACK_WORDS & set(split_words(name))


def find_rest(name: str) -> str:
    """Return what a name is about, without the words for a direction."""
    return "".join(w for w in split_words(name) if w not in BACK_WORDS | FORWARD_WORDS | EITHER_WORDS)


def find_forward_name(backward: str, names: Iterable[str]) -> str:
    """Return the name of the forward that a backward, or a derivative, belongs to; "" where none is among the names."""
    names = [name for name in names if name.strip("_")]  # `def _(x): …` is the forward of nothing
    others = [name for name in names if name != backward and not find_back_words(name)]
    if not find_back_words(backward):
        plain = {name.lower().replace("_", ""): name for name in others}
        key = backward.lower().replace("_", "")
        return plain.get(key[1:], "") if key.startswith("d") and len(key) > 3 else ""  # dsigmoid
    endings = {name: backward[len(name) :].strip("_").lower() for name in names if backward.startswith(name)}
    if longest := max((name for name, ending in endings.items() if ending in BACK_WORDS), key=len, default=""):
        return longest  # d_loss of d_loss_grad
    rest = find_rest(backward)
    if rest:
        same = [name for name in others if find_rest(name) == rest]
    else:
        same = [name for name in others if not find_rest(name) and FORWARD_WORDS & set(split_words(name))]
        costs = [name for name in others if find_rest(name) in COST_WORDS]
        same = same or (costs if len(costs) == 1 else [])  # compute_cost and compute_gradient
    return max(same, key=lambda name: bool(FORWARD_WORDS & set(split_words(name))), default="")
