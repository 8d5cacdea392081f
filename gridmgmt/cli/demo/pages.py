"""Serve the pages of the sample city, with an account for each role."""

from gridmgmt.cli.columns import print_columns
from gridmgmt.cli.demo.accounts import DemoAccount, renew
from gridmgmt.cli.serving.needs import free_port, listen
from gridmgmt.cli.serving.serve import serve_pages
from gridmgmt.cli.work import say
from gridmgmt.settings import Settings
from gridmgmt.store.engine import transaction
from gridmgmt.store.upkeep.schema_check import checked_engine

# Passwords are printed on this terminal, so only this machine reaches the pages.
HOST = "127.0.0.1"


def serve_demo(settings: Settings, url: str, port: int) -> int:
    """Set new passwords for the accounts, print them, and serve until stopped."""
    engine = checked_engine(url)
    try:
        with transaction(engine, commit=True) as conn:
            # New passwords each time: of the old ones only hashes are stored.
            made = renew(conn)
    finally:
        engine.dispose()
    free = free_port(HOST, port)
    with listen(HOST, free) as listening:
        _show(made)
        if free != port:
            say(f"port {port} is taken by another program; {free} is free and taken instead")
        return serve_pages(settings, listening, HOST)


def _show(made: list[DemoAccount]) -> None:
    say("")
    say("Accounts for this city; these passwords are shown once. The next gridmgmt demo gives")
    say("the same accounts new ones and leaves accounts you made yourself alone.")
    print_columns(
        ("user name", "role", "sees", "password"),
        [(one.username, one.role, one.limit, one.password) for one in made],
    )
    say("")
