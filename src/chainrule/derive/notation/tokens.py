"""Cuts a line of matrix notation into tokens; what stands above a name becomes one token."""

import re
from collections.abc import Collection
from dataclasses import dataclass

from chainrule.derive.language.errors import EquationError
from chainrule.derive.language.functions import ALIASES, FUNCTIONS
from chainrule.derive.language.words.composed_functions import COMPOSED
from chainrule.derive.reading.tokens import GREEK, LOSS_WORDS

MAX_TOKENS = 2000

RAISED = {
    "ᵀ": "T", "⊤": "T", "'": "T", "′": "T", "’": "T", "⁻¹": "-1", "⁻ᵀ": "-T", "⁻²": "-2", "²": "2", "³": "3",
}  # fmt: skip
_PATTERNS = [
    ("raised", re.compile(r"⁻[¹ᵀ²]|[ᵀ⊤'′’²³]|\.T\b")),
    ("raised", re.compile(r"\^\s*(?:\{\s*)?(-?\s*(?:T|⊤|ᵀ|top)(?![\w]))\s*\}?")),
    ("raised", re.compile(r"\^\s*T(?=[A-Zα-ωΑ-Ω]|[a-z](?![a-z]))")),  # X^TX
    ("raised", re.compile(r"\^\s*\{\s*(-?\s*[0-9]+)\s*\}")),
    ("raised", re.compile(r"\^\s*(-\s*1)(?![0-9])")),
    ("raised", re.compile(r"\^\s*\(\s*(-\s*1)\s*\)")),
    ("number", re.compile(r"(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")),
    ("operator", re.compile(r"<=|>=|==|!=|[<>≤≥≠]|\.\*|\./|\.\^|\^∘|\*\*|\|\||[-+*/^()\[\]{}=,:@∘⊙⊘·⋅×‖|₁₂]")),
]  # fmt: skip
SPELLINGS = {"−": "-", "–": "-", "⊙": "∘", ".*": "∘", "./": "⊘", "^∘": ".^", "⋅": "·", "×": "*", "**": ".^",
             "||": "‖", "≤": "<=", "≥": ">=", "≠": "!="}  # fmt: skip
NAMES = {"Σ": "Sigma", "𝟏": "ones", "𝟙": "ones", "1̲": "ones", "σ": "sigma"}
CALLS = frozenset(
    {*FUNCTIONS, *ALIASES, *COMPOSED, "tr", "trace", "det", "logdet", "inv", "diag", "sum", "mean", "norm", "norm1"}
    | {"norm2", "softmax", "log_softmax", "logsoftmax", "Tr", "chol", "max", "min", "eye", "dot", "outer", "solve"}
    | {"transpose", "rowsum", "colsum"}
)


@dataclass(frozen=True)
class Token:
    """kind: `name`, `number`, `operator`, `raised` (what stands above: T, -1, -T, 2) or `end`."""

    kind: str
    text: str
    column: int
    spaced: bool = False  # whether a space stands before it

    def __str__(self) -> str:
        return "the end of the line" if self.kind == "end" else f"`{self.text}`"


_LIBRARY = re.compile(r"(?<![\w.])(?:np|numpy|jnp|torch|F|nn\.functional|tf)\.(?=[a-z]\w*\()(?!dot\()")  # np.exp(


def cut(source: str, line: int, known: Collection[str] = ()) -> list[Token]:
    """The tokens of a line without its remark. A word that is no known name may be names side by side: `XW`, `Ax`."""
    source = _LIBRARY.sub(lambda match: " " * len(match[0]), source.split("#")[0].rstrip().replace("½", "(1/2)"))
    tokens: list[Token] = []
    at = 0
    while at < len(source):
        if source[at].isspace():
            at += 1
            continue
        spaced = at > 0 and source[at - 1].isspace()
        kind, text, end = _next(source, at, line)
        if text[0] == "_" and (not tokens or tokens[-1].text not in "‖|"):  # it says the kind of a norm alone
            raise EquationError(f"`{text}` is no sign of matrix notation", line, at + 1, source)
        words = split_word(text, known) if kind == "name" else [text]
        for k, word in enumerate(words):
            tokens.append(Token(kind, NAMES.get(word, word), at + 1 + k * (len(words) > 1), spaced and not k))
        at = end
        if len(tokens) > MAX_TOKENS:
            raise EquationError(f"the line has more than {MAX_TOKENS} words and signs", line, 1, source)
    return [*tokens, Token("end", "", len(source) + 1)]


def _next(source: str, at: int, line: int) -> tuple[str, str, int]:
    for kind, pattern in _PATTERNS:
        if match := pattern.match(source, at):
            text = match.group(1) if kind == "raised" and match.lastindex else match.group()
            if kind == "raised":
                text = re.sub(r"\s|\^|\.(?=T)", "", text).replace("⊤", "T").replace("ᵀ", "T").replace("top", "T")
                text = RAISED.get(match.group(), text)
            return kind, SPELLINGS.get(text, text), match.end()
    if source[at] in SPELLINGS:
        return "operator", SPELLINGS[source[at]], at + 1
    end = at
    while end < len(source) and (source[end].isidentifier() or (end > at and ("a" + source[end]).isidentifier())):
        if source[end] in "ᵀ²³":
            break
        end += 1
    if end == at:
        if source[at] in "𝟏𝟙":
            return "name", source[at], at + 1
        raise EquationError(f"`{source[at]}` is no sign of matrix notation", line, at + 1, source)
    return "name", source[at:end], end


def split_word(word: str, known: Collection[str]) -> list[str]:
    """The names in a word such as `XW` or `xAx`, where it holds capitals side by side with single letters."""
    plain = NAMES.get(word, word)
    if len(word) == 1 or plain in known or plain in CALLS or not word.isalpha() or len(word) > 4:
        return [word]
    if word[0] in "d∂" and NAMES.get(word[1:], word[1:]) in known:
        return [word]
    if all(letter in known for letter in word) and len(word) < 4 and plain not in GREEK:
        return list(word)
    if word in {*LOSS_WORDS, "KL", "JS", "TV"}:
        return [word]
    if word.isupper() or (len(word) == 2 and word[0].isupper()):
        return [word] if word in ("Id", "Tr") else list(word)
    return [word]
