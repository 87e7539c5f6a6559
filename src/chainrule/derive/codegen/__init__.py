"""NumPy source of expressions and of whole functions.

Imports: language.
"""
