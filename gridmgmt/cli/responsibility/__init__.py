"""Commands for duties, responders and their places: a noun for each kind of record."""
