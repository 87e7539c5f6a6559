"""Layers that read a sequence step by step.

Imports: activations, base, normalization, threads.
"""
