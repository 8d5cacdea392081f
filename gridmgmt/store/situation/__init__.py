"""What the map and the overview count and draw, as stored."""
