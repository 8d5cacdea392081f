"""Compute what maps draw: density surfaces, and outlines with few vertices."""
