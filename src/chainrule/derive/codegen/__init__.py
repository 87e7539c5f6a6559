"""NumPy source of expressions and of whole functions, and PyTorch source made of it.

Imports: language.
"""
