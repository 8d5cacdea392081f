"""The nouns of the platform and their rules, without input or output."""
