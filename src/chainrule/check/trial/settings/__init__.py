"""Settings with a default, at other values: which there are, and what a backward makes of them.

Imports: model, trial.
"""
