"""Archives of cases past what one table or one machine holds: located and counted.

Callers use `archives` for folders and `tables` for one table; `crew` are the workers, the
others what a part is read, judged and written by.
"""
