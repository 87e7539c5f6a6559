"""What chainrule knows by name: the layers, with the equations in their docstrings, and the gallery.

Imports: derive, errors, layers, shipped.
"""

from __future__ import annotations

import ast
import inspect
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

from chainrule import derive as derivations
from chainrule import layers
from chainrule.derive import Program, Recurrence, derive, list_variants, parse, read_docstring
from chainrule.derive.render import Chapter, Page
from chainrule.errors import UserError, find_similar, normalise_name
from chainrule.shipped import find_shipped

ALSO = {  # further names that people use, as `normalise_name` writes them
    "affine": "linear",
    "attention": "attention",
    "bce": "bcewithlogits",
    "binarycrossentropywithlogits": "bcewithlogits",
    "depthwiseconvolution": "conv2d",
    "groupedconvolution": "conv2d",
    "groupnormalization": "groupnorm",
    "instancenormalization": "instancenorm",
    "kldivergence": "kldiv",
    "multihead": "multiheadattention",
    "negativeloglikelihood": "nll",
    "ntxent": "contrastive",
    "rmsnormalization": "rmsnorm",
    "rope": "rotaryembedding",
    "rotary": "rotaryembedding",
    "selfattention": "multiheadattention",
    "smoothl1loss": "smoothl1",
    "supcon": "contrastive",
    "transposedconvolution": "convtranspose",
    "transposeconvolution": "convtranspose",
    "deconvolution": "convtranspose",
    "avgpooling": "avgpool",
    "conv": "conv2d",
    "convolution": "conv2d",
    "correlation": "conv2d",
    "dense": "linear",
    "fullyconnected": "linear",
    "logisticsigmoid": "sigmoid",
    "maxpooling": "maxpool",
    "meansquarederror": "mse",
    "averagepool": "avgpool",
    "averagepooling": "avgpool",
    "pool": "maxpool",
    "pooling": "maxpool",
    "skip": "residual",
    "swish": "silu",
}


@dataclass(frozen=True)
class Entry:
    """A named program: one of the gallery, or a layer's, whose docstring may state several variants.

    `backward`, `why` and `recurrence` are what else a layer's docstring states; `indices` says what the letters mean.
    """

    name: str
    title: str
    forward: Program
    variant: str = ""
    backward: Program | None = None
    indices: Mapping[str, str] = field(default_factory=dict)
    why: str = ""
    recurrence: Recurrence | None = None

    @property
    def heading(self) -> str:
        """`GELU, approximate="tanh"`."""
        return f"{self.name}, {self.variant}" if self.variant else self.name

    @property
    def wanted(self) -> tuple[str, ...] | None:
        """The inputs whose gradients a layer states; None, which means all, for a program that states none."""
        if self.backward is None:
            return None
        return tuple(name for name in self.forward.inputs if f"d{name}" in self.backward.defined)


def make_page(entries: Sequence[Entry], wanted: Iterable[str] | None = None) -> Page:
    """Derive the gradients, all that are stated or those wanted, of the variants of a program, and lay out a page."""
    first = entries[0]
    names = [entry.wanted if wanted is None else tuple(wanted) for entry in entries]
    chapters = [
        Chapter(entry.forward, derive(entry.forward, name), entry.variant)
        for entry, name in zip(entries, names, strict=True)
    ]
    return Page(first.name, tuple(chapters), first.title, first.indices, first.why)


def make_derivative_page(entries: Sequence[Entry], derived: Callable[[Program], Chapter]) -> Page:
    """A page of what `derived` makes of each variant of a program: its Jacobians, Hessians or differentials."""
    first = entries[0]
    chapters = [replace(derived(entry.forward), variant=entry.variant) for entry in entries]
    return Page(first.name, tuple(chapters), first.title, first.indices, first.why)


def list_layers() -> list[type]:
    """Return the layers and losses that state equations, in the order of `layers.__all__`."""
    classes = [getattr(layers, name) for name in layers.__all__]
    return [layer for layer in classes if list_variants(docstring_of(layer))]


def docstring_of(layer: type) -> str:
    """The docstring that states a layer's equations: that of its module."""
    return getattr(inspect.getmodule(layer), "__doc__", None) or ""


def read_layer(layer: type) -> list[Entry]:
    """Return an entry for each variant that a layer's docstring states. Raises EquationError if it is wrong."""
    docstring = docstring_of(layer)
    return [read_variant(layer.__name__, docstring, variant) for variant in list_variants(docstring)]


@lru_cache(maxsize=256)
def read_variant(name: str, docstring: str, variant: str = "") -> Entry:
    """Return the entry of one variant of a docstring."""
    equations = read_docstring(docstring, variant)
    text = inspect.cleandoc(docstring)
    why = re.search(r"^Why: (.*?)(\n\n|\Z)", text, re.DOTALL | re.MULTILINE)
    return Entry(
        name,
        _sentence(text.split("\n\n")[0].removeprefix(f"{name}: ")),
        equations.forward,
        variant,
        equations.backward,
        equations.indices,
        _sentence(why[1]) if why else "",
        equations.recurrence,
    )


