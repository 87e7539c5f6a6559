"""Settings with a default, at other values: which there are, and what a backward makes of them.

Imports: inputs, judgement, model, sizes, true_gradients.
"""
