"""LaTeX as tokens: letters, numbers, signs, commands, words of text; what only sets the page is dropped."""

import itertools
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace

from pylatexenc.latexwalker import LatexWalker, LatexWalkerError

from chainrule.derive.language.functions import FUNCTIONS
from chainrule.derive.language.words.composed_functions import CLIPS, COMPOSED

MAX_CHARACTERS = 20_000
MAX_DEPTH = 40

GREEK = frozenset(
    {"alpha", "beta", "gamma", "delta", "zeta", "eta", "theta", "kappa", "lambda", "mu", "nu", "xi", "rho", "sigma"}
    | {"tau", "phi", "chi", "psi", "omega", "Gamma", "Delta", "Theta", "Lambda", "Xi", "Pi", "Sigma", "Phi", "Psi"}
    | {"Omega"}
)
NAMES = {
    "epsilon": "eps", "varepsilon": "eps", "varphi": "phi", "vartheta": "theta", "ell": "L", "pi": "pi", "infty": "inf",
    "top": "T", "intercal": "T", "prime": "'",
}  # fmt: skip
SIGNS = {
    "cdot": "*", "times": "*", "ast": "*", "bullet": "*", "star": "*", "odot": "⊙", "otimes": "⊗", "circ": "⊙",
    "neq": "!=", "ne": "!=",
    "le": "<=", "leq": "<=", "ge": ">=", "geq": ">=", "lt": "<", "gt": ">", "equiv": "=", "coloneqq": "=",
    "leftarrow": "=", "gets": "=", "triangleq": "=", "coloneq": "=", "doteq": "=", "div": "/",
    "lvert": "|", "rvert": "|", "vert": "|", "mid": "|", "Vert": "‖", "lVert": "‖", "rVert": "‖", "|": "‖",
    "{": "(", "}": ")", "lbrace": "(", "rbrace": ")", "lbrack": "[", "rbrack": "]", "colon": ":",
}  # fmt: skip
DROPPED = frozenset(
    {"left", "right", "middle", "big", "Big", "bigg", "Bigg", "bigl", "bigr", "Bigl", "Bigr", "biggl", "biggr", "Biggl"}
    | {"Biggr", "displaystyle", "textstyle", "scriptstyle", "limits", "nolimits", "nonumber", "notag", "!", ",", ";"}
    | {":", ">", " ", "mathbf", "boldsymbol", "bm", "mathcal", "mathscr", "vec", "allowdisplaybreaks", "hline", "&"}
    | {"mathnormal", "pmb", "rm", "bf", "it", "cal", "normalsize", "relax", "ensuremath"}
    | {"thinspace", "small", "scriptsize", "footnotesize", "mathstrut", "centering", "qedhere", "qed", "blacksquare"}
    | {"square", "Box", "checkmark"}
)
DOUBLE_STRUCK = frozenset({"mathds", "mathbbm", "mathbbold", "Bbb"})
SPACES = frozenset({"quad", "qquad", "hspace", "hfill"})
DOTS = frozenset({"dots", "ldots", "cdots", "dotsc", "dotsb"})
ARROWS = frozenset(
    {"Rightarrow", "implies", "Longrightarrow", "rightarrow", "to", "longrightarrow", "therefore", "Leftrightarrow"}
    | {"iff", "leadsto", "hookrightarrow", "because"}
)
BETWEEN_ROWS = frozenset({"intertext", "shortintertext"})
TEXTS = BETWEEN_ROWS | {"text", "mbox", "textrm", "textbf", "textit", "texttt", "textsf"}
WORDS = frozenset({"mathrm", "mathit", "operatorname", "mathsf", "mathtt", "mathop"})
REMARKS = frozenset({"tag", "label", "hspace", "footnote", "color", "vspace", "cite", "ref", "eqref"})
UNICODE = {"∂": "partial", "∑": "sum", "Σ": "sum", "∇": "nabla", "√": "sqrt", "⇒": "Rightarrow", "→": "rightarrow"}
CHARACTERS = {
    "·": "*", "⋅": "*", "×": "*", "∗": "*", "*": "*", "⊙": "⊙", "∘": "⊙", "⊗": "⊗", "−": "-", "–": "-", "≤": "<=",
    "≥": ">=", "≠": "!=", "′": "'", "’": "'", "⊤": "T", "ᵀ": "T",
}  # fmt: skip


class UnreadableError(ValueError):
    """A formula that can't be read; the message says what stands in the way, and quotes it."""


@dataclass(frozen=True)
class Token:
    """kind: `name`, `number`, `sign`, `command`, `text`, `space`, `arrow`, `dots`, `row`, `begin`, `end`, `group`.

    `group` is a brace, which shows nothing. `at` is where the token begins in the formula, `end` where it ends.
    """

    kind: str
    text: str
    at: int
    end: int

    def __str__(self) -> str:
        shown = {"command": rf"\{self.text}", "row": r"\\"}.get(self.kind, self.text[:40])
        return f"`{shown}`"


