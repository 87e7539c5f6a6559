"""Layer normalisation three ways beside torch.nn.LayerNorm: agreement, time forward and backward, bytes kept.

    python -m benchmarks.layernorm --picture layernorm.png

All run eagerly in float32 on the same numbers, each in a process of its own, taking turns, in five sittings with new
processes. Errors are against float64, in units of the largest entry of what is compared.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from benchmarks import turns
from benchmarks.tables import RESULTS, Row, print_table
from chainrule.report.compared.arms import PALETTE, PHONE, begin_figure, save_figure, tidy

TITLE = "Layer normalisation, float32, forward and backward"
SHAPES = {"256×1024": (256, 1024), "8192×512": (8192, 512)}
KINDS = ("torch.nn.LayerNorm", "LayerNormAutograd", "LayerNormFunction", "LayerNormManual")
PASSES = ("forward", "both")


def make_inputs(shape: str, dtype: Any = None) -> tuple[Any, ...]:
    """x, gamma, beta, all of which need gradients, and a cotangent."""
    import torch

    torch.manual_seed(0)
    rows, features = SHAPES[shape]
    x, dy = torch.randn(rows, features), torch.randn(rows, features)
    gamma, beta = torch.randn(features), torch.randn(features)
    return *(tensor.to(dtype).requires_grad_() for tensor in (x, gamma, beta)), dy.to(dtype)


def make_norm(kind: str, gamma: Any, beta: Any) -> Callable[[Any], Any]:
    """The layer norm of this kind with these very parameters."""
    import torch

    from chainrule import pytorch

    if kind == "LayerNormFunction":
        return lambda x: pytorch.LayerNormFunction.apply(x, gamma, beta, 1e-5)
    owner = torch.nn if kind.startswith("torch") else pytorch
    module = getattr(owner, kind.removeprefix("torch.nn."))(gamma.shape)
    module.weight, module.bias = torch.nn.Parameter(gamma), torch.nn.Parameter(beta)
    return module


def differentiate(norm: Callable[[Any], Any], x: Any, dy: Any, gamma: Any, beta: Any) -> tuple[Any, ...]:
    """y, dx, dgamma and dbeta."""
    import torch

    owned = list(getattr(norm, "parameters", lambda: (gamma, beta))())
    y = norm(x)
    return y.detach(), *torch.autograd.grad(y, (x, *owned), dy)


def contend(kind: str, shape: str, what: str) -> Callable[[], object]:
    """The call to be timed."""
    import torch

    torch.set_num_threads(turns.THREADS)
    x, gamma, beta, dy = make_inputs(shape)
    norm = make_norm(kind, gamma, beta)
    return (lambda: norm(x)) if what == "forward" else (lambda: differentiate(norm, x, dy, gamma, beta))


def largest_errors(kind: str, shape: str) -> dict[str, float]:
    """The largest error of y and of each gradient against float64."""
    import torch

    x, gamma, beta, dy = make_inputs(shape)
    found = differentiate(make_norm(kind, gamma, beta), x, dy, gamma, beta)
    x, gamma, beta, dy = make_inputs(shape, torch.float64)
    exact = differentiate(make_norm("torch.nn.LayerNorm", gamma, beta), x, dy, gamma, beta)
    names = ("y", "dx", "dgamma", "dbeta")
    return {
        name: float((a.double() - b).abs().max() / b.abs().max())
        for name, a, b in zip(names, found, exact, strict=True)
    }


def count_bytes_kept(kind: str, shape: str) -> int:
    """Bytes of the tensors that the forward pass keeps for backward."""
    import torch

    x, gamma, beta, _ = make_inputs(shape)
    norm = make_norm(kind, gamma, beta)
    kept: list[int] = []

    def note(tensor: Any) -> Any:
        kept.append(tensor.numel() * tensor.element_size())
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(note, lambda tensor: tensor):
        norm(x)
    return sum(kept)


def time_shape(shape: str) -> dict[str, dict[str, turns.Contender]]:
    """For forward alone and for both passes: each kind with its times."""
    timed = {}
    for what in PASSES:
        names = [f"{kind} {shape} {what}" for kind in KINDS]
        found = turns.measure("benchmarks.layernorm", names, rounds=4, sittings=5)
        timed[what] = dict(zip(KINDS, (found[name] for name in names), strict=True))
    return timed


def measure(picture: Path) -> list[Row]:
    """Measure everything, and draw the picture."""
    rows, times, kept = [], {}, {}
    for shape in SHAPES:
        timed = times[shape] = time_shape(shape)
        kept[shape] = {kind: count_bytes_kept(kind, shape) for kind in KINDS}
        for kind in KINDS:
            errors = largest_errors(kind, shape)
            rows.append(describe(kind, shape, timed, kept[shape], errors))
    draw(times, kept, picture)
    return rows


def describe(
    kind: str, shape: str, timed: dict[str, dict[str, turns.Contender]], kept: dict[str, int], errors: dict[str, float]
) -> Row:
    """One kind at one shape."""
    forward, both = (timed[what][kind].seconds * 1e3 for what in PASSES)
    speed = turns.ratio(timed["both"][KINDS[0]], timed["both"][kind])
    figure = (
        f"{forward:.3g} ms forward, {both:.3g} ms both, {speed:.2f} × PyTorch's speed; "
        f"{kept[kind] / 2**20:.2f} MiB kept; errors "
        + ", ".join(f"{name} {error:.0e}" for name, error in errors.items())
    )
    target = f"≥ 0.5 ×, ≤ {kept[KINDS[0]] / 2**20:.2f} MiB" if kind == "LayerNormManual" else ""
    return Row(f"{kind}, {shape}", figure, target)


def draw(times: dict[str, Any], kept: dict[str, dict[str, int]], path: Path) -> None:
    """Write the bars as PNG and, beside it, as SVG, wide and for a phone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    save_figure(*(draw_bars(times, kept, for_phone) for for_phone in (False, True)), path.with_suffix(""))


