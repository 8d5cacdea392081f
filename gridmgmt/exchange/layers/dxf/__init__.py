"""Read DXF drawings: closed polylines are areas, a text inside one is its label."""
