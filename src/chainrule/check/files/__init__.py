"""A person's file: what in it can be checked, with which inputs, in a process of its own.

Imports: answers, apart, checker, errors, model, targets, trial.
"""
