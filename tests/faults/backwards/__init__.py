"""Planted mistakes in right backwards: is each found, and named?

`python -m tests.faults` prints the table. `specimens.py` has right forwards and backwards of many layers. Mistakes are
planted in their text by `mutations.py` and around them by `wrappers.py`, which know nothing of the diagnosis; `run.py`
alone uses it.
"""
