"""Sizes that a document declares, `X \\in \\mathbb{R}^{n \\times d}`, or that divide its sums, as in `\\frac{1}{N}`."""

import re
from collections.abc import Iterable, Iterator

from chainrule.derive.language.expressions import Div, Expr, Mul, Reduce, Ref
from chainrule.derive.reading.grammar.expressions import Grammar
from chainrule.derive.reading.tokens import UnreadableError, cut_latex

COUNTS = frozenset("nmNM")
CUSTOMARY = "DKMN"  # each below a fraction line is the size of the index with its letter, K classes of k
_NAME = r"(?:\\(?:mathbf|boldsymbol|bm|vec|hat|tilde|bar|mathrm)\s*\{[^{}]*\}|\\[A-Za-z]+|[A-Za-z])"
_NAMES = rf"{_NAME}(?:_(?:\{{[^{{}}]*\}}|\w)|\^\{{\([^{{}}]*\)\}})*"
_DECLARED = re.compile(
    rf"(?<![\w\\}}^])(?P<names>{_NAMES}(?:\s*,\s*{_NAMES})*)\s*\\in\s*(?:\\mathbb\s*\{{?\s*R\s*\}}?|\\R(?![a-z])|\\Re(?![a-z]))"
    r"\s*(?:\^\s*(?P<size>\{(?:[^{}]|\{[^{}]*\})*\}|\w))?"
)


def find_sizes(defined: Iterable[Expr], derived: Iterable[Expr], targets: Iterable[Ref]) -> dict[str, str]:
    """The names that divide a sum and stand for nothing else, each with the index that its sum runs over.

    A customary capital is the size of its letter wherever it divides. Where such sums run over several indices, those
    of what is defined count. A count such as n that gradients alone speak of is the size of the one index summed over.
    """
    defined, derived, targets = list(defined), list(derived), list(targets)
    values = [*defined, *derived]
    nodes = [node for value in values for node in value.walk()]
    arrays = {node.name for node in (*nodes, *targets) if isinstance(node, Ref) and node.indices}
    arrays |= {target.name.removeprefix("d") for target in targets} | {target.name for target in targets}
    found = _over(nodes) | _over([node for value in defined for node in value.walk()])
    letters = {letter for value in values for letter in value.letters}
    sizes: dict[str, str] = {}
    for name, over in found.items():
        if name in arrays or name in letters or len(name) > 1:
            continue
        if name.lower() in over:
            sizes[name] = name.lower()
        elif len(over) == 1:
            sizes[name] = min(over)
    below = {
        each.name
        for node in nodes
        if isinstance(node, Div)
        for each in node.denominator.walk()
        if isinstance(each, Ref) and not each.indices
    }
    plain = {name for name in below & set(CUSTOMARY) if name.lower() in letters and name not in arrays}
    return {name: name.lower() for name in sorted(plain)} | _counts(defined, derived, arrays | letters) | sizes


def _counts(defined: Iterable[Expr], derived: Iterable[Expr], taken: set[str]) -> dict[str, str]:
    """The names of counts in gradients that nothing else explains, where what is defined sums over one index alone."""
    over = {letter for e in defined for n in e.walk() if isinstance(n, Reduce) for letter in n.indices}
    explained = {name for value in defined for name in value.names} | taken
    said = {node.name for value in derived for node in value.walk() if isinstance(node, Ref) and not node.indices}
    return dict.fromkeys(sorted((said & COUNTS) - explained), min(over)) if len(over) == 1 else {}


def _over(nodes: Iterable[Expr]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for node in nodes:
        for name, letter in _means(node):
            found.setdefault(name, set()).add(letter)
    return found


def _means(node: Expr) -> Iterator[tuple[str, str]]:
    """The name that divides a sum over one index here, and the index."""
    factors = node.factors if isinstance(node, Mul) else (node.numerator,) if isinstance(node, Div) else ()
    sums = [f.indices[0] for f in factors if isinstance(f, Reduce) and f.operation == "sum" and len(f.indices) == 1]
    below = [f.denominator for f in (node, *factors) if isinstance(f, Div)]
    names = [each.name for each in below if isinstance(each, Ref) and not each.indices]
    if len(sums) == 1:
        yield from ((name, sums[0]) for name in names)


def find_declared(latex: str) -> tuple[dict[str, tuple[str, ...]], str]:
    """The sizes that are declared of names, beside those of their own places, and the formula without that."""
    found: dict[str, tuple[str, ...]] = {}

    def read(match: re.Match[str]) -> str:
        size = (match["size"] or "").strip("{}")
        words = [re.sub(r"[{}\s\\]", "", word) for word in re.split(r"\\times|\\cdot|×", size) if word.strip()]
        kept, parts = "", re.split(r",(?![^{]*\})", match["names"])
        if "=" in re.split(r"\\q?quad", latex[: match.start()])[-1]:  # of L = w, b \in R the w ends an equation
            kept, parts = ",".join(parts[:-1]), parts[-1:]
        names = list(map(_name, parts))
        if any(name is None for name in names) or not all(re.fullmatch(r"[A-Za-z]\w*|[1-9]\d{0,3}", w) for w in words):
            return match[0]
        found.update({name: tuple(words) for name in names if name})
        return kept.ljust(len(match[0]))

    return found, _DECLARED.sub(read, latex)


def _name(latex: str) -> str | None:
    try:
        expr = Grammar(cut_latex(latex)).whole()
    except UnreadableError:
        return None
    return f"{expr.name}[]" * bool(expr.indices) or expr.name if isinstance(expr, Ref) else None
