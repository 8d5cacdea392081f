"""``gridmgmt worker``: the process that does long work for the pages."""

import click

from gridmgmt.settings import Settings


@click.command("worker")
@click.pass_obj
def worker(settings: Settings) -> None:
    """Do the long work that people start on the pages, until stopped.

    gridmgmt serve starts one worker beside the pages. More may run, also on other machines if
    they share GRIDMGMT_HOME. A worker never starts the cluster: a cluster that somebody stopped
    stays down. When it is stopped, a worker returns long work to the queue for the next worker.
    """
    from gridmgmt.cli.serving.needs import log_to_stderr, ready_database
    from gridmgmt.worker.main import Worker

    log_to_stderr()
    Worker(ready_database(settings), settings).run()
