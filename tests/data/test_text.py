import sys

import numpy as np
import pytest

from chainrule import data
from chainrule.data.sheet import draw_sheet
from chainrule.data.text import WINDOW, cut_windows, decode, list_characters, read_topics
from chainrule.errors import UserError


def test_each_window_is_labelled_with_the_characters_that_follow():
    text = data.load("text")
    for part in (text.train, text.test):
        assert part.images.shape == (len(part.labels), 1, 1, WINDOW)
        assert part.labels.shape == (len(part.labels), WINDOW)
        tokens = part.images.reshape(-1)
        np.testing.assert_array_equal(part.labels.ravel()[:-1], tokens[1:])


def test_the_windows_are_the_topics_one_after_the_other():
    text, topics = data.load("text"), read_topics()
    assert decode(text.train.images.ravel()) == topics[: text.train.images.size]
    assert len(text.classes) == len(list_characters(topics))
    assert 0.88 < text.train.images.size / len(topics) < 0.9


def test_what_follows_the_last_window_is_left_out():
    split = cut_windows(np.arange(2 * WINDOW, dtype=np.uint8))
    assert split.images.shape == (1, 1, 1, WINDOW)
    np.testing.assert_array_equal(split.labels[0], np.arange(1, WINDOW + 1))


def test_a_python_without_help_topics_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "pydoc_data.topics", None)
    with pytest.raises(UserError, match="without the topics of its help"):
        data.load("text")


def test_a_sheet_of_text_is_refused(tmp_path):
    with pytest.raises(UserError, match="are text, of which no sheet can be drawn"):
        draw_sheet(data.load("text"), tmp_path / "sheet.png")
