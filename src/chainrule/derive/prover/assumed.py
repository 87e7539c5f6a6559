"""What a wrong chain may take for granted of its inputs: that the entries of a target sum to 1, as probabilities do."""

from collections.abc import Collection, Iterator

from chainrule.derive.language.expressions import ONE, Compare, Reduce, Ref
from chainrule.derive.language.programs.program import Assumption, Program


def list_distributions(program: Program, names: Collection[str]) -> Iterator[Assumption]:
    """For each input among these names, that it sums to 1 over its last index."""
    known = {claim.left for claim in (each.claim for each in program.assumptions)}
    targets = {statement.target.name for statement in program.statements}
    found: dict[str, Reduce] = {}
    for statement in program.statements:
        for node in statement.value.walk():
            if isinstance(node, Ref) and node.indices and node.name in names and all(i.letter for i in node.indices):
                found.setdefault(node.name, Reduce("sum", (node.indices[-1].letter or "",), node))
    for name, total in found.items():
        if name not in targets and total not in known:
            yield Assumption(Compare("==", total, ONE))
