"""What a run leaves on disk, and how it is read again.

Imports: config, data, display, errors, ranks, shipped.
"""
