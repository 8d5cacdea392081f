"""``demo``: build the sample city and serve its pages."""
