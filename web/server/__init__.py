"""One process that answers requests: waitress, with limits that no slow client outlasts.

Heads, bodies and answers wait in one loop that holds no thread; only requests that have arrived
whole are given to one of a few threads (DECISIONS 46). ``gridmgmt serve`` starts this package
as a program, several times on one socket; callers use ``PagesServer``.
"""
