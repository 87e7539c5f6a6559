r"""The unit vector of a class number by one name: `e_{y}` for `\mathbf{1}_y` and `\mathrm{onehot}(y)`."""

import re
from dataclasses import replace

from chainrule.derive.reading.spelling.formulas import Formula

_BOLD = r"\\(?:mathbf|mathbb|boldsymbol|bm|mathds|vec)"
_ONE = rf"{_BOLD}\s*(?:\{{\s*1\s*\}}|1)\s*_\s*(?:\{{\s*y\s*\}}|y(?![A-Za-z]))"  # of another letter it is its size
_WORD = r"\\(?:operatorname\*?|math(?:rm|sf|tt|bf)|text(?:rm|tt|bf)?)\s*\{\s*one\s*(?:\\?_|-|\s)?\s*hot\s*\}"
_UNIT = re.compile(rf"{_ONE}|{_WORD}\s*(?:\\left)?\(\s*([a-z])\s*(?:\\right)?\)|{_WORD}\s*_\s*\{{?\s*([a-z])\s*\}}?")


def with_unit_vectors(formulas: list[Formula]) -> list[Formula]:
    """The formulas with e_y for the vector that is 1 at the class y."""

    def named(match: re.Match[str]) -> str:
        return f"e_{{{match[1] or match[2] or 'y'}}}"

    return [replace(formula, latex=_UNIT.sub(named, formula.latex)) for formula in formulas]
