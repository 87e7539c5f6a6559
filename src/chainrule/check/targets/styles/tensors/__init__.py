"""PyTorch's tensors without its autograd: in functions, in classes, with gradients left in an attribute of them.

Imports: cached_functions, function_pairs, kinds, model, pair, places, pytorch.
"""
