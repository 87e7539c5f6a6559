"""What the language has words for beyond its nodes: ranges, reductions with a body, special and unknown functions.

Imports: expressions, subscripts.
"""
