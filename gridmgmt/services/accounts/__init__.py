"""Accounts, passwords, second factors, sessions, tokens and wall screens.

Callers use `accounts` for what an administrator does, `case_scopes` for what somebody may see,
`login_limits` before a password is checked, `sessions`, `tokens` and `displays` after a login,
and `audit` to read who did what.
"""
