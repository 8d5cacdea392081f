"""Counts in, rates out."""
