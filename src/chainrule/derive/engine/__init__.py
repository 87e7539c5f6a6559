"""Gradients derived step by step, every step proven."""
