"""What things are and their rules; no input or output."""
