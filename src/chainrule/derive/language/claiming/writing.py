"""The way people write derivations, brought to the plain rows of the language before anything is read.

    since Y[i] depends on X[k] only when i = k:      words between lines, set aside and named in the answer
    ⇒ dX[k] = dY[k] * Y[k]                           arrows
    we get: = dY[k] * Y[k]                           words before an equation
    if i = k: = p[i] * (1 - p[i])                    cases, which become one line with `where`
    otherwise: = -p[i] * p[k]

A row is words where it says nothing that the language could mean: it begins with an ordinary word and holds words that
join sentences. A row that begins with `=` is never taken for words, so that no line of a proof is lost.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from chainrule.derive.language.errors import EquationError

JOINING = frozenset(
    [
        "a",
        "about",
        "after",
        "again",
        "all",
        "also",
        "although",
        "an",
        "and",
        "any",
        "apply",
        "applying",
        "are",
        "as",
        "at",
        "be",
        "because",
        "been",
        "before",
        "both",
        "but",
        "by",
        "can",
        "case",
        "cases",
        "chain",
        "contribute",
        "contributes",
        "contribution",
        "collect",
        "combine",
        "compute",
        "consider",
        "define",
        "definition",
        "depend",
        "depends",
        "derivative",
        "derivatives",
        "differentiate",
        "differentiating",
        "do",
        "does",
        "each",
        "easy",
        "else",
        "element",
        "entries",
        "entry",
        "every",
        "everything",
        "expand",
        "finally",
        "first",
        "follow",
        "following",
        "follows",
        "for",
        "from",
        "get",
        "gets",
        "give",
        "gives",
        "gradient",
        "has",
        "have",
        "hence",
        "here",
        "if",
        "in",
        "index",
        "indices",
        "insert",
        "inserting",
        "into",
        "is",
        "it",
        "its",
        "know",
        "let",
        "line",
        "means",
        "must",
        "next",
        "no",
        "nonzero",
        "not",
        "note",
        "notice",
        "now",
        "obtain",
        "of",
        "on",
        "once",
        "one",
        "only",
        "or",
        "other",
        "others",
        "our",
        "over",
        "part",
        "plug",
        "product",
        "read",
        "recall",
        "remember",
        "respect",
        "rest",
        "row",
        "rule",
        "same",
        "second",
        "see",
        "set",
        "show",
        "similarly",
        "simplify",
        "simplifies",
        "simplifying",
        "since",
        "so",
        "step",
        "substitute",
        "substituting",
        "such",
        "sum",
        "sums",
        "term",
        "terms",
        "than",
        "that",
        "the",
        "their",
        "then",
        "there",
        "therefore",
        "these",
        "they",
        "this",
        "thus",
        "times",
        "to",
        "together",
        "two",
        "use",
        "uses",
        "using",
        "vanish",
        "vanishes",
        "we",
        "when",
        "where",
        "whereas",
        "which",
        "while",
        "with",
        "without",
        "writing",
        "yields",
        "zero",
    ]
)
REASONS = frozenset(
    ["since", "because", "as", "recall", "remember", "note", "notice", "using", "with", "by", "use", "here"]
)
ALONE = frozenset(
    [
        "therefore",
        "thus",
        "hence",
        "so",
        "then",
        "now",
        "finally",
        "similarly",
        "next",
        "also",
        "and",
        "where",
        "proof",
        "solution",
    ]
)

_ARROW = re.compile(r"(\s*)(=>|⇒|⟹|→|↦|∴|-->|->)")
_HEADED = re.compile(r"\s*(forward|gradient|jacobian|hessian|differential)\b\s*(\S*)")
_NAMED = re.compile(r"\s*(?:(?:where|let|with|define|set|part|term)\s+)?\w[\w']*(?:\[[^\]]*\])?\s*=(?!=)")
_LEFT = r"(?:[d∂][^\s=]*|grad_\w[^\s=]*|\w+\.grad[^\s=]*|∇[^\s=]*)"
_EQUATION = re.compile(rf"(?:^|(?<=[\s:,.;]))(?:{_LEFT}\s*)?=(?![=>])(?=\s*\S)")
_KIND = re.compile(r"\b(?:gradient|jacobian|hessian|derivative|differential)\s*$")
_PART = re.compile(r"[d∂]\w+/[d∂]\w+")  # names without indices
_LEADS = re.compile(r"(?:[:,]|\b(?:get|gives|obtain|yields|so|hence|thus|therefore|then|find|is))\s*$")
_CASE = re.compile(
    r"\s*(?:(?:in\s+the\s+)?case\s+|if\s+|for\s+|when\s+|where\s+)([^:]*?[=≠<>≤≥!][^:]*?)\s*:\s*(=(?![=>]).*)?$"
)
_ELSE = re.compile(r"\s*(?:otherwise|else)\s*:?\s*(=(?![=>]).*)?$")
_OPPOSITE = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}


@dataclass
class Written:
    """The rows of a text in plain spelling, and what was set aside: line numbers with the words."""

    rows: list[str]
    words: list[tuple[int, str]] = field(default_factory=list)


def write_plainly(rows: list[str], start: int, names: Collection[str]) -> Written:
    """Bring the rows from `start` on to the language; `names` are the arrays that are known.

    Raises EquationError for cases that leave cases out.
    """
    written = Written(list(rows))
    depth = 0
    for k in range(start, len(rows)):
        row = rows[k].partition("#")[0]
        if depth <= 0:
            depth = 0
            _write_row(written, k, row, names)
        plain = written.rows[k].partition("#")[0]
        depth += sum((sign in "([") - (sign in ")]") for sign in plain)
    _join_cases(written, start)
    return written


def _write_row(written: Written, k: int, row: str, names: Collection[str]) -> None:
    """One row that begins outside all brackets."""
    remark = written.rows[k][len(row) :]
    row = row.replace(":=", " =")
    if arrow := _ARROW.match(row):
        sign = " " if _EQUATION.search(row[arrow.end() :]) else "="
        row = arrow[1] + sign.ljust(len(arrow[2])) + row[arrow.end() :]
    written.rows[k] = row + remark
    if row.lstrip().startswith("=") or _NAMED.match(row) or _case(row) or _ELSE.match(row):
        return
    headed = _HEADED.match(row)
    if headed and (headed[1] == "forward" or not headed[2].strip(":,").isalpha() or len(row.split()) < 3):
        return
    before = _words_before_equation(row, names)
    if before and row[len(before) :].startswith("=") and (part := _PART.search(before)):
        problem = f"expected the left side of the part {part.group()} with its indices, as in d(Y[i])/d(X[k]) = …"
        raise EquationError(problem, k + 1, len(before) + 1, row)
    if before:
        written.words.append((k + 1, before.strip()))
        written.rows[k] = " " * len(before) + row[len(before) :].rstrip(" .,:;") + remark
    elif _gives_reason(row, names) or _is_prose(row, names):
        written.words.append((k + 1, row.strip()))
        written.rows[k] = ""


def _words_before_equation(row: str, names: Collection[str]) -> str:
    """The words of a row before what it says to be equal; empty where there are none."""
    equations = [found for found in _EQUATION.finditer(row) if row[: found.start()].strip()]
    if any(not row[: found.start()].strip() for found in _EQUATION.finditer(row)):
        return ""  # the row begins with an equation
    for found in reversed(equations):
        before = row[: found.start()]
        kind = _KIND.search(before)
        before = before[: kind.start()] if kind else before
        if _is_words(before, names) or (found.group()[0] != "=" and _LEADS.search(before)):
            return before if before.strip() else ""
    return ""


def _case(row: str) -> re.Match[str] | None:
    """A row such as `if i = k: = …`; a condition has no words in it."""
    match = _CASE.match(row)
    return match if match and JOINING.isdisjoint(re.findall(r"\w+", match[1].lower())) else None


def _gives_reason(row: str, names: Collection[str]) -> bool:
    """Whether a row begins as a reason does, `since Y[i] = exp(X[i]):`."""
    first = re.match(r"\s*(\w+)\s+(?![=\[*/+^-])", row)
    return bool(first) and first[1].lower() in REASONS and first[1] not in names  # type: ignore[index]


def _words(text: str, names: Collection[str]) -> Iterator[str]:
    """The ordinary words of a text: no names, nothing with a bracket or a figure on it."""
    for match in re.finditer(r"(?<![\w.])[^\W\d_]{2,}(?:-[^\W\d_]+)*(?![\w\[(^_'])", text):
        if match.group() not in names:
            yield match.group().lower()


def _is_words(text: str, names: Collection[str]) -> bool:
    """Whether a text is words alone, before an equation."""
    parts = [part.strip(".,:;") for part in text.split()]
    return all(
        part.lower() in set(_words(part, names)) or part.lower() in {"a", "i", ""} or _PART.fullmatch(part)
        for part in parts
    )


def _is_prose(row: str, names: Collection[str]) -> bool:
    """Whether a row is words: two that join sentences, or one of those that stand alone."""
    words = list(_words(row, names))
    if not row.split():
        return False
    if len(words) == 1 and words[0] in ALONE:
        return not re.search(r"[\[\](=*/+^]", row)
    joining = [word for word in words if word in JOINING]
    return len(joining) >= 2 or bool(joining and len(words) >= 3)


def _join_cases(written: Written, start: int) -> None:
    """Write each group of cases as one line with `where`, in the place of its first row."""
    rows, k = written.rows, start
    while k < len(rows):
        group: list[tuple[str, str, int]] = []
        first, end = k, k
        while end < len(rows) and (found := _case_at(rows, end)):
            condition, value, end = found
            group.append((condition, value, end))
            while end < len(rows) and not rows[end].strip():
                end += 1
        if group:
            rows[first:end] = [_as_where(group, first, rows), *[""] * (end - first - 1)]
        k = max(end, k + 1)


def _case_at(rows: list[str], k: int) -> tuple[str, str, int] | None:
    """Condition ("" for otherwise) and value of a case at this row, and the row behind it."""
    row = rows[k].partition("#")[0]
    match, last = _case(row), _ELSE.match(row)
    if not (match or last):
        return None
    condition = _comparison(match[1]) if match else ""
    value = (match[2] if match else last[1] if last else "") or ""
    end = k + 1
    if not value and end < len(rows) and rows[end].lstrip().startswith("="):
        value, end = rows[end].partition("#")[0].strip(), end + 1
    if not value:
        return None
    while end < len(rows) and sum((s in "([") - (s in ")]") for s in value) > 0:
        value, end = f"{value} {rows[end].partition('#')[0].strip()}", end + 1
    return condition, value.lstrip("=").strip(), end


def _comparison(text: str) -> str:
    """`i == k` for `i = k`."""
    return re.sub(r"(?<![<>!=≠≤≥])=(?!=)", "==", text).replace("≠", "!=").replace("≤", "<=").replace("≥", ">=").strip()


def _as_where(group: list[tuple[str, str, int]], first: int, rows: list[str]) -> str:
    """`= where(i == k, a, b)`; raises EquationError where the cases leave something out."""
    *others, (condition, value, _) = group
    if condition and not (others and _is_rest(condition, [case[0] for case in others])):
        said = ", ".join(case[0] for case in group)
        problem = f"the cases {said} may leave something out; end them with a line `otherwise: = …`"
        raise EquationError(problem, first + 1, 1, rows[first])
    for other, here, _ in reversed(others):
        if not other:
            raise EquationError("nothing can follow `otherwise`", first + 1, 1, rows[first])
        value = f"where({other}, {here}, {value})"
    return f"    = {value}"


def _is_rest(condition: str, others: list[str]) -> bool:
    """Whether a comparison holds wherever none of the others does: it is the opposite, or the third of < = >."""
    pattern = re.compile(r"(.+?)\s*(==|!=|<=|>=|<|>)\s*(.+)")
    parts = [pattern.fullmatch(text) for text in (condition, *others)]
    if not all(parts) or len({(part[1], part[3]) for part in parts if part}) > 1:
        return False
    relation, *told = [part[2] for part in parts if part]
    return told == [_OPPOSITE[relation]] or {relation, *told} == {"<", "==", ">"}
