"""Planted mistakes in right derivations: does the prover refuse each, name its line, and find the repair?

`python -m tests.faults.derivations` prints the table. Only `run.py` uses the prover: the mistakes are made by
`mutations.py`, and held to be mistakes by the evaluator in `loops.py`, plain loops over numbers.
"""
