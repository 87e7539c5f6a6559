"""Which notation a text is in: matrix notation has signs that nothing else has, or no index; LaTeX has commands."""

import re

from chainrule.derive.language.claims import KINDS
from chainrule.derive.language.errors import EquationError
from chainrule.derive.language.programs.reader import parse

# a transpose, an inverse, a norm, a product side by side with @ or entry by entry, a shape
SIGNS = re.compile(
    r"[ᵀ⊤‖@∘⊙⊘𝟏]|\^\s*\{?-?[T⊤](?![\w])|\^T(?=[A-Za-z])|\.T\b|\|\||\.\*|\./|\.\^|⁻[¹ᵀ]|[A-Z]\w*\s*\^\s*\{?-1|[A-Za-z)]'"
    r"|\b(?:[tT]r|trace|diag|inv|logdet|norm|sum|mean|rowsum|colsum|softmax|log_softmax|chol|solve|outer|dot)\s*\(|^\s*\w+(?:\s*,\s*\w+)*\s*(?::|∈)\s*(?:[A-Z]\b|\d|ℝ|scalar|vector|matrix)",
    re.MULTILINE,
)


# factors side by side; a left side with parameters
SIDE_BY_SIDE = re.compile(
    r"=.*(?:[\w)]\s+(?!assume\b)[^\W\d_(]|\w\s+\(|\)\s*\(|\d[^\W\d_eE]|\)[^\W\d_]|(?<!\w)[^\W\d_]\()"
    r"|^\s*[^\W\d]\w*\s*\([\w\s,]+\)\s*=",
    re.MULTILINE,
)
# a matrix beside a vector, as in σ(Wx + b), where nothing is multiplied with a sign
BESIDE = re.compile(r"=[^*\[]*(?<![\w.])(?!CE|KL|JS|TV)[A-Z][A-Za-z](?![\w(])[^*\[]*$", re.MULTILINE)


def is_matrix_notation(text: str) -> bool:
    """Whether a program is in matrix notation: it has no index, and a sign of it, or factors side by side."""
    plain = "\n".join(row.split("#")[0] for row in text.split("\n"))
    if "\\" in plain or re.search(r"\w\[|_\{|\w_[a-z]\b", plain):
        return False
    if SIGNS.search(plain) or (BESIDE.search(plain) and "*" not in plain):
        return True
    try:
        parse(text)
    except EquationError:
        return bool(SIDE_BY_SIDE.search(plain))
    return False


def is_latex(text: str) -> bool:
    """Whether a program is in LaTeX; subscripts alone are LaTeX where nothing has brackets."""
    marks = r"\\[A-Za-z]|[_^]\{" if "[" in text else r"\\[A-Za-z]|[_^]\{|\w_[a-z]\b"
    return bool(re.search(marks, text))


def plain_latex(text: str) -> str:
    """LaTeX without subscripts in the signs of matrix notation; what has none there keeps its backslash."""
    for pattern, sign in LATEX:
        text = re.sub(pattern, sign, text)
    return text


LATEX = (
    (r"\\(?:left|right|,|;|!|quad|mathbf|boldsymbol|bm|displaystyle)(?![A-Za-z])", ""),
    (r"\\[dt]?frac\s*\{([^{}]*)\}\s*\{([^{}]*)\}", r"((\1)/(\2))"),
    (r"\^\s*\{?\s*\\(?:top|intercal|mathsf\s*\{?T\}?)\s*\}?", "ᵀ"),
    (r"\^\s*\{\s*-\s*\\top\s*\}", "⁻ᵀ"),
    (r"\\(?:\||lVert|rVert|Vert)", "‖"),
    (r"\\(?:odot|circ)(?![A-Za-z])", "∘"),
    (r"\\cdot(?![A-Za-z])", "*"),
    (r"\\(?:mathrm|operatorname|text)\s*\{(\w+)\}", r" \1"),
    (r"\\(log|exp|det|tanh|sin|cos|max|min)(?![A-Za-z])", r" \1 "),
    (r"\\lambda(?![A-Za-z])", " λ"), (r"\\mu(?![A-Za-z])", " μ"), (r"\\beta(?![A-Za-z])", " β"),
    (r"\\alpha(?![A-Za-z])", " α"), (r"\\Sigma(?![A-Za-z])", " Σ"), (r"\\sigma(?![A-Za-z])", " σ"),
    (r"\\gamma(?![A-Za-z])", " γ"), (r"\\theta(?![A-Za-z])", " θ"),
)  # fmt: skip


def is_matrix_derivation(text: str) -> bool:
    """Whether a derivation is in matrix notation: neither its forward nor a left side, `gradient dW`, has an index."""
    rows = [row.split("#")[0] for row in text.split("\n")]
    heads = [k for k, row in enumerate(rows) if re.match(rf"\s*(?:forward|{'|'.join(KINDS)})\b", row, re.IGNORECASE)]
    if not heads or not re.match(r"\s*forward\b", rows[heads[0]], re.IGNORECASE) or len(heads) < 2:
        return False
    if re.search(r"\w\[", "\n".join(rows[heads[0] :])):
        return False
    forward = "\n".join(rows[heads[0] + 1 : heads[1]])
    lines = "\n".join(re.sub(r"^(\s*)=", r"\1Z =", row) for row in rows[heads[1] + 1 :])
    return is_matrix_notation(forward) or bool(SIGNS.search(lines))
