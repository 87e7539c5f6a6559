"""Losses: predictions and targets in, one number out.

Imports: activations, base.
"""
