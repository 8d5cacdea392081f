"""``case`` and its verbs, and how cases look on the terminal."""
