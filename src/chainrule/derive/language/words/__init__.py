"""What the language has words for beyond its nodes: ranges, reductions with a body, special and unknown functions,
implied sums, names of sizes and words that are indices.

Imports: errors, expressions, lexer, subscripts.
"""
