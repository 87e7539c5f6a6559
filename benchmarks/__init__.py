"""Measurements of speed and memory. `python -m benchmarks` (or `make bench`) runs all and prints their tables."""
