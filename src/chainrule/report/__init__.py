"""Figures and pages, made from the records of runs alone.

Imports: errors, pages.
"""
