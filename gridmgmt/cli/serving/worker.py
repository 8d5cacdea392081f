"""``gridmgmt worker``: the process that does long work for the pages."""

import click

from gridmgmt.settings import Settings


@click.command("worker")
@click.pass_obj
def worker(settings: Settings) -> None:
    """Do the long work people ask for on the pages, until stopped.

    gridmgmt serve starts one beside the pages; more may run, on other machines too if they
    share GRIDMGMT_HOME. It starts no cluster: one that was stopped on purpose stays down. Told
    to stop, it gives work that would take long back to the next one.
    """
    from gridmgmt.cli.serving.needs import log_to_stderr, ready_database
    from gridmgmt.worker.main import Worker

    log_to_stderr()
    Worker(ready_database(settings), settings).run()
