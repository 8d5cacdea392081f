"""``serve`` and ``worker``, and the processes they keep alive."""
