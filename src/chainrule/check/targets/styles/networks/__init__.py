"""Whole networks, whose backward begins with a loss: in functions, in objects, with lists of gradients.

Imports: backward_calls, cached_functions, errors, kinds, made_parameters, model, object_runs, objects, pair,
places, pytorch, remade, renamed_methods, trial.
"""
