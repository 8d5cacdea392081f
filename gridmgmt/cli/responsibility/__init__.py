"""Who answers where for what: a noun for each kind of record."""
