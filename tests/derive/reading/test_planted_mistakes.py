"""Planted mistakes, written in LaTeX, are refused at their row; no right derivation is.

`python -m tests.derive.reading.test_planted_mistakes 240` plants so many.
"""

import sys

from tests.faults.derivations.planting import plant, right_derivations

from chainrule.derive.prover.reading import read
from chainrule.derive.reading import prove_document
from chainrule.derive.render.judgement import as_written
from chainrule.derive.render.latex import latex


def document(text):
    """A derivation in LaTeX, the forward that is given beside it, and the line of each of its lines there."""
    reading = read(text)
    rows, lines = [], {}
    for shorthand in reading.shorthands.values():
        rows.append(f"$${latex(shorthand.target)} = {latex(as_written(shorthand.value))}$$")
    for chain in reading.chains:
        rows.append(r"$$ \begin{aligned}")
        left = latex(as_written(chain.target))
        for line in chain.lines:
            rows.append(rf"{left} &= {latex(as_written(line.raw))} \\")
            lines[line.number], left = len(rows), ""
        rows.append(r"\end{aligned} $$")
    return "\n".join(rows), str(reading.forward), lines


def judge(text):
    source, forward, lines = document(text)
    return prove_document(source, forward=forward), lines


def names_are_told_apart(text):
    """Whether no line has d(L), which LaTeX writes as it writes the gradient."""
    return "d(L)" not in text


def test_right_derivations_in_latex_follow():
    texts = {name: text for name, text in right_derivations().items() if names_are_told_apart(text)}
    assert len(texts) >= 20
    refused = [name for name, text in texts.items() if not judge(text)[0].ok]
    assert refused == []


def refuse_all(count, seed):
    planted = [each for each in plant(count, seed) if names_are_told_apart(each.text)]
    missed = []
    for each in planted:
        judged, lines = judge(each.text)
        wrong = [row.row.line for one in judged.derivations for row in one.rows if row.sign in "✗?"]
        if judged.ok or wrong[:1] != [lines[each.line]]:
            missed.append((each.name, each.kind, each.wrong, lines[each.line], wrong))
    assert missed == []
    return len(planted)


def test_planted_mistakes_in_latex_are_refused_at_their_row():
    assert refuse_all(24, seed=5) >= 15


if __name__ == "__main__":
    print(f"{refuse_all(int(sys.argv[1]), seed=0)} refused, each at its row")
