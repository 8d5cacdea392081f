"""Names and labels of the pages, in Chinese and English."""
