"""What every request has: its transaction, its parameters and days, addresses of files."""
