"""Whether two lines are equal, where they differ, and the smallest case in which they do.

Imports: evaluation, language, partials, points, reading, truth.
"""
