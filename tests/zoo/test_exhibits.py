"""What the checker and the prover say to wrong backwards that stood in public code, and to right ones."""

import xml.etree.ElementTree as ET

import pytest

from chainrule.derive import prove

from .exhibits import ZOO, Exhibit, read_exhibits
from .page import make_index, make_page

EXHIBITS = read_exhibits()
WRONG = [each for each in EXHIBITS if each.has_wrong]
UNNAMED = {"bce_pos_weight", "norm_on_the_residual"}  # found, and where, but not what
PAGES = ZOO.parents[1] / "docs" / "zoo"
PLACE = "No single mistake that is known here gives these numbers"


def show(exhibits: list[Exhibit]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("exhibit", exhibits, ids=lambda each: each.name)


@show(WRONG)
def test_the_wrong_one_is_found_and_named_rightly_or_not_at_all(exhibit: Exhibit) -> None:
    verdicts, complaints = exhibit.check("wrong")
    said = "\n".join(verdict.text for verdict in verdicts)
    assert complaints == []
    assert "wrong" in {verdict.kind for verdict in verdicts}
    if exhibit.name in UNNAMED:
        assert PLACE in said
    else:
        assert PLACE not in said
        assert [words for words in exhibit.named if words not in said] == []
    assert_page_is_fresh(exhibit)


@show(EXHIBITS)
def test_the_right_one_is_not_blamed(exhibit: Exhibit) -> None:
    verdicts, complaints = exhibit.check("right")
    assert {verdict.kind for verdict in verdicts} == {"right"}
    assert complaints == []
    if not exhibit.has_wrong:
        assert_page_is_fresh(exhibit)


@show([each for each in EXHIBITS if each.forward])
def test_the_formulas_are_proven_right_and_wrong(exhibit: Exhibit) -> None:
    assert prove(exhibit.write_derivation("right"), repairs=False).ok
    if exhibit.wrong:
        assert not prove(exhibit.write_derivation("wrong"), repairs=False).ok


def test_there_are_thirty_wrong_ones_and_four_in_five_are_named() -> None:
    assert len(WRONG) >= 30
    assert len(UNNAMED) <= len(WRONG) / 5
    assert all(each.named for each in WRONG)
    assert {each.name for each in EXHIBITS} == {folder.name for folder in ZOO.iterdir() if folder.is_dir()}


def assert_page_is_fresh(exhibit: Exhibit) -> None:
    """Hold the page to what was just said, and its links to what is there."""
    text = (PAGES / f"{exhibit.name}.html").read_text(encoding="utf-8")
    assert make_page(exhibit) == text, "run python scripts/make_docs.py"
    links = {link.get("href") for link in ET.fromstring(text.removeprefix("<!DOCTYPE html>\n")).iter("a")}
    assert {link for link in links if not link.startswith("https://github.com/")} == {"index.html"}


def test_the_list_is_fresh_and_leads_to_every_page() -> None:
    text = (PAGES / "index.html").read_text(encoding="utf-8")
    assert make_index(EXHIBITS) == text, "run python scripts/make_docs.py"
    links = {link.get("href") for link in ET.fromstring(text.removeprefix("<!DOCTYPE html>\n")).iter("a")}
    assert links == {path.name for path in PAGES.glob("*.html")} - {"index.html"}
