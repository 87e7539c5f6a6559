"""Units that multiply one half of their features by a function of the other.

Imports: base, memory, normal, sigmoid, threads.
"""
