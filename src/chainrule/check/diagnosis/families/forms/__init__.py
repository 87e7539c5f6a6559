"""Gradients of a known form, with one part of it wrong.

Imports: arrangement, case, guess, known_arrays, model.
"""
