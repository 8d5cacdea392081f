"""Read what the map and the overview count and draw."""
