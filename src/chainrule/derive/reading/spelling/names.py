"""How formulas are spelled before they are read: names and letters that would be taken for others get their own."""

import re
from dataclasses import replace

from chainrule.derive.reading.spelling.adjoints import with_gradients_for_signs
from chainrule.derive.reading.spelling.derivatives import with_plain_derivatives
from chainrule.derive.reading.spelling.entries import with_entries_put_down
from chainrule.derive.reading.spelling.formulas import Formula
from chainrule.derive.reading.spelling.places import with_places_spelled_out
from chainrule.derive.reading.spelling.unit_vectors import with_unit_vectors
from chainrule.derive.reading.spelling.variables import with_variables
from chainrule.derive.reading.spelling.windows import with_windows
from chainrule.derive.reading.tokens import LOSS_WORDS

_LEFT = r"(?:^|\n|\\\\|&|\\quad|\\qquad|,)\s*"
_CAPITALS = re.compile(rf"{_LEFT}([A-Z]{{2,5}})\s*(?:\([^()=]*\))?\s*&?=")
_SQUARE = re.compile(rf"{_LEFT}([A-Za-z]|\\chi)\s*\^\s*\{{?2\}}?\s*(?:\([^()=]*\)\s*)?&?=")
_COSINE = re.compile(r"\\cos(?=\s*(?:\\left)?\([^(),]+,[^(),]+\))")  # of two vectors
_GREEK = "alpha|beta|gamma|delta|kappa|lambda|mu|nu|rho|sigma|tau|omega|xi|eta|zeta"
_GREEK_INDEX = re.compile(rf"\\(?:sum|prod|max|min)(?:\\limits)?\s*_\s*\{{?\s*\\({_GREEK})(?![A-Za-z])")
_BELOW = re.compile(r"_\s*(?:\{[^{}]*\}|\\[A-Za-z]+|\w)")
_BIG = r"(?:\\left|\\[Bb]igg?l?)?\s*"
_AMONG = r"\(\s*([a-z](?:\s*(?:\||\\mid|\\vert|,)\s*[a-z])*)\s*\)"
_POLICY = re.compile(rf"\\pi(?:_\{{?\\theta\}}?)?{_AMONG}")
_AT_PLACES = re.compile(rf"(\\pi|(?:(?<![A-Za-z\\])|(?<=_[a-z]))[A-Za-ce-z])(?:_\{{?\\theta\}}?)?{_AMONG}")
_SUM_OVER = re.compile(r"\\sum\s*(?:\\limits)?\s*_\s*(?:\{\s*([a-z])\s*(?:\}|\\in)|([a-z]))")
_HALF = re.compile(r"(?<![A-Za-z\\])(\\[a-z]+|[A-Za-z])_\{\s*2\s*[a-z]\s*[-+]\s*1\s*\}")
_NORMAL = re.compile(
    r"probit|(?:normal|gaussian)[^.]{0,40}(?:\bc\.?d\.?f\b|distribution function|cumulative|\bdistribution\b)"
    r"|(?:\bc\.?d\.?f\b|distribution function|cumulative)[^.]{0,40}(?:normal|gaussian)",
    re.IGNORECASE,
)
_NORMAL_FUNCTIONS = {
    r"\Phi": r"\Phi(t) = \frac{1}{2}(1 + \operatorname{erf}(\frac{t}{\sqrt{2}}))",
    r"\phi": r"\phi(t) = \frac{1}{\sqrt{2\pi}} \exp(-\frac{t^2}{2})",
    r"\varphi": r"\varphi(t) = \frac{1}{\sqrt{2\pi}} \exp(-\frac{t^2}{2})",
}
_FUNCTION = re.compile(rf"{_LEFT}(\\[A-Za-z]+|[A-Za-z])\s*\([^()=]*\)\s*&?=")
_PRIMED = re.compile(
    r"(?:\\(?:mathbf|boldsymbol|bm)\s*\{\s*(?P<bold>\\[A-Za-z]+|[A-Za-z])\s*\}|(?P<plain>\\[A-Za-z]+|[A-Za-z]))(?:_\{?\w\}?)?'(?!')"
)
_PRIMED_BRACKET = re.compile(r"((?<!\w)\((?:[^()]|\([^()]*\))*\))\s*'(?!')")
_ELL = re.compile(r"\\ell(?![A-Za-z])")


def spell(formulas: list[Formula], text: str = "") -> list[Formula]:
    """The formulas with names of their own for what would be read as something else, or not at all.

    text: the document, whose words may say what a sign stands for.
    """
    formulas = with_entries_put_down(with_plain_derivatives(formulas, text))
    formulas = with_gradients_for_signs(with_variables(formulas, text), text)
    changes = (
        with_places_spelled_out, with_unit_vectors,
        _with_words, _with_latin_indices, _with_places_in_brackets, _with_halves, with_windows, _with_own_ell,
        _with_losses_of_samples, _with_loss_of_one_sample, _with_squares, _with_transposes,
    )  # fmt: skip
    for change in changes:
        formulas = change(formulas)
    return [*_of_normal_distribution(formulas, text), *formulas]


