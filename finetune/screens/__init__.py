"""Drawn screens with their truth: what the model learns to see, without end and without anyone's data."""
