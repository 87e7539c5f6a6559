"""Planted mistakes in right backwards, in every style: is each found, and named?

`python -m tests.faults` prints the tables. `specimens.py` has right forwards and backwards of many layers. Mistakes are
planted in their text by `mutations.py` and around them by `around.py`, and `styles.py` writes the result as people do
(`in_torch.py`: with PyTorch); these know nothing of the checker. `run.py` lets it judge, and `names.py` says which of
its answers name a mistake rightly.
"""
