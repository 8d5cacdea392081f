"""Pure functions on coordinate and geometry arrays."""
