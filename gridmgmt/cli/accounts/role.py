"""``gridmgmt role``: what each kind of work at the bureau may do."""

from typing import TYPE_CHECKING

import click

from gridmgmt.cli.columns import print_columns
from gridmgmt.cli.work import commit_option, json_option, print_json, say, work
from gridmgmt.errors import InputError
from gridmgmt.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gridmgmt.domain.accounts.permission import Permission
    from gridmgmt.services.accounts.roles import RoleEffect


@click.group()
def role() -> None:
    """List and change roles, add roles of the bureau's own, and retire them."""


@role.command("list")
@json_option
@click.pass_obj
def list_(settings: Settings, as_json: bool) -> None:
    """List all roles with their permissions and the number of accounts that have them."""
    from gridmgmt.services.accounts.roles import count_accounts
    from gridmgmt.store.accounts.roles import list_roles

    with work(settings, commit=None) as conn:
        counts = count_accounts(conn)
        rows = [
            (
                one.code,
                one.name_zh,
                one.name_en,
                counts.get(one.code, (0, 0))[1],
                sorted(map(str, one.permissions)),
            )
            for one in list_roles(conn)
        ]
    columns = ("role", "name_zh", "name_en", "accounts", "permissions")
    if as_json:
        print_json([dict(zip(columns, row, strict=True)) for row in rows])
        return
    print_columns(
        columns,
        [[*row, " ".join(permissions)] for *row, permissions in rows],
    )


@role.command()
@json_option
@click.pass_obj
def permissions(settings: Settings, as_json: bool) -> None:
    """List all permissions: what each lets a person do and see."""
    from gridmgmt.domain.accounts.permission_words import PERMISSIONS

    rows = [
        {"permission": str(one), "name": words.name.en, "allows": words.allows.en}
        for one, words in PERMISSIONS.items()
    ]
    if as_json:
        print_json(rows)
        return
    columns = ("permission", "name", "allows")
    print_columns(columns, [[row[column] for column in columns] for row in rows])


@role.command()
@click.argument("code")
@click.option("--name-zh", required=True, help="Its name in Chinese.")
@click.option("--name-en", default="", help="Its name in English; otherwise the Chinese one.")
@click.option("--give", multiple=True, required=True, metavar="PERMISSION", help="Repeatable.")
@commit_option
@click.pass_obj
def add(
    settings: Settings,
    code: str,
    name_zh: str,
    name_en: str,
    give: tuple[str, ...],
    commit: bool,
) -> None:
    """Add a role of the bureau's own, with its permissions."""
    from gridmgmt.services.accounts.roles import StatedRole, put_role

    stated = StatedRole(code, name_zh, name_en, frozenset(give), is_new=True)
    with work(settings, commit=commit) as conn:
        _tell(put_role(conn, stated, actor=settings.actor), settings)


@role.command("set")
@click.argument("code")
@click.option("--name-zh", help="Another name in Chinese.")
@click.option("--name-en", help="Another name in English.")
@click.option("--give", multiple=True, metavar="PERMISSION", help="Repeatable.")
@click.option("--take", multiple=True, metavar="PERMISSION", help="Repeatable.")
@commit_option
@click.pass_obj
def set_(
    settings: Settings,
    code: str,
    name_zh: str | None,
    name_en: str | None,
    give: tuple[str, ...],
    take: tuple[str, ...],
    commit: bool,
) -> None:
    """Give permissions to a role, take others away, or rename it; names whom it concerns.

    It holds from the next request of these people on; their sessions stay.
    """
    from gridmgmt.services.accounts.roles import StatedRole, put_role
    from gridmgmt.store.accounts.roles import get_role

    both = sorted({*give} & {*take})
    if both:
        message = f"{', '.join(both)}: either --give or --take"
        raise InputError(field="permissions", message=message)
    with work(settings, commit=commit) as conn:
        now = get_role(conn, code)
        _check_had(now.permissions, take)
        stated = StatedRole(
            code,
            now.name_zh if name_zh is None else name_zh,
            now.name_en if name_en is None else name_en,
            frozenset({*map(str, now.permissions), *give} - {*take}),
        )
        _tell(put_role(conn, stated, actor=settings.actor), settings)


@role.command()
@click.argument("code")
@commit_option
@click.pass_obj
def retire(settings: Settings, code: str, commit: bool) -> None:
    """Delete a role that no account has, not even a disabled one."""
    from gridmgmt.services.accounts.roles import retire_role

    with work(settings, commit=commit) as conn:
        gone = retire_role(conn, code, actor=settings.actor)
        say(f"role {gone.code}: {gone.name_en} ({gone.name_zh}) is no more")


def _check_had(had: "Iterable[Permission]", take: tuple[str, ...]) -> None:
    # A permission that is written wrong must not be taken from nobody in silence.
    missing = sorted({*take} - {*map(str, had)})
    if missing:
        message = f"the role does not have {', '.join(missing)}"
        raise InputError(field="permissions", message=message)


def _tell(effect: "RoleEffect", settings: Settings) -> None:
    after = effect.after
    say(f"role {after.code}: {after.name_en} ({after.name_zh})")
    for sign, changed in (("given", effect.given), ("taken", effect.taken)):
        if changed:
            say(f"  {sign}: {', '.join(changed)}")
    for one in effect.opening_nothing:
        say(f"  note: {one} opens nothing without another permission")
    named = ", ".join(one.username for one in effect.people)
    say(f"  accounts it concerns: {len(effect.people)}{f' ({named})' if named else ''}")
    if settings.second_factor and effect.to_set_up:
        names = ", ".join(one.username for one in effect.to_set_up)
        say(f"  must set up verification codes at the next login: {names}")
