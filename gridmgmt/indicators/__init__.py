"""Rates, counts and rankings, computed from counts."""
