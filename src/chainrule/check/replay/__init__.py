"""Calls of a forward recorded, and run again with one operation changed: NumPy, PyTorch, JAX.

Imports: model.
"""
