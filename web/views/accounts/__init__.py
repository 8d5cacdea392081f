"""Pages for login, one's own account, and managing accounts."""
