"""Functions with a rule of their own in JAX: custom_vjp, custom_jvp, and those that take a tree of arrays.

Imports: cached_functions, errors, kinds, made_parameters, model, pair, replay, trial.
"""
