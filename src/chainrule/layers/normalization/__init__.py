"""Normalisation over the batch or over a row.

Imports: activations, base, memory, threads.
"""
