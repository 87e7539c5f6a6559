"""The practical: its rows, what its report published of each, and the assembly of our report beside it.

rows.py       what each row asks for, and which experiment, derivation, comparison or benchmark answers it
plan.py       which runs are there, and which are missing
published.py  the published derivations and backwards, judged
assembly.py   what is missing is trained, and all of it gathered for the page

Imports: catalogue, check, derive, errors, experiments, report, shipped, train.
"""