END = Token("end of the formula", "", 0, 0)
LOSS_WORDS = frozenset({"MSE", "RMSE", "MAE", "SSE", "RSS", "BCE", "CE", "NLL"})
FUNCTION_WORDS = frozenset(
    {*FUNCTIONS, *COMPOSED, *CLIPS, "ReLU", "SiLU", "GELU", "ELU", "Swish", "Sigmoid", "softmax", "vec"}
)
KNOWN_WORDS = LOSS_WORDS | frozenset(
    {*FUNCTIONS, *COMPOSED, *CLIPS, "ReLU", "ln", "softmax", "max", "min", "sum", "prod", "mean", "tr", "det", "diag"}
    | {"inv", "rowsum", "colsum"}
)


def cut_latex(source: str) -> list[Token]:
    """Cut a formula into tokens. Raises UnreadableError where it is too long or too deep, or breaks off."""
    if len(source) > MAX_CHARACTERS:
        raise UnreadableError(f"the formula has {len(source)} characters; expected at most {MAX_CHARACTERS}")
    walker = LatexWalker(source, tolerant_parsing=True)
    tokens: list[Token] = []
    at = depth = 0
    while True:
        try:
            raw = walker.get_token(at)
        except LatexWalkerError:
            break
        at = max(raw.pos + raw.len, at + 1)
        if raw.tok == "macro" and raw.arg in TEXTS | WORDS | REMARKS:
            token, at = _words(source, raw.arg, raw.pos, at)
            tokens += token
            continue
        depth += (raw.tok == "brace_open") - (raw.tok == "brace_close")
        if depth > MAX_DEPTH:
            raise UnreadableError(f"the formula is nested too deeply; expected at most {MAX_DEPTH} levels")
        spaces = len(raw.post_space or "") if raw.tok == "macro" else 0
        tokens += _token(raw.tok, raw.arg, raw.pos, at - spaces)
    return _known_words(_numbers(_without_stacks(tokens)))


def _without_stacks(tokens: list[Token]) -> list[Token]:
    """The tokens with a comma for each row below one another in a stack."""
    if not any(token.kind == "command" and token.text == "substack" for token in tokens):
        return tokens
    out: list[Token] = []
    depth = 0  # within the group of a stack
    for before, token in zip([END, *tokens], tokens, strict=False):
        if token.kind == "group" and (depth or before.text == "substack"):
            depth += 1 if token.text == "{" else -1
        if token.text != "substack" or token.kind != "command":
            stacked = depth and token.kind == "row"
            out.append(replace(token, kind="sign", text=",") if stacked else token)
    return out


def _token(kind: str, text: object, at: int, end: int) -> list[Token]:
    """The token for one of pylatexenc's; none for what only sets the page."""
    match kind:
        case "brace_open" | "brace_close":
            return [Token("group", "{" if kind == "brace_open" else "}", at, end)]
        case "begin_environment" | "end_environment":
            return [Token(kind.split("_")[0], str(text).rstrip("*"), at, end)]
        case "macro":
            return _command(str(text), at, end)
        case "char":
            return _character(str(text), at, end)
        case "specials":
            sign = str(getattr(text, "specials_chars", ""))
            if sign in "&~":
                return [Token("space", sign, at, end)]
            return [Token("sign", "'", at + k, at + k + 1) for k in range(len(sign))]
    return []


def _command(name: str, at: int, end: int) -> list[Token]:
    if name in DROPPED:
        return []
    name = "mathbb" if name in DOUBLE_STRUCK else name
    if name == "\\":
        return [Token("row", "", at, end)]
    for kind, names in (("space", SPACES), ("dots", DOTS), ("arrow", ARROWS)):
        if name in names:
            return [Token(kind, name, at, end)]
    if name in SIGNS:
        return [Token("sign", SIGNS[name], at, end)]
    if name == "prime":
        return [Token("sign", "'", at, end)]
    if name in GREEK or name in NAMES:
        return [Token("name", NAMES.get(name, name), at, end)]
    return [Token("command", name, at, end)]


def _character(text: str, at: int, end: int) -> list[Token]:
    if text.isdigit() and text.isascii():
        return [Token("number", text, at, end)]
    if text in UNICODE:
        return _command(UNICODE[text], at, end)
    if text in CHARACTERS:
        sign = CHARACTERS[text]
        return [Token("name" if sign == "T" else "sign", sign, at, end)]
    name = unicodedata.name(text, "") if len(text) == 1 else ""
    if name.startswith("GREEK") and name.split()[-1].lower() in GREEK | set(NAMES):
        plain = name.split()[-1].lower()
        plain = plain.capitalize() if "CAPITAL" in name else plain
        return [Token("name", NAMES.get(plain, plain), at, end)]
    return [Token("name" if text.isalpha() and text.isascii() else "sign", text, at, end)]


