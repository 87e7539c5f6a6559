"""Handwritten digits that come with the package, for work without a network.

They are the 1,797 images of the test part of "Optical Recognition of Handwritten Digits" (E. Alpaydin and C. Kaynak,
UCI Machine Learning Repository, 1998, doi 10.24432/C50P49, licence CC BY 4.0), the same that scikit-learn carries.
`scripts/make_digits.py` made the file from scikit-learn's copy and fixed the split once.
"""

from importlib import resources

import numpy as np

from chainrule.data.dataset import Dataset, Split, hash_split


def load_digits() -> Dataset:
    """Return the digits: 1,438 images to train on and 359 to test on, uint8 (1, 8, 8), 20 % of each class for the test.

    The 17 grey values 0..16 of the original are spread over 0..255.
    """
    with resources.files("chainrule.data").joinpath("digits.npz").open("rb") as file, np.load(file) as stored:
        grey, labels, is_test = stored["images"], stored["labels"].astype(np.int64), stored["is_test"]
    images = np.rint(grey * (255 / 16)).astype(np.uint8)[:, None]
    train, test = Split(images[~is_test], labels[~is_test]), Split(images[is_test], labels[is_test])
    hashes = {"train": hash_split(train), "test": hash_split(test)}
    return Dataset("digits", "chainrule's own copy", tuple("0123456789"), train, test, hashes)
