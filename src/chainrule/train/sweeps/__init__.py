"""A search for settings: a study of many trials, each of which is a run.

Imports: config, errors, interruption, loop, progress, records, runs.
"""
