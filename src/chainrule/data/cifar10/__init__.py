"""CIFAR-10: fetched, verified, decoded, kept in a cache.

Imports: dataset, errors, progress.
"""
