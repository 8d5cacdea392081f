"""Cases that people report with a form: what lies there, who would have it, sending it once.

Callers use ``places``, ``previews`` and ``sending``.
"""
