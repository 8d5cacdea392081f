"""What a person asks for; rules that touch several nouns."""
