"""What is asked for besides the verdict: intermediate gradients, symbols, pictures."""
