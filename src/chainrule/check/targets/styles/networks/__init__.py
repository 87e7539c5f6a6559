"""Whole networks, whose backward begins with a loss: in functions, in objects, with lists of gradients.

Imports: backward_calls, cached_functions, errors, kinds, model, objects, object_runs, pair, places, pytorch, styles, trial.
"""