def _whole(formulas: list[Formula]) -> str:
    return "\n".join(formula.latex for formula in formulas)


def _with_words(formulas: list[Formula]) -> list[Formula]:
    """Capitals that stand together on a left side, as in FL(p) = …, and nowhere alone; the cosine of two vectors."""
    whole = _whole(formulas)
    words = {match[1] for match in _CAPITALS.finditer(whole)} - LOSS_WORDS
    words = {word for word in words if not re.search(rf"(?<![A-Za-z\\])[{word}](?![A-Za-z])", whole)}
    for word in sorted(words):
        spelled = re.compile(rf"(?<![A-Za-ce-z\\]){word}(?![A-Za-z])")
        formulas = [replace(f, latex=spelled.sub(rf"\\mathrm{{{word}}}", f.latex)) for f in formulas]
    return [replace(f, latex=_COSINE.sub(r"\\mathrm{cosine}", f.latex)) for f in formulas]


def _with_own_ell(formulas: list[Formula]) -> list[Formula]:
    r"""\ell, which may be the loss, where the document has an L as well."""
    whole = _whole(formulas)
    if not (_ELL.search(whole) and re.search(r"(?<![A-Za-z\\])L(?![A-Za-z])", whole)):
        return formulas
    return [replace(formula, latex=_ELL.sub(r"\\mathit{ell}", formula.latex)) for formula in formulas]


def _with_losses_of_samples(formulas: list[Formula]) -> list[Formula]:
    r"""Another name for the losses L_i of samples, where L is their sum or mean."""
    whole = _whole(formulas)
    for name in (r"\\mathcal\{L\}", r"\\ell", "[LJE]"):
        over = r"\\sum(?:_\{[^{}]*\}|_\w)?(?:\^\{?\w+\}?)?\s*(?:\\left)?[(\[]?\s*"
        total = re.search(rf"{_LEFT}({name})\s*&?=[^=&]*?{over}\1_", whole)
        if total and re.search(rf"{_LEFT}{re.escape(total[1])}_\{{?[a-z]\}}?\s*&?=", whole):
            own = re.compile(rf"(?<![A-Za-z\\]){re.escape(total[1])}_(?=\{{?[a-z]\b)")
            return [replace(formula, latex=own.sub(r"\\mathrm{Lossof}_", formula.latex)) for formula in formulas]
    return formulas


def _with_loss_of_one_sample(formulas: list[Formula]) -> list[Formula]:
    """E for the loss E_n of the sample at hand, where neither E nor anything else of n is spoken of."""
    whole = _whole(formulas)
    for name in (r"\mathcal{L}", r"\ell", "L", "J", "E", "C"):
        own = re.compile(rf"(?<![A-Za-z\\]){re.escape(name)}_(?:\{{([a-z])\}}|([a-z]))(?![A-Za-z])")
        letters = {match[1] or match[2] for match in own.finditer(whole)}
        rest = own.sub("", whole)
        others = "|".join([re.escape(name), *letters])
        spoken_of = re.search(rf"(?<![A-Za-z\\])(?:{others})(?![A-Za-z])", rest)
        defined = re.search(rf"{_LEFT}{re.escape(name)}_\{{?[a-z]\}}?\s*&?=", whole)
        if len(letters) == 1 and not spoken_of and not defined:
            formulas = [
                replace(formula, latex=own.sub(name.replace("\\", "\\\\"), formula.latex)) for formula in formulas
            ]
    return formulas


def _with_squares(formulas: list[Formula]) -> list[Formula]:
    """One name for d^2, where the document says what that is, and never speaks of d alone."""
    whole = _whole(formulas)
    for name in dict.fromkeys(_SQUARE.findall(whole)):
        alone = re.escape(name) if name.startswith("\\") else rf"(?<![A-Za-z\\]){name}"
        square = re.compile(rf"{alone}\s*\^\s*(?:2|\{{2\}})")
        if not re.search(rf"{alone}(?![A-Za-z])", square.sub("", whole)):
            word = name.lstrip("\\")
            formulas = [replace(f, latex=square.sub(rf"\\mathrm{{sq{word}}}", f.latex)) for f in formulas]
    return formulas


def _with_transposes(formulas: list[Formula]) -> list[Formula]:
    r"""X^\top for X', where a bracket or a capital has a prime, and no function or name is said to have it."""
    whole = _whole(formulas)
    primed = {match["bold"] or match["plain"] for match in _PRIMED.finditer(whole)}
    functions = {*_FUNCTION.findall(whole), *(name for name in primed if _is_applied(name, whole))}
    named = {name for name in primed if re.search(rf"{_LEFT}{re.escape(name)}'+\s*&?=", whole)}
    primed -= functions | named
    if not any(name[-1:].isupper() or name[1:2].isupper() for name in primed) and not _PRIMED_BRACKET.search(whole):
        return formulas

    def spelled(match: re.Match[str]) -> str:
        return rf"{match[0][:-1]}^\top " if (match["bold"] or match["plain"]) in primed else match[0]

    changed = [replace(f, latex=_PRIMED_BRACKET.sub(r"\1^\\top ", f.latex)) for f in formulas]
    return [replace(f, latex=_PRIMED.sub(spelled, f.latex)) for f in changed]


