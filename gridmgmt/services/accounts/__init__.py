"""Who may come in, and as whom: accounts, passwords, second factors, sessions, tokens, screens.

Callers use `accounts` for what an administrator does and what somebody may see, `logins` before
a password is looked at, `sessions`, `tokens` and `displays` for those who are in, and `audit`
to look at who did what.
"""
