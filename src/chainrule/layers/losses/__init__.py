"""Losses: predictions and targets in, one number out.

Imports: base.
"""
