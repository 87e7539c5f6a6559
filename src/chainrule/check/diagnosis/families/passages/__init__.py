"""What goes wrong where a gradient passes an operation: another derivative, path or mode, two parts at once.

Imports: case, factor, frozen, guess, known_arrays, model, operation, replay.
"""
