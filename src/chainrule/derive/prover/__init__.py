"""Holds a person's derivation to the truth, line by line: `prove`.

`reading` takes the text, `truth` says what every name stands for, `judging` decides whether two lines are equal and
where they differ, `repair` searches for the edit that makes a wrong line follow, and `judge` puts them together. The
engine has no part in it: the prover differentiates by rules of its own.

Imports: display, evaluation, language.
"""

from chainrule.derive.prover.judge import prove
from chainrule.derive.prover.verdict import Verdict

__all__ = ["Verdict", "prove"]