def draw_bars(times: dict[str, Any], kept: dict[str, dict[str, int]], for_phone: bool) -> Figure:
    """Bars of time and of bytes kept, two panels for each shape: side by side, or on a phone one below the other."""
    figure = begin_figure(PHONE, 3.6 * len(SHAPES)) if for_phone else begin_figure(10, 5)
    panels = figure.subplots(*((2 * len(SHAPES), 1) if for_phone else (len(SHAPES), 2)), sharey=True)
    for (left, right), shape in zip(panels.reshape(-1, 2), SHAPES, strict=True):
        forward, both = ([times[shape][what][kind].seconds * 1e3 for kind in KINDS] for what in PASSES)
        back = [b - f for f, b in zip(forward, both, strict=True)]
        left.barh(KINDS, forward, color=PALETTE[0], label="forward")
        left.barh(KINDS, back, left=forward, color=PALETTE[1], label="backward")
        left.set(xlabel="milliseconds", title=f"{shape} float32, {turns.THREADS} threads")
        right.barh(KINDS, [kept[shape][kind] / 2**20 for kind in KINDS], color=PALETTE[2])
        right.set(xlabel="MiB kept for backward", title=shape)
    for axes in figure.axes:
        tidy(axes, percent=False)
    figure.axes[0].invert_yaxis()
    figure.axes[0].legend(frameon=False)
    return figure


def main(picture: Path = RESULTS / "layernorm.png") -> list[Row]:
    """Measure, print and return the rows; draw the picture."""
    rows = measure(picture)
    print_table(TITLE, rows)
    return rows


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--picture", type=Path, default=RESULTS / "layernorm.png", help="write a PNG here, and SVGs beside it"
    )
    parser.add_argument("--contender", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.contender:
        turns.serve_turns(contend(*arguments.contender.split()))
    else:
        main(arguments.picture)
