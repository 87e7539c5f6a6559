"""Jacobians, Hessians and differentials of a program, proven and written in every form that gradients have.

derive(text).jacobian()["Y", "X"]      d(Y[i])/d(X[k])
derive(text).hessian()["w", "b"]       d²L / dw[m] db, of a scalar output
derive(text).differential(["X"])       forward mode: dY[i], given dX[k] (the tangent, or J v)
derive(text).hvp("w")                  the Hessian times v, as a gradient
"""

import inspect
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import combinations_with_replacement
from typing import Any

import numpy as np

from chainrule.derive.codegen.functions import derivative_source, python_names
from chainrule.derive.engine.derivation import FoundGradient, Step
from chainrule.derive.engine.engine import Engine
from chainrule.derive.engine.forward_mode import DifferentialEngine, ForwardEngine, FoundDerivative, JacobianEngine
from chainrule.derive.evaluation.evaluator import evaluate
from chainrule.derive.evaluation.places import as_places
from chainrule.derive.language.dimensions import Dimensions
from chainrule.derive.language.errors import EquationError
from chainrule.derive.language.expressions import Expr, Partial, Ref
from chainrule.derive.language.printer import show
from chainrule.derive.language.programs.program import Program, Statement
from chainrule.derive.language.programs.reader import parse
from chainrule.derive.render.matrix import matrix_form

Line = tuple[Ref, Expr]


@dataclass(frozen=True)
class Derivative:
    """One derivative in every form, as a gradient has it (see `gradients.Gradient`); `function` names its source."""

    found: FoundDerivative
    needs: tuple[FoundGradient, ...]
    chain: tuple[FoundGradient, ...]
    program: Program
    dimensions: Mapping[str, str]
    points: int
    untaken: tuple[str, ...]
    function: str

    @property
    def name(self) -> str:
        """The name of the array that it is."""
        return self.found.target.name

    @property
    def error(self) -> float | None:
        """Largest relative error against steps in the program's inputs."""
        return self.found.error

    @property
    def lines(self) -> tuple[Line, ...]:
        """Names and right sides, in the order in which they can be computed."""
        return tuple((_named(found), found.node) for found in (*self.needs, self.found))

    @property
    def index(self) -> str:
        """The equations in index notation."""
        return "\n".join(f"{show(found.gradient)} = {show(found.node)}" for found in (*self.needs, self.found))

    @property
    def steps(self) -> tuple[Step, ...]:
        """Every step that leads to it."""
        return tuple(step for found in (*self.chain, self.found) for step in found.steps)

    @property
    def matrix(self) -> str | None:
        """The matrix form, or None."""
        forms = [matrix_form(left, right, self.dimensions) for left, right in self.lines]
        return None if None in forms else "\n".join(map(str, forms))

    @property
    def latex(self) -> str:
        """The equations in LaTeX."""
        from chainrule.derive.render import latex_of

        return " \\\\\n".join(latex_of(found.gradient, found.node) for found in (*self.needs, self.found))

    @property
    def numpy(self) -> str:
        """Source of a NumPy function."""
        return derivative_source(self.function, self.lines, self.program, self.dimensions)

    def _repr_html_(self) -> str:
        from chainrule.derive.render.notebook import show_html

        return show_html({self.name: self})

    def _repr_latex_(self) -> str:
        from chainrule.derive.render.notebook import show_latex

        return show_latex({self.name: self})

    def _repr_markdown_(self) -> str:
        return self._repr_latex_()


def _named(found: FoundGradient) -> Ref:
    return found.target if isinstance(found, FoundDerivative) else found.gradient


Derivatives = dict[str, Derivative]


def jacobians(program: Program, of: str | None = None, wanted: Iterable[str] | None = None) -> Derivatives:
    """The Jacobian of the output, or of another quantity, by each input that it depends on, or those wanted."""
    name = of or program.output
    if name not in program.defined:
        raise EquationError(f"no line defines `{name}`; a Jacobian is taken of one of {', '.join(program.defined)}")
    made: Derivatives = {}
    for by in _inputs(program, wanted):
        engine = JacobianEngine(program, name, by)
        if wanted is None and name not in engine.depends([by]):
            continue
        found = engine.jacobian()
        made[found.target.name] = _complete(engine, found, (), engine.used(found), program, f"jacobian_{name}_{by}")
    if not made:
        raise EquationError(f"`{name}` depends on no input, so that it has no Jacobian")
    return made


def hessians(program: Program, wanted: Iterable[str] | None = None) -> Derivatives:
    """The second derivatives of a scalar output by all pairs of inputs, or of those wanted; blocks that are 0 too."""
    reverse, names = _scalar_engine(program), _inputs(program, wanted)
    made: Derivatives = {}
    for first, second in combinations_with_replacement(names, 2):
        gradient = reverse.gradient(first)
        extended = with_gradient(reverse, first)
        engine = JacobianEngine(extended, f"d{first}", second)
        inner = engine.jacobian()
        of, by = inner.left.of, inner.left.by  # type: ignore[attr-defined]
        left = Partial(Partial(Ref(program.output), Ref(first, of.indices)), by)
        target = Ref(f"d2{program.output}_d{first}_d{second}", inner.target.indices)
        found = replace(inner, target=target, left=left, kind="hessian")
        chain = [*(reverse.found[name] for name in reverse.mentioned(gradient)), gradient, *engine.used(inner)]
        needs = [reverse.found[n] for n in (*reversed(program.defined), first) if f"d{n}" in _names(reverse, found)]
        made[target.name] = _complete(engine, found, needs, chain, program, f"hessian_{first}_{second}")
    return made


