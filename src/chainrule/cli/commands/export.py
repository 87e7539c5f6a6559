"""`chainrule export`: a trained network for other programs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chainrule.errors import UserError

if TYPE_CHECKING:
    from chainrule.train.trained import Trained


def export(
    run: Annotated[str, typer.Argument(metavar="RUN", help='A run: its path, name, beginning of name, or "last".')],
    target: Annotated[
        Path, typer.Argument(metavar="FILE", help="net.onnx; or net.safetensors, net.npz, net.pt: weights alone.")
    ],
    probabilities: Annotated[
        bool, typer.Option("--probabilities", help="ONNX: end in probabilities, in place of logits.")
    ] = False,
    runs: Annotated[Path | None, typer.Option(help="Where records are kept [default: CHAINRULE_RUNS or runs].")] = None,
) -> None:
    """Write a trained network for other programs.

    FILE says by its ending how: ONNX, or the weights as safetensors, .npz, or PyTorch's .pt.

    The ONNX model takes pictures X, float32 (S, C, H, W) with pixels from 0 to 255, S of any size, and gives Y (S, K),
    the logits of the classes: what makes a picture the network's input is within. The names of the classes are in its
    metadata. It has passed the ONNX checker. Needs the extra `onnx`.

    The weights have PyTorch's names and shapes: a network of PyTorch's with the same layers loads them.

    \b
    Examples:
      chainrule export last net.onnx
      chainrule export mlp-numpy-seed42 net.pt
    """
    from chainrule import nets
    from chainrule.nets.weights import SUFFIXES
    from chainrule.train.records.folder import find_run, find_runs_folder
    from chainrule.train.trained import load_trained

    endings = (".onnx", *SUFFIXES)
    if target.suffix not in endings:
        raise UserError(f"{target}: expected a file that ends in {', '.join(endings)}")
    if probabilities and target.suffix != ".onnx":
        raise UserError("--probabilities belongs to an ONNX model; weights alone end in nothing")
    record = find_run(find_runs_folder(runs), run)
    trained = load_trained(record)
    try:
        if target.suffix == ".onnx":
            _write_onnx(trained, target, probabilities, record.name)
        else:
            nets.save_weights(trained.net, target)
    except ImportError as error:
        raise UserError(str(error)) from None
    except OSError as error:
        raise UserError(f"cannot write {target}: {error.strerror or error}") from None
    print(f"wrote {target}")


def _write_onnx(trained: Trained, target: Path, probabilities: bool, name: str) -> None:
    from onnx.helper import set_model_props

    import chainrule.onnx  # noqa: F401 - says what to install where it is missing
    from chainrule import layers, nets

    net, preprocessing = trained.for_pixels()
    if probabilities:
        net = nets.Sequential(net, layers.Softmax())
    model = net.to_onnx(shape=(None, *trained.shape), preprocessing=preprocessing)
    set_model_props(model, {"classes": "\n".join(trained.classes), "run": name})
    target.write_bytes(model.SerializeToString())
