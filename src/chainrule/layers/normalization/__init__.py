"""Normalisation over the batch or over a row."""
