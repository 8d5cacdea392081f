"""Files of strangers, read in a process of their own.

Callers use ``files`` (``read_layer``, ``list_layers``, ``read_table``, ``read_table_pieces``,
``read_head``), and at the edges ``limits`` (``limit_reading``) and ``reader``
(``check_reading``). The other modules are how it is done:

``reader`` in our process starts a ``server``, a loaded process with one thread and no network,
which forks a ``child`` for every file. The child takes limits upon itself, keeps the one GDAL
driver that the file's kind needs, gives up all files but that one (``confinement``), reads,
and ends with its file. What it found comes back as
``frames``, JSON or Arrow, never as anything that could run.
"""
