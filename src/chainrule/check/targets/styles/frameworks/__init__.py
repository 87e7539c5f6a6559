"""Frameworks of a person's own: values that record how they came about, and operations that are called with them.

Imports: cached_functions, calls, errors, kinds, model, pair, pytorch.
"""