def _words(source: str, command: str, at: int, end: int) -> tuple[list[Token], int]:
    r"""The token of `\text{…}` or `\operatorname{…}`, whose inside is taken as it stands, and where it ends."""
    match = re.compile(r"\*?\s*(?:\{((?:[^{}\\]|\\.|\{[^{}]*\})*)\}|(\w))").match(source, end)
    if not match:
        return [], end
    inside = (match[1] if match[1] is not None else match[2]).strip()
    if command in REMARKS:
        return [], match.end()
    plain = inside.replace("\\_", "_").replace("\\,", "")
    known = plain in FUNCTION_WORDS or re.fullmatch(r"[A-Z]{2,}|[Ll]oss|cost", plain)  # \text{RMS}
    is_name = command in WORDS or known or source[match.end() : match.end() + 1] == "_"  # \text{pred}_i
    if is_name and re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*'*", plain):
        return [Token("name", plain, at, match.end())], match.end()
    if command in WORDS and not re.fullmatch(r"[A-Za-z0-9_' ]*", plain):  # mathematics in another font
        return [Token("group", "{", at, end), *cut_latex(inside), Token("group", "}", end, match.end())], match.end()
    words = Token("text", re.sub(r"\$|\\\w+", "", inside), at, match.end())
    if command in BETWEEN_ROWS:
        return [Token("row", "", at, at), words, Token("row", "", match.end(), match.end())], match.end()
    return [words], match.end()


def _numbers(tokens: list[Token]) -> list[Token]:
    """The tokens with digits that stand side by side made one number."""
    joined: list[Token] = []
    for token, after in zip(tokens, [*tokens[1:], END], strict=False):
        last = joined[-1] if joined else None
        point = token.kind == "sign" and token.text == "." and after.kind == "number" and after.at == token.end
        digit = token.kind == "number" or point
        if digit and last and last.kind == "number" and last.end == token.at and "." not in last.text * (not digit):
            joined[-1] = Token("number", last.text + token.text, last.at, token.end)
        else:
            joined.append(token)
    return _scientific(joined)


def _scientific(tokens: list[Token]) -> list[Token]:
    """The tokens with 1e-5 made one number."""
    out: list[Token] = []
    for token in tokens:
        last = out[-3:]
        text = "".join(each.text for each in (*last, token))
        close = all(a.end == b.at for a, b in itertools.pairwise([*last, token]))
        if close and token.kind == "number" and last and re.fullmatch(r"[\d.]+e[-+]\d+", text):
            out[-3:] = [Token("number", text, last[0].at, token.end)]
        else:
            out.append(token)
    return out


def _known_words(tokens: list[Token]) -> list[Token]:
    """The tokens with letters that spell a function, as in `max(0, x)` without a backslash, made one word."""
    out: list[Token] = []
    start = 0
    for k, token in enumerate([*tokens, END]):
        if k and start < k and not (_is_letter(token) and tokens[k - 1].end == token.at):
            out += _word_at_end(tokens[start:k], token)
            start = k
        if not _is_letter(token):
            out += [token] * (token is not END)
            start = k + 1
    return out


def _word_at_end(letters: list[Token], after: Token) -> list[Token]:
    """Letters side by side, with the function that they end with; all of them, where no bracket follows it."""
    text = "".join(letter.text for letter in letters)
    opens = after.kind == "sign" and after.text in "(["
    for k in range(len(letters) - 1) if opens else (0,):
        if text[k:] in KNOWN_WORDS and (opens or len(text) > 2 or text in LOSS_WORDS):
            word = text[k:]
            kind = "command" if word in ("sum", "prod") else "name"
            return [*letters[:k], Token(kind, word, letters[k].at, letters[-1].end)]
    return letters


def _is_letter(token: Token) -> bool:
    return token.kind == "name" and len(token.text) == 1 and token.end == token.at + 1


BRACKETS = {"(": 1, "[": 1, ")": -1, "]": -1, "{": 1, "}": -1}


def depth_of(token: Token) -> int:
    """1 for what opens a bracket, a group or an environment, -1 for what closes one, else 0."""
    if token.kind in ("begin", "end"):
        return 1 if token.kind == "begin" else -1
    return BRACKETS.get(token.text, 0) if token.kind in ("sign", "group") else 0


def split_at(tokens: list[Token], kind: str, *texts: str) -> list[list[Token]]:
    """Split tokens wherever one of this kind (and one of these texts) stands outside of all brackets."""
    parts: list[list[Token]] = [[]]
    depth = 0
    for token in tokens:
        depth = max(depth + depth_of(token), 0)
        if depth == 0 and token.kind == kind and (not texts or token.text in texts):
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


DISPLAY_ENVIRONMENTS = frozenset(
    {"aligned", "align", "split", "gather", "gathered", "equation", "alignedat", "multline", "eqnarray", "flalign"}
    | {"array", "document", "displaymath", "math"}
)


def trim(tokens: Sequence[Token]) -> list[Token]:
    """The tokens without spaces and full stops at their ends."""
    tokens = list(tokens)
    while tokens and (tokens[-1].kind in ("space", "row") or tokens[-1].text in (".", ",", ";", ":")):
        tokens.pop()
    while tokens and (tokens[0].kind in ("space", "row") or tokens[0].text in (",", ".")):
        del tokens[0]
    return tokens


def split_rows(tokens: list[Token]) -> list[list[Token]]:
    """The rows that hold something."""
    return [row for row in split_at(tokens, "row") if any(token.kind != "space" for token in row)]
