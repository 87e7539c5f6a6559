"""The public face of the engine: `derive(text)` and what it returns.

A form that few ask for (NumPy, LaTeX, Markdown, HTML) is imported where it is made, so that the first answer is quick.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from chainrule.derive.engine.derivation import FoundGradient, Step
from chainrule.derive.engine.engine import Engine
from chainrule.derive.evaluation.places import as_places
from chainrule.derive.language.errors import EquationError
from chainrule.derive.language.expressions import Ref
from chainrule.derive.language.functions import unknown_in
from chainrule.derive.language.printer import show
from chainrule.derive.language.programs.program import Program
from chainrule.derive.notation import read_program
from chainrule.derive.render import Chapter, Page, text_page
from chainrule.derive.render.matrix import matrix_form

if TYPE_CHECKING:
    from chainrule.derive.derivatives import Derivative


def derive(text: str | Program, wanted: Iterable[str] | None = None) -> "Gradients":
    """Derive the gradient of every input of a program, or of those that are wanted, given that of its last line.

    Every step is checked at random points as it is made. Raises EquationError where the text is wrong.

    >>> derive("Y[s,n] = sum[m](X[s,m] * W[n,m]) + b[n]")["W"].index
    'dW[n,m] = sum[s](dY[s,n] * X[s,m])'
    >>> derive("Y = X Wᵀ + b")["W"].matrix
    'dW = dYᵀ X'
    """
    return Gradients(text if isinstance(text, Program) else read_program(text), wanted)


@dataclass(frozen=True)
class Gradient:
    """The gradient of one quantity, in every form.

    `needs` are the gradients of other quantities that it is written with, `chain` those that its steps mention. It is
    proven: each step equals the one before at `points` random points (steps that hold derivatives at the first of
    them), and the last is no further than `error` from complex-step differences of the program, relative to the largest
    entry (None for a quantity that is no input). `untaken` says which comparisons had one answer at all points.
    """

    name: str
    found: FoundGradient
    needs: tuple[FoundGradient, ...]
    chain: tuple[FoundGradient, ...]
    program: Program
    dimensions: Mapping[str, str]
    points: int
    untaken: tuple[str, ...] = ()

    @property
    def error(self) -> float | None:
        """Largest relative error against complex-step differences."""
        return self.found.error

    @property
    def lines(self) -> tuple[tuple[Ref, Any], ...]:
        """Left and right sides of the equations, in the order in which they can be computed."""
        return tuple((found.gradient, found.node) for found in (*self.needs, self.found))

    @property
    def index(self) -> str:
        """The equations in index notation, one a line; the last is the gradient itself."""
        return "\n".join(f"{show(left)} = {show(right)}" for left, right in self.lines)

    @property
    def steps(self) -> tuple[Step, ...]:
        """The derivation: for each gradient that it goes through, and then for itself, the chain of steps."""
        return tuple(step for found in (*self.chain, self.found) for step in found.steps)

    @property
    def matrix(self) -> str | None:
        """The equations with matrix products and Hadamard products, or None where there is no such form."""
        forms = [matrix_form(left, right, self.dimensions, bool(self.program.remarks)) for left, right in self.lines]
        return None if None in forms else "\n".join(map(str, forms))

    @property
    def latex(self) -> str:
        """The equations in LaTeX, for a display."""
        from chainrule.derive.render import latex_of

        return " \\\\\n".join(latex_of(left, right) for left, right in self.lines)

    @property
    def numpy(self) -> str:
        """Source of a NumPy function that computes the gradient; its arguments and shapes are in its docstring."""
        from chainrule.derive.codegen.functions import gradient_source

        return gradient_source(self.name, self.lines, self.program, self.dimensions)

    @property
    def pytorch(self) -> str:
        """The function in PyTorch; "" where something in it has no counterpart there."""
        from chainrule.derive.codegen.pytorch import write_pytorch

        return write_pytorch(self.numpy)

    def _repr_html_(self) -> str:
        from chainrule.derive.render.notebook import show_html

        return show_html({self.name: self})

    def _repr_latex_(self) -> str:
        from chainrule.derive.render.notebook import show_latex

        return show_latex({self.name: self})

    def _repr_markdown_(self) -> str:
        return self._repr_latex_()


class Gradients(Mapping[str, Gradient]):
    """The gradients of a program's inputs, by name; quantities in between can be asked for too."""

    def __init__(self, program: Program, wanted: Iterable[str] | None = None) -> None:
        self.program = program
        hidden = program.whole
        self._names = tuple(name for name in program.inputs if name not in hidden) if wanted is None else tuple(wanted)
        if not self._names:
            raise EquationError(
                "the program has no input; expected a name that no line defines, such as X in Y = exp(X)"
            )
        self._engine = Engine(program)
        self._made: dict[str, Gradient] = {}

    def __getitem__(self, name: str) -> Gradient:
        hidden = self.program.whole
        if name not in self.program.ranks or name in self.program.outputs or name in hidden:
            known = ", ".join(name for name in self.program.inputs if name not in hidden)
            raise KeyError(f"no gradient of `{name}`; the inputs are {known}")
        if name not in self._made:
            self._made[name] = self._make(name)
        return self._made[name]

    def _make(self, name: str) -> Gradient:
        engine, found = self._engine, self._engine.gradient(name)
        needs = tuple(engine.found[other] for other in engine.needed(found.node))
        chain = tuple(engine.found[other] for other in engine.mentioned(found))
        return Gradient(
            name, found, needs, chain, self.program, engine.letters.of, len(engine.proof.points), engine.proof.untaken
        )

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    @cached_property
    def numpy(self) -> str:
        """Source of two NumPy functions: `forward`, and `backward` for all gradients together."""
        from chainrule.derive.codegen.expressions import helpers_in
        from chainrule.derive.codegen.functions import backward_source, forward_source

        gradients = list(self.values())
        lines = {left.name: (left, right) for gradient in gradients for left, right in gradient.lines}
        names = [self._engine.symbols[name] for name in (*reversed(self.program.defined), *self._names)]
        order = [name for name in names if name in lines]
        forward = forward_source(self.program)
        dimensions = self._engine.letters.of
        backward = backward_source([lines[name] for name in order], self._names, self.program, dimensions)
        return "\n\n".join([helpers_in(forward + backward), forward, backward])

    @cached_property
    def pytorch(self) -> str:
        """The two functions in PyTorch; "" where something in them has no counterpart there."""
        from chainrule.derive.codegen.pytorch import write_pytorch

        return write_pytorch(self.numpy)

    @cached_property
    def functions(self) -> tuple[Callable[..., Any], Callable[..., Any]]:
        """The generated `forward` and `backward`, ready to call."""
        namespace: dict[str, Any] = {}
        exec(compile(self.numpy, "<generated>", "exec"), namespace)  # our own source, made from a checked program
        return namespace["forward"], namespace["backward"]

    def text(self, steps: bool = True) -> str:
        """The derivation as plain text that `prove` reads; the results alone where `steps` is False."""
        return text_page(self.program, self, steps)

    def markdown(self, title: str = "Gradients") -> str:
        """The derivation as Markdown with LaTeX formulas."""
        from chainrule.derive.render import markdown_page

        return markdown_page(Page(title, (Chapter(self.program, self),)))

    def html(self, title: str = "Gradients") -> str:
        """The derivation as one self-contained HTML page with MathML formulas."""
        from chainrule.derive.render import html_page

        return html_page(Page(title, (Chapter(self.program, self),)))

    def _repr_html_(self) -> str:
        from chainrule.derive.render.notebook import show_html

        return show_html(self)

    def _repr_latex_(self) -> str:
        from chainrule.derive.render.notebook import show_latex

        return show_latex(self)

    def _repr_markdown_(self) -> str:
        return self.markdown()

    def jacobian(self, of: str | None = None, wanted: Iterable[str] | None = None) -> "Mapping[str, Derivative]":
        """`dY_dX` and so on: the derivatives of the output, or of another quantity, by each input."""
        from chainrule.derive.derivatives import jacobians

        return jacobians(self.program, of, wanted)

    def hessian(self, wanted: Iterable[str] | None = None) -> "Mapping[str, Derivative]":
        """`d2L_dw_db` and so on: the second derivatives of a scalar output by all pairs of inputs."""
        from chainrule.derive.derivatives import hessians

        return hessians(self.program, wanted)

    def differential(self, varied: Iterable[str] | None = None) -> "Mapping[str, Derivative]":
        """Forward mode: the differential `dY`, given those of the inputs that vary; its NumPy function is `jvp`."""
        from chainrule.derive.derivatives import differentials

        return differentials(self.program, varied)

    def jvp(self, inputs: Mapping[str, Any], tangents: Mapping[str, Any]) -> Any:
        """The tangent of the output at a point, by the generated NumPy code; inputs without a tangent are constant."""
        from chainrule.derive.derivatives import evaluate_jvp

        return evaluate_jvp(self.program, inputs, tangents)

    def hvp(self, name: str) -> "Gradients":
        """The Hessian of a scalar output times `v`: it is the gradient by `name` of the `slope` of L along `v`."""
        from chainrule.derive.derivatives import hessian_times_vector

        return Gradients(hessian_times_vector(self.program, name), [name])

    def evaluate(self, inputs: Mapping[str, Any], cotangent: Any = 1.0) -> dict[str, Any]:
        """The gradients of all inputs by the generated NumPy code.

        inputs: an array or a number for every input, a function for every unknown function, and derivative of one (as
        h, h'), that is called. cotangent: the gradient of the output, in its shape; where several outputs are
        declared, one for each by name.
        """
        outputs = self.program.outputs
        cotangents = [cotangent[name] for name in outputs] if len(outputs) > 1 else [cotangent]
        lines = [right for gradient in self.values() for _, right in gradient.lines]
        called = [unknown_in(exprs) for exprs in ((s.value for s in self.program.statements), lines)]
        missing = [name for name in (*self.program.inputs, *called[0], *called[1]) if name not in inputs]
        if missing:
            raise EquationError(f"no value for {', '.join(missing)}")
        forward, backward = self.functions
        arrays = {name: np.asarray(v) if np.ndim(v) else v for name, v in inputs.items() if not callable(v)}
        arrays |= as_places(self.program, arrays)
        with np.errstate(all="ignore"):
            cache = forward(*(arrays[name] for name in self.program.inputs), *(inputs[name] for name in called[0]))
            gradients = backward(*cotangents, cache, *(inputs[name] for name in called[1]))
        if len(outputs) == 1 and not self.program.ranks[outputs[0]]:
            gradients = {name: gradient * cotangent for name, gradient in gradients.items()}
        return gradients
