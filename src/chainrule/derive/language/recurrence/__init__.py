"""Recurrence over time: lines that read what they define at another step, and what lies before the first.

Imports: errors, expressions, lexer, parser, printer, scope, subscripts.
"""
