"""What the documentation site is made of, beside the texts under docs/: pages that are written from the code."""
