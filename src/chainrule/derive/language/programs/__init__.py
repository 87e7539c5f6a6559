"""Programs as data, how a text is read into one, and what to tell of such a reading.

Imports: dimensions, errors, expressions, functions, lexer, parser, printer, recurrence, scope, subscripts, words.
"""
