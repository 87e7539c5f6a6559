"""PyTorch's functions and modules as targets, and what goes wrong with them in use.

Imports: cached_functions, errors, kinds, model, pair, trial.
"""
