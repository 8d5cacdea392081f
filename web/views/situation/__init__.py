"""The overview and the map."""
