"""Expected, found and difference as pictures, and the page that shows them.

Imports: model, pages, replay, trial.
"""
