"""The numbers that an expression has: arithmetics, sizes, points, and the literal evaluator.

Imports: language.
"""
