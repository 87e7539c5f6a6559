"""Anybody's backward held to the truth.

problem.py      one wrong gradient and everything around it
differences.py  gradients by differences
tolerance.py    how far two right results may lie apart
"""
