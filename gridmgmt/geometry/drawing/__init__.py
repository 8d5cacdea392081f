"""What maps draw: density surfaces, and outlines with no more vertices than can be seen."""
