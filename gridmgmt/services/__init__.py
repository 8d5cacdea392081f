"""What people ask the platform to do, and rules that concern several nouns."""
