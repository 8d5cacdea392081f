"""Run the ``gridmgmt`` program with ``python -m gridmgmt``."""

from gridmgmt.cli import main

main()
