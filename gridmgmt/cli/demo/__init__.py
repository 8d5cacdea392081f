"""``demo``: the sample city, from an empty database to its pages."""
