"""Text that comes with Python: the topics of its help, in windows of characters, each of which predicts the next.

`pydoc_data.topics` is what `help()` prints of the language, about 500,000 characters.
"""

from __future__ import annotations

import numpy as np

from chainrule.data.dataset import Dataset, Split, hash_split
from chainrule.errors import UserError

WINDOW = 64  # characters
TRAINED = 0.9  # of the text, from its beginning; the rest is for the test


def load_text() -> Dataset:
    """Return the windows of the topics: `images`, uint8 (N, 1, 1, WINDOW), and `labels`, int64 (N, WINDOW).

    Each character is a class; the labels are the characters that follow. The topics stand in the order of their names.
    Raises UserError where this Python comes without them.
    """
    text = read_topics()
    characters = list_characters(text)
    number = {character: k for k, character in enumerate(characters)}
    tokens = np.array([number[character] for character in text], np.uint8)
    end = round(TRAINED * len(tokens))
    train, test = cut_windows(tokens[:end]), cut_windows(tokens[end:])
    hashes = {"train": hash_split(train), "test": hash_split(test)}
    classes = tuple(ascii(character)[1:-1] for character in characters)
    return Dataset("text", "the help topics of this Python", classes, train, test, hashes)


def read_topics() -> str:
    """Return the topics, one after the other."""
    try:
        from pydoc_data.topics import topics
    except ImportError as error:
        raise UserError("This Python comes without the topics of its help (pydoc_data), which are the text.") from error
    return "\n".join(topics[name] for name in sorted(topics))


def list_characters(text: str) -> list[str]:
    """Return the characters of a text, in order: a character's place is its class."""
    characters = sorted(set(text))
    if len(characters) > 256:
        raise UserError(f"The help topics of this Python have {len(characters)} characters, but 256 is the most.")
    return characters


def decode(tokens: np.ndarray) -> str:
    """Return the text that classes stand for."""
    characters = list_characters(read_topics())
    return "".join(characters[token] for token in tokens)


def cut_windows(tokens: np.ndarray) -> Split:
    """Cut a text into windows that do not overlap; what follows the last is left out."""
    count = (len(tokens) - 1) // WINDOW
    windows, following = (tokens[k : k + count * WINDOW].reshape(count, WINDOW) for k in (0, 1))
    return Split(windows[:, None, None], following.astype(np.int64))
