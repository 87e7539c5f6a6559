"""The arrays that a forward knows: its inputs, what it computes on the way, and how a person calls them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from chainrule.check.diagnosis.case import Case
from chainrule.check.model.problem import Array
from chainrule.check.replay.arrays import to_numpy
from chainrule.check.replay.tape import Site, call_it


@dataclass(frozen=True, eq=False)
class Known:
    """An array of the forward, with its name and its place in the list of all."""

    index: int
    name: str
    value: Array
    line: int | None = None


@lru_cache(maxsize=16)
def list_known(case: Case) -> list[Known]:
    """Return the arrays in an order that is the same at every point: inputs, Y, dY, then results as they come."""
    named: list[tuple[str, Any, int | None]] = [(name, a, None) for name, a in case.problem.inputs.items()]
    named += [("Y", case.Y, None), ("dY", case.problem.dY, None)]
    last = {execution.site.line: execution for execution in case.executions}
    ends = {(e.site.line, e.site.caller): e for e in case.executions if e.site.caller}
    for execution in case.executions:
        site = execution.site
        name = _call_returned(case, site) if ends.get((site.line, site.caller)) is execution else ""
        name = name or _call_result(case, site, execution is last[site.line])
        named.append((name, execution.result, execution.site.line))
    return [Known(i, name, to_numpy(value), line) for i, (name, value, line) in enumerate(named)]


@lru_cache(maxsize=16)
def list_distinct(case: Case) -> list[Known]:
    """Return the known arrays of numbers, of those with the same values the first alone."""
    kept: dict[tuple[Any, ...], Known] = {}
    for known in list_known(case):
        if known.value.dtype.kind in "fb":
            numbers = known.value.astype(float) + 0.0  # −0 is 0
            kept.setdefault((numbers.shape, numbers.tobytes()), known)
    return list(kept.values())


def broadcasts(shape: tuple[int, ...], onto: tuple[int, ...]) -> bool:
    """Tell whether a shape broadcasts onto another and leaves it as it is."""
    try:
        return np.broadcast_shapes(shape, onto) == onto
    except ValueError:
        return False


def describe_site(case: Case, site: Site) -> str:
    """Return "`mean` (line 42: mu = X.mean(axis=1))", of what is known of the line.

    Of several of its operations of one kind, the expression is given: "`h @ U` (line 7: …)".
    """
    text = source_line(case, site)
    where = f" (line {site.line}{': ' + text if text else ''})" if is_in_source(case, site) else ""
    alike = {e.site for e in case.executions if (e.site.operation, e.site.line) == (site.operation, site.line)}
    return f"`{(site.expression if len(alike) > 1 else '') or call_it(site)}`{where}"


def source_line(case: Case, site: Site) -> str:
    """Return the text of the line that the site stands in, without a comment; "" where it is not known."""
    source = case.problem.source
    if source is None or not is_in_source(case, site):
        return ""
    return re.sub(r"\s+#.*", "", source.line(site.line))


def is_in_source(case: Case, site: Site) -> bool:
    """Whether the site stands in the person's own file."""
    source = case.problem.source
    return source is not None and str(source.path) == site.file


def line_of(case: Case, site: Site) -> int | None:
    """Return the line of the site in the person's file."""
    return site.line if is_in_source(case, site) else None


def sites_of(case: Case) -> Iterator[Site]:
    """Yield every site once: what brings a whole axis together first, for it is what one takes for a constant."""
    sites = list(dict.fromkeys(execution.site for execution in case.executions))
    reductions = {"mean", "var", "std", "sum", "max", "min", "prod"}
    yield from sorted(sites, key=lambda site: call_it(site) not in reductions)


def _call_returned(case: Case, site: Site) -> str:
    """Return the name that is given to what a function returns with its operation; "" where there is none."""
    if not source_line(case, site).startswith("return ") or case.problem.source is None:
        return ""
    assigned = re.match(r"([A-Za-z_][\w.]*)\s*=[^=]", case.problem.source.line(site.caller))
    return f"`{assigned[1]}` (line {site.caller})" if assigned else ""


def _call_result(case: Case, site: Site, is_last: bool) -> str:
    """Return the name that the line gives its result, or say which operation's it is."""
    text = source_line(case, site) if is_last else ""
    assigned = None if "lambda" in text else re.match(r"([A-Za-z_][\w.]*)\s*=[^=]", text)
    where = f" (line {site.line})" if is_in_source(case, site) else ""
    return f"`{assigned[1]}`{where}" if assigned else f"the result of `{call_it(site)}`{where}"
