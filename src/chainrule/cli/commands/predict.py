"""`chainrule predict`: what a trained network sees in pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from chainrule.cli.terminal.output import align_columns, print_json


def predict(
    run: Annotated[str, typer.Argument(metavar="RUN", help='A run: its path, name, beginning of name, or "last".')],
    pictures: Annotated[Path, typer.Argument(metavar="PICTURE|FOLDER", help="A PNG or JPEG, or a folder of them.")],
    top: Annotated[int, typer.Option(min=1, help="How many classes are told of each picture.")] = 3,
    runs: Annotated[Path | None, typer.Option(help="Where records are kept [default: CHAINRULE_RUNS or runs].")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print all probabilities for programs.")] = False,
) -> None:
    """Classify pictures with a trained network.

    The likeliest classes of each picture are told with their probabilities. A picture is resized to what the network
    was trained on, and made its input as in training: the record keeps how. A run of PyTorch's is read too, without
    PyTorch. Of a folder whose folders are named as classes, the share that is classified right is told at the end.

    \b
    Examples:
      chainrule predict last cat.png
      chainrule predict mlp-numpy-seed42 pictures/ --top 1
    """
    from chainrule.data.pictures import find_pictures, read_pictures
    from chainrule.train.records.folder import find_run, find_runs_folder
    from chainrule.train.trained import load_trained

    trained = load_trained(find_run(find_runs_folder(runs), run))
    paths = find_pictures(pictures)
    probabilities = trained.predict(read_pictures(paths, trained.shape))
    told = [_describe(path, row, trained.classes) for path, row in zip(paths, probabilities, strict=True)]
    if as_json:
        print_json(told)
        return
    rows = [(each["picture"], *(f"{name} {100 * p:.1f} %" for name, p in _best(each, top))) for each in told]
    print(align_columns(rows))
    known = [each for each in told if Path(each["picture"]).parent.name in trained.classes]
    if known and pictures.is_dir():
        right = sum(Path(each["picture"]).parent.name == each["class"] for each in known)
        share = f"{100 * right / len(known):.1f} %"
        print(f"{right} of {len(known)} are of the class that their folder is named after ({share})")


def _describe(path: Path, row: Any, classes: tuple[str, ...]) -> dict[str, Any]:
    probabilities = {name: float(p) for name, p in zip(classes, row, strict=True)}
    return {"picture": str(path), "class": classes[int(row.argmax())], "probabilities": probabilities}


def _best(described: dict[str, Any], count: int) -> list[tuple[str, float]]:
    return sorted(described["probabilities"].items(), key=lambda item: -item[1])[:count]
