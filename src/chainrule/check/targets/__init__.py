"""What can be checked, one kind a file; kinds.py is the registry of them.

Imports: errors, layers, model, replay, trial.
"""