def differentials(program: Program, varied: Iterable[str] | None = None) -> Derivatives:
    """Forward mode: the differential of the output where these inputs vary, or all of them."""
    names = _inputs(program, varied)
    engine = DifferentialEngine(program, names)
    found = engine.differential(program.output)
    needs = [engine.found[name] for name in engine.needed(found.node) if engine.found[name] is not found]
    return {found.target.name: _complete(engine, found, needs, needs, program, "jvp")}


def evaluate_jvp(program: Program, inputs: Mapping[str, Any], tangents: Mapping[str, Any]) -> Any:
    """The tangent of the output at a point, by the generated NumPy code."""
    (made,) = differentials(program, list(tangents)).values()
    namespace: dict[str, Any] = {}
    exec(compile(made.numpy, "<generated>", "exec"), namespace)  # our own source, made from a checked program
    function = namespace[made.function]
    missing = [name for name in program.inputs if name not in inputs]
    if missing:
        raise EquationError(f"no value for {', '.join(missing)}")
    arrays = {name: np.asarray(value) if np.ndim(value) else value for name, value in inputs.items()}
    arrays |= as_places(program, arrays)
    known = {**arrays, **evaluate(program, arrays)}
    known |= {f"d{name}": np.asarray(tangent) for name, tangent in tangents.items()}
    names = python_names(program)
    python = {names.get(name, name): value for name, value in known.items()}
    return function(*(python[argument] for argument in inspect.signature(function).parameters))


def hessian_times_vector(program: Program, name: str) -> Program:
    """A program whose gradient by `name` is the Hessian of its scalar output times `v`: its end is dw · v."""
    engine = _scalar_engine(program)
    (name,) = _inputs(program, [name])
    extended = with_gradient(engine, name, "g_")
    if taken := {"v", "slope"} & set(extended.ranks):
        raise EquationError(f"`{taken.pop()}` is a name of the program; it is needed for the vector or the slope")
    letters = extended.statements[-1].target.axes
    sides = f"g_{name}[{','.join(letters)}] * v[{','.join(letters)}]" if letters else f"g_{name} * v"
    return parse(f"{extended}\nslope = " + (f"sum[{','.join(letters)}]({sides})" if letters else sides))


def with_gradient(engine: Engine, name: str, mark: str = "d") -> Program:
    """The program of an engine, with the lines that compute the gradient of one of its quantities after its own."""
    program, found = engine.program, engine.gradient(name)
    lines = [*(engine.found[other] for other in engine.needed(found.node)), found]
    new = {f"d{line.target.name}": f"{mark}{line.target.name}" for line in lines}
    statements = [Statement(Ref(new[f.gradient.name], f.target.indices), _renamed(f.node, new)) for f in lines]
    dimensions, of = program.dimensions, dict(program.dimensions.of)
    letters = frozenset().union(*(s.target.letters | s.value.letters for s in statements))
    of |= {letter: engine.letters.of[letter] for letter in letters}
    axes = {s.target.name: dimensions.axes[line.target.name] for s, line in zip(statements, lines, strict=True)}
    ranks = {**program.ranks, **{s.target.name: len(s.target.indices) for s in statements}}
    both = (*program.statements, *statements)
    return replace(program, statements=both, ranks=ranks, dimensions=Dimensions({**dimensions.axes, **axes}, of))


def _renamed(expr: Expr, names: Mapping[str, str]) -> Expr:
    if isinstance(expr, Ref):
        return Ref(names.get(expr.name, expr.name), expr.indices)
    return expr.map(lambda child: _renamed(child, names))


def _scalar_engine(program: Program) -> Engine:
    if program.ranks[program.output]:
        problem = f"a Hessian is that of a scalar, but `{program.output}` has indices"
        raise EquationError(f"{problem}; add a line such as L = sum[…]({program.output}[…]), or ask for a Jacobian")
    return Engine(program)


def _names(engine: Engine, found: FoundGradient) -> set[str]:
    """The gradients that an expression needs, by name."""
    names = set(found.node.names)
    for name in engine.program.ranks:
        if f"d{name}" in names and name in engine.found:
            names |= {f"d{other}" for other in engine.needed(engine.found[name].node)}
    return names


def _inputs(program: Program, wanted: Iterable[str] | None) -> list[str]:
    known = [name for name in program.inputs if name not in program.whole]
    names = known if wanted is None else list(wanted)
    for name in names:
        if name not in known:
            raise EquationError(f"`{name}` is no input; the inputs are {', '.join(known)}")
    if not names:
        raise EquationError("the program has no input; expected a name that no line defines, such as X in Y = exp(X)")
    return names


def _complete(
    engine: ForwardEngine,
    found: FoundDerivative,
    needs: Iterable[FoundGradient],
    chain: Iterable[FoundGradient],
    program: Program,
    function: str,
) -> Derivative:
    points, untaken = len(engine.proof.points), engine.proof.untaken
    return Derivative(found, tuple(needs), tuple(chain), program, engine.letters.of, points, untaken, function)
