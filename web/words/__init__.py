"""What the pages call things, in Chinese and English."""
