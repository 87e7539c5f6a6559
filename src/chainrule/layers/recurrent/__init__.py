"""Layers that read a sequence step by step.

Imports: activations, base, memory, normalization, products, threads.
"""
