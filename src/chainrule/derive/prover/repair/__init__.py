"""The search for the edit that makes a wrong line follow.

Imports: evaluation, judging, language, partials, points, reading, truth.
"""
