"""Gradients derived step by step, every step proven.

Imports: evaluation, language.
"""
