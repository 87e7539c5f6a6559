"""Measurements of speed and memory. `python -m benchmarks` (or `make bench`) runs all of them and prints their tables."""
