"""Gradients of a known form, with one part of it wrong.

Imports: case, families, guess, known_arrays, model.
"""
