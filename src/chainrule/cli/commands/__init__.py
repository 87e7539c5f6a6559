"""One file for each command: it parses what the person gave, calls one function, and prints.

Imports: catalogue, check, data, derive, errors, experiments, files, layers, nets, onnx, output, practical, report,
train, verify, web.
"""
