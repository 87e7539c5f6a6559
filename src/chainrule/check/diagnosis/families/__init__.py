"""One family of mistakes a file: each yields explanations that reproduce the numbers at hand.

Imports: case, guess, known_arrays, late_edits, model, replay, replays, source_edits, spots.
"""
