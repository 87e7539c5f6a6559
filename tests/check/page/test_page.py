"""The page of a check: words, lines and heat maps, in one file that asks for nothing."""

import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from chainrule.check.answers.asked import Asked
from chainrule.check.files.verdicts import check_file
from chainrule.check.page.page import html_page
from chainrule.check.page.pictures import MOST_CELLS

pytestmark = pytest.mark.slow

PUBLISHED = Path(__file__).parents[3] / "examples" / "backwards" / "published"
TARGETS = Path(__file__).parents[1] / "handins"
EMPTY = {"meta", "rect"}


class Outline(HTMLParser):
    """Reads a page, and holds every element to its end."""

    def __init__(self, page):
        super().__init__()
        self.open, self.labels, self.meant = [], [], 0
        self.feed(page)
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.labels += [given["aria-label"]] if tag == "svg" else []
        self.meant += given.get("class") == "meant"
        if tag not in EMPTY or tag == "rect":
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        pass

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def draw(path, name="", **given):
    verdicts, complaints = check_file(path, name, given, 0, asked=Asked(pictures=True))
    return verdicts, html_page(path.name, verdicts, complaints, path.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def norm():
    return draw(PUBLISHED / "layer_norm.py")


def test_the_page_is_whole_and_asks_for_nothing(norm):
    _, page = norm
    outline = Outline(page)
    assert not re.findall(r"https?://|<script|<link|@import|url\(", page)
    assert "prefers-color-scheme: dark" in page
    assert "LayerNormModule" in page
    assert outline.meant == 3  # μ and σ² of dx, X̂ of dgamma


def test_every_map_says_in_words_what_it_shows(norm):
    verdicts, page = norm
    labels = Outline(page).labels
    assert [picture.name for picture in verdicts[0].pictures] == ["x", "gamma", "beta"]
    assert len(labels) == 3 + 2 + 3  # dgamma has another shape, so there is no difference
    assert labels[0].startswith("dx expected, 4 × 5: from ")
    assert any(label.startswith("found − expected, rounding alone: ") for label in labels)


def test_pictures_hold_what_was_found(norm):
    picture = norm[0][0].pictures[0]
    expected, found = np.array(picture.expected.values), np.array(picture.found.values)
    assert expected.shape == found.shape == (4, 5)
    assert picture.expected.places[3][4] == [3, 4]
    assert np.max(np.abs(expected - found)) > 0.1
    np.testing.assert_allclose(expected.sum(axis=1), 0, atol=1e-9)  # as a norm's do; x.var is differenced centrally


def test_large_arrays_are_reduced_to_the_entries_that_are_wrong(tmp_path):
    path = tmp_path / "theirs.py"
    path.write_text(
        "def scale_forward(x):\n    return 3 * x, x\n\n"
        "def scale_backward(dout, cache):\n    dx = 3 * dout\n    dx[7, 45] += 1\n    return dx\n",
        encoding="utf-8",
    )
    from chainrule.check.files.given import Given

    ((verdict,), page) = draw(path, x=Given((9, 70)))
    (picture,) = verdict.pictures
    apart = np.abs(np.array(picture.found.values) - np.array(picture.expected.values))
    assert apart.shape == (9, MOST_CELLS)
    assert np.count_nonzero(apart > 1e-9) == 1
    row, column = np.unravel_index(np.argmax(apart), apart.shape)
    assert picture.found.places[row][column] == [7, 45]
    assert "Each cell stands for a block of entries and shows the one that is farthest from right." in page
    Outline(page)


def test_names_of_a_person_are_escaped(norm):
    page = html_page("<b>.py", norm[0], ["a < b"])
    assert "<b>" not in page
    assert "a &lt; b" in page


def test_several_verdicts_are_listed_first_and_right_gradients_are_folded():
    _, page = draw(TARGETS / "modes.py", "")
    contents, first, *_ = page.split("<section>")
    assert "5 of 12 right" in contents
    assert '<a href="#EvaluationScale">EvaluationScale</a>: <span class="wrong">wrong</span>' in contents
    assert '<h2 id="BatchNorm">BatchNorm: <span class="right">right</span></h2>' in first
    assert first.count("<details><summary>Expected, found and difference</summary>") == 3


def test_what_is_wrong_in_one_mode_alone_has_no_picture_of_the_other():
    _, page = draw(TARGETS / "modes.py", "EvaluationScale")
    wrong = page.split('<article class="finding is-wrong">')[1].split("</article>")[0]
    assert "in evaluation mode" in wrong
    assert "<svg" not in wrong
