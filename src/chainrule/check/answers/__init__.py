"""What is asked for besides the verdict: intermediate gradients, symbols, pictures.

Imports: checker, derive, diagnosis, errors, layers, model, page, replay, trial.
"""
