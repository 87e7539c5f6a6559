"""One file for each command: it parses what the person gave, calls one function, and prints.

Imports: catalogue, check, data, derive, errors, experiments, layers, nets, onnx, practical, report, terminal, train,
verify, web.
"""
