"""What chainrule knows by name: the layers of the package, by the equations in their docstrings, and the gallery."""

from __future__ import annotations

import difflib
import inspect
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from chainrule import layers
from chainrule.derive import Program, Recurrence, derive, list_variants, parse, read_docstring
from chainrule.derive.render import Chapter, Page
from chainrule.errors import UserError

ALSO = {  # further names that people use, in the spelling of `_key`
    "affine": "linear",
    "attention": "attention",
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
    "nll": "crossentropy",
    "pool": "maxpool",
    "pooling": "maxpool",
    "skip": "residual",
    "swish": "silu",
}


@dataclass(frozen=True)
class Entry:
    """A program that has a name: a layer's, of which a docstring may state several variants, or one of the gallery.

    `backward`, `why` and `recurrence` are what a layer's docstring states besides; `indices` has the meaning of the
    letters.
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
    """Derive the gradients of the variants of one thing, all that it states or those wanted, and lay out a page."""
    first = entries[0]
    names = [entry.wanted if wanted is None else tuple(wanted) for entry in entries]
    chapters = [
        Chapter(entry.forward, derive(entry.forward, name), entry.variant)
        for entry, name in zip(entries, names, strict=True)
    ]
    return Page(first.name, tuple(chapters), first.title, first.indices, first.why)


def list_layers() -> list[type]:
    """The layers and losses that state equations, in the order of `layers.__all__`."""
    classes = [getattr(layers, name) for name in layers.__all__]
    return [layer for layer in classes if list_variants(docstring_of(layer))]


def docstring_of(layer: type) -> str:
    """The docstring that states a layer's equations: that of its module."""
    return getattr(inspect.getmodule(layer), "__doc__", None) or ""


def read_layer(layer: type) -> list[Entry]:
    """One entry for each variant that a layer's docstring states. Raises EquationError where it is wrong."""
    docstring = docstring_of(layer)
    return [read_variant(layer.__name__, docstring, variant) for variant in list_variants(docstring)]


def read_variant(name: str, docstring: str, variant: str = "") -> Entry:
    """The entry of one variant of a docstring."""
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
    """The entry of a program of the gallery; its first line is a remark that says what it is."""
    text = path.read_text(encoding="utf-8")
    return Entry(path.stem, text.split("\n")[0].removeprefix("#").strip(), parse(text))


def list_gallery() -> list[Path]:
    """The files of the gallery: beside this module where the package was installed, else in the source tree."""
    here = Path(__file__).parent
    folder = next(path for path in (here / "gallery", here.parents[1] / "examples" / "gallery") if path.is_dir())
    return sorted(folder.glob("*.txt"))


def find_layers(name: str) -> list[type]:
    """The layers that a name means, in any usual spelling: `cross-entropy`, `LayerNorm`, `leaky_relu`, `batchnorm`."""
    exact = [layer for layer in list_layers() if _key(name) == _key(layer.__name__)]
    return exact or [layer for layer in list_layers() if _meant(name) & _keys(layer)]


def find_entries(name: str) -> list[Entry]:
    """The entries of a layer or a program of the gallery. Raises UserError, with names that are near, for none."""
    if found := find_layers(name):
        return read_layer(found[0])
    gallery = {_key(path.stem): path for path in list_gallery()}
    if known := next((gallery[key] for key in sorted(_meant(name)) if key in gallery), None):
        return [read_gallery(known)]
    raise UserError(describe_unknown(name, gallery=True))


def find_program(heading: str) -> Program | None:
    """The forward program of the layer or the gallery that a heading names, or None: "Derivative of softmax"."""
    words = re.findall(r"[A-Za-z0-9]+", heading)
    for length in (3, 2, 1):
        for start in range(len(words) - length + 1):
            name = "".join(words[start : start + length])
            if len(name) > 2 and find_layers(name):
                return read_layer(find_layers(name)[0])[0].forward
            found = [path for path in list_gallery() if len(name) > 2 and _key(path.stem) in _meant(name)]
            if found:
                return read_gallery(found[0]).forward
    return None


def describe_unknown(name: str, *, gallery: bool) -> str:
    """A sentence that says what is known instead of a name, with those that look like it."""
    names = {_key(layer.__name__): layer.__name__ for layer in list_layers()}
    kinds = f"{len(names)} layers"
    if gallery:
        names |= {_key(path.stem): path.stem for path in list_gallery()}
        kinds += f" and {len(names) - len(list_layers())} programs of the gallery"
    near = difflib.get_close_matches(_key(name), names, n=3) or [key for key in names if _key(name) in key][:5]
    hint = f"did you mean {' or '.join(names[key] for key in near)}?" if near else f"known: {', '.join(names.values())}"
    return f"`{name}` is none of the {kinds}; {hint}"


def _sentence(text: str) -> str:
    """A paragraph as one line that begins with a capital letter."""
    line = " ".join(text.split())
    return line[:1].upper() + line[1:]


def _key(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _meant(name: str) -> set[str]:
    key = _key(name)
    return {key, key.removesuffix("loss"), key.removesuffix("layer"), ALSO.get(key, key)}


def _keys(layer: type) -> set[str]:
    key = _key(layer.__name__)
    return {key, key.removesuffix("loss"), key.removesuffix("1d"), key.removesuffix("2d")}
