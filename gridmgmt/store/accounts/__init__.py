"""Store accounts, sessions, API tokens, wall screens and the audit log."""
