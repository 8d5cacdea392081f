"""``gridmgmt account``: the accounts of people who may log in."""

import sys
from typing import TYPE_CHECKING

import click

from gridmgmt.cli.accounts.area_option import area_option
from gridmgmt.cli.columns import print_columns
from gridmgmt.cli.work import commit_option, json_option, print_json, say, work
from gridmgmt.errors import InputError
from gridmgmt.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from gridmgmt.domain.accounts.account import Account


@click.group()
def account() -> None:
    """Make, list and change the accounts of people who log in."""


def _password_options(command: "Callable[..., Any]") -> "Callable[..., Any]":
    generate = click.option(
        "--generate", is_flag=True, help="Generate a password and print it once."
    )
    stdin = click.option(
        "--password-stdin", is_flag=True, help="Read the password from standard input."
    )
    return generate(stdin(command))


@account.command()
@click.argument("username")
@click.option("--role", required=True, help="E.g. dispatcher; an unknown role lists all roles.")
@click.option("--name", default="", help="The person's name, shown on the pages.")
@area_option("Limit the account to an area.")
@click.option("--responder", metavar="CODE", help="Responder that the account acts for.")
@_password_options
@commit_option
@click.pass_obj
def create(
    settings: Settings,
    username: str,
    role: str,
    name: str,
    area: tuple[str, str] | None,
    responder: str | None,
    generate: bool,
    password_stdin: bool,
    commit: bool,
) -> None:
    """Make an account. Without a password option, the command asks for a password twice.

    The person must change this password at the first login.
    """
    from gridmgmt.services.accounts import accounts

    password = _password(generate=generate, stdin=password_stdin)
    with work(settings, commit=commit) as conn:
        # The password is known before the transaction begins: no lock waits for somebody who
        # types.
        made = accounts.create(
            conn,
            username,
            role,
            password,
            name=name,
            area=area,
            responder_code=responder,
            actor=settings.actor,
        )
        say(f"account {made.username}: {made.role.name_en} ({made.role.name_zh})")
    _tell(password, generated=generate, commit=commit)


@account.command("list")
@json_option
@click.pass_obj
def list_(settings: Settings, as_json: bool) -> None:
    """List all accounts by username."""
    from gridmgmt.store.accounts.accounts import list_accounts

    with work(settings, commit=None) as conn:
        rows = [_plain(one) for one in list_accounts(conn)]
    if as_json:
        print_json(rows)
        return
    columns = ("username", "name", "role", "area", "responder", "active")
    print_columns(columns, [[row[column] for column in columns] for row in rows])


@account.command()
@click.argument("username")
@commit_option
@click.pass_obj
def disable(settings: Settings, username: str, commit: bool) -> None:
    """Disable an account and end its sessions. The history of the account stays."""
    _set_active(settings, username, active=False, commit=commit)


@account.command()
@click.argument("username")
@commit_option
@click.pass_obj
def enable(settings: Settings, username: str, commit: bool) -> None:
    """Enable a disabled account, so that it can log in again."""
    _set_active(settings, username, active=True, commit=commit)


@account.command("password")
@click.argument("username")
@_password_options
@commit_option
@click.pass_obj
def password_(
    settings: Settings, username: str, generate: bool, password_stdin: bool, commit: bool
) -> None:
    """Set a new password, which must be changed at the next login. Ends all sessions."""
    from gridmgmt.services.accounts import accounts

    password = _password(generate=generate, stdin=password_stdin)
    with work(settings, commit=commit) as conn:
        accounts.set_password(conn, username, password, actor=settings.actor)
        say(f"account {username}: another password until the next login, its sessions end")
    _tell(password, generated=generate, commit=commit)


@account.command("end-sessions")
@click.argument("username", required=False)
@click.option("--everybody", is_flag=True, help="End the sessions of all accounts.")
@commit_option
@click.pass_obj
def end_sessions(
    settings: Settings, username: str | None, everybody: bool, commit: bool
) -> None:
    """End all sessions of an account, or of all accounts."""
    from datetime import UTC, datetime

    from gridmgmt.services.accounts import sessions
    from gridmgmt.store.accounts.accounts import get_account

    # A forgotten name must not end the sessions of everybody.
    if (username is None) is not everybody:
        message = "name one account, or give --everybody"
        raise InputError(field="username", message=message)
    now = datetime.now(UTC)
    with work(settings, commit=commit) as conn:
        if username is None:
            ended = sessions.end_everybodys(conn, actor=settings.actor, now=now)
        else:
            name = get_account(conn, username).username
            ended = sessions.end_all(conn, name, actor=settings.actor, now=now)
        say(f"{ended} session(s) ended")


@account.command("reset-second-factor")
@click.argument("username")
@commit_option
@click.pass_obj
def reset_second_factor(settings: Settings, username: str, commit: bool) -> None:
    """Remove the second factor of an account, for a lost phone. Ends all sessions."""
    from gridmgmt.services.accounts import second_factors

    with work(settings, commit=commit) as conn:
        second_factors.reset(conn, username, actor=settings.actor)
        say(f"account {username}: no second factor any more, its sessions end")


def _set_active(settings: Settings, username: str, *, active: bool, commit: bool) -> None:
    from gridmgmt.services.accounts import accounts

    with work(settings, commit=commit) as conn:
        accounts.set_active(conn, username, active=active, actor=settings.actor)
        say(f"account {username}: {'may log in' if active else 'disabled'}")


def _password(*, generate: bool, stdin: bool) -> str:
    """Generate, read or ask for a password.

    It is never an argument: every user of the machine can read those, and shells keep them.
    """
    from gridmgmt.services.accounts.passwords import new_password

    if generate and stdin:
        message = "take either --generate or --password-stdin"
        raise InputError(field="password", message=message)
    if generate:
        return new_password()
    if stdin:
        return sys.stdin.readline().rstrip("\r\n")
    # On stderr: stdout is for data, here for a generated password.
    asked: str = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    return asked


def _tell(password: str, *, generated: bool, commit: bool) -> None:
    """Print a generated password, but only with ``commit``.

    After a dry run the password would be of no use.
    """
    if generated and commit:
        click.echo(password)


def _plain(one: "Account") -> dict[str, object]:
    return {
        "username": one.username,
        "name": one.name,
        "role": one.role.code,
        "area": None if one.area is None else ":".join(one.area),
        "responder": one.responder_code,
        "active": one.active,
    }
