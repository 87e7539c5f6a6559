"""`chainrule derive`: the gradient, step by step."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from chainrule.cli.terminal.files import write_text
from chainrule.cli.terminal.output import print_json
from chainrule.errors import UserError

if TYPE_CHECKING:
    from chainrule.derive import Program
    from chainrule.derive.render import Chapter, Derived, Page


class Form(StrEnum):
    """How the gradients are written."""

    text = "text"
    latex = "latex"
    markdown = "markdown"
    html = "html"
    numpy = "numpy"
    pytorch = "pytorch"
    matrix = "matrix"


COMMENT = {Form.latex: "%", Form.numpy: "#", Form.pytorch: "#", Form.matrix: "#"}


def derive(  # long by its options and its help alone
    source: Annotated[
        list[str], typer.Argument(metavar="NAME|FILE|EQUATION...", help="What to derive; - is standard input.")
    ],
    wanted: Annotated[
        list[str] | None, typer.Option("--input", metavar="W", help="The gradient of this one; may be repeated.")
    ] = None,
    jacobian: Annotated[bool, typer.Option("--jacobian", help="Derive d(output)/d(input) instead.")] = False,
    hessian: Annotated[
        bool, typer.Option("--hessian", help="Derive the second derivatives of a scalar output.")
    ] = False,
    jvp: Annotated[
        str, typer.Option(metavar="X,W", help="Forward mode: the differential of the output where these inputs vary.")
    ] = "",
    hvp: Annotated[str, typer.Option(metavar="W", help="The Hessian by this input, times a vector v.")] = "",
    form: Annotated[Form, typer.Option(help="How it is written.")] = Form.text,
    html: Annotated[Path | None, typer.Option(metavar="FILE", help="Write a page, readable offline, to this.")] = None,
    steps: Annotated[bool, typer.Option("--steps/--no-steps", help="Every step, or the results alone.")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything for programs.")] = False,
) -> None:
    """Derive gradients step by step in index notation.

    NAME is a layer of chainrule in any usual spelling, whose equations are in its docstring, or a program of the
    gallery (conv2d, max_pool, attention, ...). An equation may be LaTeX. FILE is a program, or a Python file whose
    docstring has the sections Forward and Backward. Several equations make one program; every name that none of them
    defines is an input.

    Each line of a derivation equals the one before by the law beside it, and is held to it at random points; the result
    is held to complex-step differences of the program. With --jacobian, --hessian, --jvp or --hvp another derivative
    is derived, and proven in the same way; --input says by which inputs. What is printed can be read by
    `chainrule prove`; the form latex
    needs \\usepackage{amsmath}, and fits on a page of the class article.

    \b
    The language:
      X[s,n]  dX[s,n]  delta[i,j]  size[i]     arrays, gradients, Kronecker's delta, how far i runs
      sum[i,j](...)  mean[i](...)  max[i](...)  prod[i](...)   reductions over indices
      sum[j<=i](...)  prod[j!=i](...)  cumsum[i](...)   over a range; running sums, products, maxima
      sort[i](X[i])                             from the smallest on; equal ones keep their order
      std[i](...)  var  norm  logsumexp  softmax[k](X[s,k])   shorthands; std and var divide by the size
      where(X[i] > 0, a, b)  exp  log  sqrt  tanh  erf  sigmoid  arccos  lgamma  gelu  ...  e^x
      h(X[i])  h'(X[i])                         an unknown function (f, g, h, phi, psi), its derivative
      function act                              a line that makes act an unknown function too
      X[s,c,2*i+a]                              index arithmetic; zero outside the array
      h[-1] = h0                                a start (or h[0] = h0), without which h[-1] is 0
      h[t] = a[t] * h[t-1] + x[t]               a recurrence; several lines may step together, or step back (t+1)
      X[s,y[s]]  E[idx[t],m]  delta[k,y[s]]     class numbers: y holds places along the axis
      inv(X)[i,j]  det(X)  trace(X)  chol(S)[i,j]  solve(A, b)[i]
      assume sum[k](T[s,k]) = 1                 a line that says what holds of the inputs
      assume y[s] in k                          y holds places along k
      assume size[i] = N                        N is the name of a size
      assume repeated indices are summed        Einstein's sums, in lines and claims
      Y = X Wᵀ + b   L = ‖X w - y‖²   X: S×M    matrices: products side by side, X' X^T X.T X⁻¹ ∘ tr ...
      outputs c, y                              a line that names several outputs

    \b
    Examples:
      chainrule derive softmax
      chainrule derive layernorm --no-steps
      chainrule derive linear --input W --form numpy
      chainrule derive crossentropy --html crossentropy.html
      chainrule derive silu | chainrule prove -
      chainrule derive softmax --jacobian
      chainrule derive "L = sum[i]((y[i] - sum[m](X[i,m]*w[m]))^2)" --hessian --input w
      chainrule derive linear --jvp X,weight --form numpy
      chainrule derive attention --form latex > attention.tex
      chainrule derive 'Y_{ij} = \\sum_k X_{ik} W_{jk}'
      chainrule derive "L = aᵀ X⁻¹ b + log(det(X))"
      chainrule derive "E[i] = sum[j](A[i,j] * x[j])" "L = sum[i](E[i]^2)"
    """
    from chainrule.catalogue import make_derivative_page, make_page, read_entries

    if sum([jacobian, hessian, bool(jvp), bool(hvp)]) > 1:
        raise UserError("--jacobian, --hessian, --jvp and --hvp are four different derivatives; ask for one of them")
    if wanted and (jvp or hvp):
        raise UserError("--input belongs to gradients, --jacobian and --hessian; name the inputs after --jvp or --hvp")
    entries = read_entries(source)
    if jacobian or hessian or jvp or hvp:
        page = make_derivative_page(entries, lambda program: _derive_other(program, wanted, hessian, jvp, hvp))
    else:
        page = make_page(entries, wanted)
    try:
        if html is not None:
            write_text(html, _as_text(page, Form.html, steps))
            print(f"wrote {html}")
        elif as_json:
            print_json(_describe_page(page))
        else:
            _print(_as_text(page, form, steps), form)
    except KeyError as error:  # there is no such input
        raise UserError(str(error.args[0])) from error


def _derive_other(program: Program, wanted: list[str] | None, hessian: bool, jvp: str, hvp: str) -> Chapter:
    """A program with its Hessians, its differential, its Hessian times v, or else its Jacobians."""
    from chainrule.derive import derive
    from chainrule.derive.render import Chapter

    known = derive(program)
    if hvp:
        times_vector = known.hvp(hvp)
        return Chapter(times_vector.program, times_vector)
    if jvp:
        return Chapter(program, known.differential([name.strip() for name in jvp.split(",")]))
    return Chapter(program, known.hessian(wanted) if hessian else known.jacobian(None, wanted))


def _as_text(page: Page, form: Form, steps: bool) -> str:
    from chainrule.derive import render  # each form loads when it is asked for

    if form == Form.html:
        return render.html_page(page, steps)
    if form == Form.markdown:
        return render.markdown_page(page, steps)
    parts = []
    for chapter in page.chapters:
        heading = chapter.heading(page.title)
        if form == Form.text:
            lead = f": {page.lead}" if page.lead else ""
            parts.append(render.text_page(chapter.program, chapter.gradients, steps, heading + lead))
        else:
            remark = f"{COMMENT[form]} {heading}\n" if len(page.chapters) > 1 else ""
            parts.append(remark + "\n".join(_equations(chapter.gradients, form, steps)))
    return "\n".join(parts)


def _equations(gradients: Mapping[str, Derived], form: Form, steps: bool) -> Iterable[str]:
    """What each gradient is in a form that has no pages."""
    from chainrule.derive.codegen.pytorch import write_pytorch
    from chainrule.derive.render import latex_page

    if form == Form.latex:
        yield latex_page(gradients, steps)
        return
    for gradient in gradients.values():
        if form == Form.numpy:
            yield gradient.numpy
        elif form == Form.pytorch:
            yield write_pytorch(gradient.numpy) or f"# no PyTorch form of the gradient of {gradient.name}"
        else:
            yield gradient.matrix or "\n".join(f"{line}  # no matrix form" for line in gradient.index.split("\n"))


def _print(text: str, form: Form) -> None:
    if form != Form.text or not sys.stdout.isatty():
        print(text.rstrip("\n"))
        return
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False, soft_wrap=True)
    for row in text.rstrip("\n").split("\n"):
        expression, sign, law = row.partition("# ")
        style = "bold" if row[:1].strip() and not sign else ""
        console.print(Text.assemble((expression, style), (sign + law, "cyan")))


def _describe_page(page: Page) -> dict[str, Any]:
    return {
        "name": page.title,
        "title": page.lead,
        "programs": [
            {
                "variant": chapter.variant,
                "forward": str(chapter.program).split("\n"),
                "gradients": {name: _describe_gradient(gradient) for name, gradient in chapter.gradients.items()},
            }
            for chapter in page.chapters
        ],
    }


def _describe_gradient(gradient: Derived) -> dict[str, Any]:
    return {
        "index": gradient.index.split("\n"),
        "matrix": gradient.matrix.split("\n") if gradient.matrix else None,
        "latex": gradient.latex,
        "numpy": gradient.numpy,
        "steps": [{"equation": str(step), "law": step.law} for step in gradient.steps],
        "proof": {"points": gradient.points, "error": gradient.error},
    }
