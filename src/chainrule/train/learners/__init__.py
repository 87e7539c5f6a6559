"""A network with its optimizer that can take a step: in NumPy, in PyTorch, on several processes.

Imports: config, data, errors, layers, nets, network, optim, pytorch, ranks, records.
"""
