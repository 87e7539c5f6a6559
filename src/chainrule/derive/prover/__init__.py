"""Holds a person's derivation to the truth, line by line: `prove`.

reading.py         the text, with lines of the wrong shape told apart
partials.py        derivatives in a line, worked out
model.py           what every name stands for, and its values at a point
points.py          points that satisfy what is assumed
agreement.py       whether two lines are equal
pattern.py         where they differ
counterexample.py  the smallest case in which they do
places.py          where a line can be edited
edits.py           small edits that need nothing from elsewhere
additions.py       edits that put something in
repair.py          the search for the edit that makes the line follow
definitions.py     the search in the shorthands that the line uses
verdict.py         the answer
judge.py           `prove`
"""

from chainrule.derive.prover.judge import prove
from chainrule.derive.prover.verdict import Verdict

__all__ = ["Verdict", "prove"]
