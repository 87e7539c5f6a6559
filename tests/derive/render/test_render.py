import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from chainrule import derive

GALLERY = Path(__file__).parents[3] / "examples" / "gallery"


@pytest.fixture(scope="module", params=["attention", "conv2d", "huber", "causal_attention"])
def derived(request):
    return derive.derive((GALLERY / f"{request.param}.txt").read_text(encoding="utf-8"))


def test_html_is_well_formed_and_asks_for_nothing(derived):
    page = derived.html("A & B < C")
    root = ET.fromstring(page.removeprefix("<!DOCTYPE html>\n").replace("&nbsp;", " "))
    assert root.find("head/title").text == "A & B < C"
    assert not re.search(r"<script|<link|<img|https?:", page)
    assert len(list(root.iter("li"))) == sum(
        len(part.split("\n    =")) - 1 for part in derived.text().split("gradient")
    )


def test_markdown_has_every_gradient_and_step(derived):
    page = derived.markdown("Title")
    assert page.startswith("# Title\n")
    for gradient in derived.values():
        assert gradient.latex.split("\n")[-1] in page
        assert gradient.numpy in page
    assert page.count("$$") % 2 == 0


def test_text_can_be_read_as_a_derivation(derived):
    parsed = derive.parse_derivation(derived.text())
    assert {claim.wanted for claim in parsed.claims} >= set(derived)
    assert all(line.remark for claim in parsed.claims for line in claim.lines)
    assert "# chain rule" in derived.text()
    assert "# chain rule" not in derived.text(steps=False)


def test_steps_mention_no_gradient_that_is_not_derived(derived):
    for gradient in derived.values():
        known = {f"d{derived.program.output}"}
        for step in gradient.steps:
            mentioned = {name for name in step.node.names if name[:1] == "d" and name[1:] in derived.program.defined}
            assert mentioned <= known | {step.target.name}
            known.add(step.target.name)
