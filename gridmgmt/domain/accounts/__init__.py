"""Who may come in and what they may see: accounts, sessions, second factors, permissions."""