def read_gallery(path: Path) -> Entry:
    """Return the entry of a program of the gallery; its first line is a remark that says what it is."""
    return _read_program(path.stem, path.read_text(encoding="utf-8"))


@lru_cache(maxsize=256)
def _read_program(name: str, text: str) -> Entry:
    return Entry(name, text.split("\n")[0].removeprefix("#").strip(), parse(text))


def list_gallery() -> list[Path]:
    """Return the files of the gallery."""
    return sorted(find_shipped("examples/gallery").glob("*.txt"))


def read_entries(source: Sequence[str]) -> list[Entry]:
    """Return the entries that a name, a file, `-` (standard input) or equations stand for.

    Raises UserError if there are none.
    """
    given = source[0]
    if not "".join(source).strip():
        raise UserError(
            "nothing to derive; expected the name of a layer, a file, or an equation such as Y[i] = exp(X[i])"
        )
    if len(source) > 1 or "=" in given:
        return read_programs("", "\n".join(source))
    if given == "-":
        return read_programs("", sys.stdin.read().removeprefix("\ufeff"))
    if Path(given).is_file() or Path(given).suffix or "/" in given:
        return read_programs(Path(given).stem, _read_file(Path(given)))
    return find_entries(given)


def read_programs(name: str, text: str) -> list[Entry]:
    """Return the entries that a text holds: the variants of a docstring, or one program, in LaTeX or not."""
    if variants := list_variants(text):
        return [read_variant(name, text, variant) for variant in variants]
    program = derivations.read_program(text)
    return [Entry(name or f"Gradients of {program.output}", "", program)]


def _read_file(path: Path) -> str:
    """Return the text of a program, or the docstring of a Python file."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        docstring = ast.get_docstring(ast.parse(text)) if path.suffix == ".py" else ""
    except OSError as error:
        raise UserError(f"cannot read {path}: {error.strerror}; expected a file with a program") from error
    except UnicodeDecodeError as error:
        raise UserError(f"{path} is not text in UTF-8; expected a file with a program") from error
    except SyntaxError as error:
        raise UserError(f"{path} is not Python: line {error.lineno}: {error.msg}") from error
    if docstring is None or (docstring and not list_variants(docstring)):
        raise UserError(f"{path} has no docstring with the sections Forward and Backward, which hold the equations")
    return docstring or text


def find_layers(name: str) -> list[type]:
    """Return the layers that a name means, in any usual spelling: `cross-entropy`, `LayerNorm`, `leaky_relu`, …"""
    exact = [layer for layer in list_layers() if normalise_name(name) == normalise_name(layer.__name__)]
    return exact or [layer for layer in list_layers() if _list_meanings(name) & _list_spellings(layer)]


def find_entries(name: str) -> list[Entry]:
    """Return the entries of a layer or a program of the gallery. Raises UserError for none, with similar names."""
    if found := find_layers(name):
        return read_layer(found[0])
    gallery = {normalise_name(path.stem): path for path in list_gallery()}
    if known := next((gallery[key] for key in sorted(_list_meanings(name)) if key in gallery), None):
        return [read_gallery(known)]
    raise UserError(describe_unknown(name, gallery=True))


def find_program(heading: str) -> Program | None:
    """Return the forward program that a heading such as "Derivative of softmax" names, of a layer or the gallery."""
    words = re.findall(r"[A-Za-z0-9]+", heading)
    for length in (3, 2, 1):
        for start in range(len(words) - length + 1):
            name = "".join(words[start : start + length])
            meanings = _list_meanings(name) if len(name) > 2 else set()
            if found := [path for path in list_gallery() if normalise_name(path.stem) in meanings]:
                return read_gallery(found[0]).forward  # in the letters of a textbook, where a layer has PyTorch's names
            if len(name) > 2 and find_layers(name):
                return read_layer(find_layers(name)[0])[0].forward
    return None


def describe_unknown(name: str, *, gallery: bool) -> str:
    """Return the sentence for an unknown name: what is known, and which names look like it."""
    names = [layer.__name__ for layer in list_layers()]
    kinds = f"{len(names)} layers"
    if gallery:
        layer_names = set(map(normalise_name, names))
        programs = [path.stem for path in list_gallery() if normalise_name(path.stem) not in layer_names]
        names += programs
        kinds += f" and {len(programs)} programs of the gallery"
    containing = [known for known in names if normalise_name(name) in normalise_name(known)]
    near = find_similar(name, names, most=3) or containing[:5]
    hint = f"did you mean {' or '.join(near)}?" if near else f"known: {', '.join(names)}"
    return f"`{name}` is none of the {kinds}; {hint}"


def _sentence(text: str) -> str:
    """Return a paragraph as one line that begins with a capital letter."""
    line = " ".join(text.split())
    return line[:1].upper() + line[1:]


def _list_meanings(name: str) -> set[str]:
    key = normalise_name(name)
    return {key, key.removesuffix("loss"), key.removesuffix("layer"), ALSO.get(key, key)}


def _list_spellings(layer: type) -> set[str]:
    key = normalise_name(layer.__name__)
    return {key, key.removesuffix("loss"), key.removesuffix("1d"), key.removesuffix("2d")}
