"""Locate and count archives of cases that are too large for one table or one machine.

Callers use `archives` for folders and `tables` for one table. `crew` are the workers; the other
modules read, judge and write the parts.
"""
