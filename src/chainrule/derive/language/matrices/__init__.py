"""Functions of whole matrices: what they are, one row each, and how they are written in index notation.

Imports: expressions, lexer, scope, subscripts.
"""
