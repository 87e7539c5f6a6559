"""Make src/chainrule/data/digits.npz of the digits that scikit-learn carries: `python scripts/make_digits.py`.

Source: E. Alpaydin and C. Kaynak, "Optical Recognition of Handwritten Digits", UCI Machine Learning Repository, 1998,
doi 10.24432/C50P49, licence CC BY 4.0. The split is made here once, 20 % of each class for the test, so
that it stays the same whatever NumPy's generators do in the future.
"""

from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits

from chainrule.data.dataset import stratified_split

TARGET = Path(__file__).parents[1] / "src" / "chainrule" / "data" / "digits.npz"


def main() -> None:
    """Write the file."""
    digits = load_digits()
    labels = digits.target.astype(np.uint8)
    is_test = np.zeros(len(labels), bool)
    is_test[stratified_split(labels, 0.2, np.random.default_rng(0))[1]] = True
    np.savez_compressed(TARGET, images=digits.images.astype(np.uint8), labels=labels, is_test=is_test)


if __name__ == "__main__":
    main()
