"""Accounts, sessions, second factors and permissions: who may log in and see what."""
