"""Where the parts of a derivation come from, and how long formulas are broken."""

import re

from chainrule.derive import derive, parse
from chainrule.derive.language.printer import show
from chainrule.derive.render.flow import equation
from chainrule.derive.render.origins import trace

SOFTMAX = "Y[s,k] = exp(X[s,k]) / sum[j](exp(X[s,j]))"


def test_a_part_stands_since_the_step_that_first_wrote_it() -> None:
    steps = derive(SOFTMAX)["X"].steps
    traced = trace(steps)
    for place, step in enumerate(traced):
        for number, since in step.origins.items():
            assert since <= place
            assert all(number in each.origins for each in traced[since : place + 1])
            assert since == 0 or number not in traced[since - 1].origins


def test_a_step_names_what_its_law_was_applied_to() -> None:
    steps = derive(SOFTMAX)["X"].steps
    traced = trace(steps)
    place = next(k for k, step in enumerate(steps) if step.law == "derivative of a function")
    marked = dict(re.findall(r'<mrow data-part="(\d+)">((?:(?!data-part).)*?)</mrow>', traced[place - 1].formula))
    assert len(traced[place].gone) == 2, "both derivatives of exp"
    assert all(f'data-part="{number}"' in traced[place - 1].formula for number in traced[place].gone)
    assert marked
    assert all(show(step.node) for step in steps)


def test_every_part_that_is_told_can_be_pointed_at_in_a_short_formula() -> None:
    for step in trace(derive("Y[i] = X[i]^2")["X"].steps):
        assert {int(number) for number in re.findall(r'data-part="(\d+)"', step.formula)} <= step.origins.keys()


def test_a_long_formula_is_broken_before_signs_and_loses_nothing() -> None:
    terms = " + ".join(f"A{k}[i] * B{k}[i]" for k in range(12))
    statement = parse(f"Y[i] = exp({terms}) / (1 + exp({terms}))").statements[0]
    broken = equation(statement.target, statement.value)
    assert broken.count("<math") > 12
    assert all(broken.count(f">{letter}{k}<") == 2 for letter in "AB" for k in range(12))
    assert all(piece.count("<mrow") == piece.count("</mrow>") for piece in broken.split("</math>"))
    assert equation(statement.target, parse("Y[i] = X[i]").statements[0].value).count("<math") == 2
