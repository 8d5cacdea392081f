"""Shared by every request: its transaction, its parameters and dates, URLs of files."""
