"""Activations: one number in, one out; softmax and log-softmax over a row.

Imports: base, memory, threads.
"""
