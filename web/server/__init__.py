"""One server process: waitress, with limits against slow clients.

Heads, bodies and answers wait in one loop that needs no thread. Only a request that has arrived
completely gets one of a few threads (DECISIONS 46). ``gridmgmt serve`` starts this package as a
program, several times on one socket; callers use ``PagesServer``.
"""
