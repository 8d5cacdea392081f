"""``python -m gridmgmt`` is the ``gridmgmt`` program."""

from gridmgmt.cli import main

main()
