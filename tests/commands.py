"""The commands of the program, as tests look through them."""

import click

from gridmgmt.cli import program


def commands(
    group: click.Group = program, path: tuple[str, ...] = ()
) -> dict[str, click.Command]:
    """Return every command by its whole name, groups left out."""
    context = click.Context(group)
    found: dict[str, click.Command] = {}
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            found |= commands(command, (*path, name))
        else:
            found[" ".join((*path, name))] = command
    return found