def _is_applied(name: str, whole: str) -> bool:
    """Whether F'(x) stands in the formulas, and F(x) too."""
    of_names = r"\s*\(\s*\\?[a-z]+\s*\)"
    return all(re.search(rf"(?<![A-Za-z\\]){re.escape(name)}{prime}{of_names}", whole) for prime in ("", "'"))


def _with_latin_indices(formulas: list[Formula]) -> list[Formula]:
    """A Latin letter for each Greek one that a sum runs over, and that stands nowhere but below."""
    whole = _whole(formulas)
    elsewhere = _BELOW.sub("", whole)
    taken = set(re.findall(r"(?<![\\A-Za-z])[a-z](?![A-Za-z]{2})", whole))
    latin: dict[str, str] = {}
    for name in dict.fromkeys(_GREEK_INDEX.findall(whole)):
        letter = next((letter for letter in (name[0], *"mnpqrsuvkl") if letter not in taken), "")
        if letter and not re.search(rf"\\{name}(?![A-Za-z])", elsewhere):
            latin[name] = letter
            taken.add(letter)
    if not latin:
        return formulas
    sign = re.compile(rf"(\\[A-Za-z]+)?(\\(?:{'|'.join(latin)}))(?![A-Za-z])")

    def spelled(match: re.Match[str]) -> str:
        before = match[1] or ""
        before = latin.get(before[1:], f"{before} " if before else "")
        return before + latin[match[2][1:]]

    return [replace(formula, latex=sign.sub(spelled, formula.latex)) for formula in formulas]


def _with_places_in_brackets(formulas: list[Formula]) -> list[Formula]:
    r"""\pi_{as} for the probability \pi(a | s) of an action, and so for all else of these places."""
    whole = _whole(formulas)
    places = {letter for match in _POLICY.finditer(whole) for letter in re.findall(r"[a-z]", match[1])}
    of_sums = {letter for match in _SUM_OVER.finditer(whole) for letter in match.groups()}
    places |= {match[2] for match in _AT_PLACES.finditer(whole) if match[2] in of_sums}  # p(x) below a sum over x
    if not places:
        return formulas

    def below(match: re.Match[str]) -> str:
        letters = re.findall(r"(?<![\\a-z])[a-z](?![a-z])", match[2])
        return f"{match[1]}_{{{','.join(letters)}}}" if set(letters) <= places else match[0]

    return [replace(formula, latex=_AT_PLACES.sub(below, formula.latex)) for formula in formulas]


def _with_halves(formulas: list[Formula]) -> list[Formula]:
    """Two arrays for one of which the even and the odd entries alone are named, as of x_{2i} and x_{2i+1}."""
    whole = _whole(formulas)
    halved = {match[1] for match in _HALF.finditer(whole)}
    for name in sorted(halved):
        own = re.compile(rf"(?<![A-Za-z\\]){re.escape(name)}_(?!\{{?2)")
        letter = re.escape(name)
        signs = set(re.findall(rf"{letter}_\{{\s*2\s*[a-z]\s*([-+])", whole))
        if own.search(whole) or len(signs) > 1 or not re.search(rf"{letter}_\{{\s*2\s*[a-z]\s*\}}", whole):
            continue
        word = name.lstrip("\\")
        for below, half in ((r"2\s*([a-z])\s*[-+]\s*1", "odd"), (r"2\s*([a-z])", "even")):
            entry = re.compile(rf"(?<![A-Za-z\\]){letter}_\{{\s*{below}\s*\}}")
            formulas = [replace(f, latex=entry.sub(rf"\\mathrm{{{word}{half}}}_{{\1}}", f.latex)) for f in formulas]
    return formulas


def _of_normal_distribution(formulas: list[Formula], text: str) -> list[Formula]:
    r"""What \Phi(…) and \phi(…) are, where words say that they belong to the normal distribution."""
    whole = _whole(formulas)
    said = _NORMAL.search(text)
    called = [name for name in _NORMAL_FUNCTIONS if re.search(rf"{re.escape(name)}\s*{_BIG}\(", whole)]
    if not said or r"\Phi" not in called:
        return []
    line = text.count("\n", 0, said.start()) + 1
    own = [name for name in called if re.search(rf"{re.escape(name)}\s*\(\s*\w\s*\)\s*(?::|&)?=", whole)]
    return [Formula(_NORMAL_FUNCTIONS[name], line, inline=True) for name in called if name not in own]
