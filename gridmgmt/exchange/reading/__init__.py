"""Read files of strangers in a separate process.

Callers use ``files`` (``read_layer``, ``list_layers``, ``read_table``, ``read_table_chunks``,
``read_head``). Programs also use ``limits`` (``limit_reading``) and ``reader``
(``check_reading``) when they start. The other modules do the work:

``reader`` in our process starts a ``server``: a process with all libraries loaded, one thread
and no network. It forks a ``child`` for every file. The child limits its memory and time, keeps
only the GDAL driver for this kind of file, gives up access to all other files
(``confinement``), reads the file and ends. The result comes back as ``frames`` of JSON or
Arrow, never as anything that could run.
"""
