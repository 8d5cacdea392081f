"""Accounts, sessions, tokens, screens and the audit log, as stored."""
