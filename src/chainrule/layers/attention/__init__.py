"""Attention: each place of a sequence reads from the others; positions as rotations.

Imports: base, linear, memory, products, threads.
"""
