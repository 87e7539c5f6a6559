"""Planted mistakes in right derivations: does the prover refuse each, name its line, and find the repair?

`python -m tests.faults.derivations` prints the table. Nothing here uses the prover but `run.py`: the mistakes are made
by `mutations.py`, and held to be mistakes by the evaluator in `loops.py`, which is written with plain loops over numbers.
"""
