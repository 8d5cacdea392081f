"""The command line: nouns, then verbs; each noun has its own module."""

import importlib
import sys

import click
import psycopg.errors
import sqlalchemy.exc

from gridmgmt import errors
from gridmgmt.cli.problems import error_text
from gridmgmt.exchange.reading.limits import ReadingLimits, limit_reading
from gridmgmt.gc_pause import collect_rarely
from gridmgmt.geometry.compiler_cache import keep_compiled_in
from gridmgmt.settings import Settings
from gridmgmt.without_frames import start_without_frames

NOUNS = {
    "db": "gridmgmt.cli.db:db",
    "level": "gridmgmt.cli.areas.level:level",
    "draft": "gridmgmt.cli.areas.draft:draft",
    "edition": "gridmgmt.cli.areas.edition:edition",
    "area": "gridmgmt.cli.areas.area:area",
    "responder": "gridmgmt.cli.responsibility.responder:responder",
    "duty": "gridmgmt.cli.responsibility.duty:duty",
    "category": "gridmgmt.cli.responsibility.category:category",
    "road-segment": "gridmgmt.cli.responsibility.road_segment:road_segment",
    "zone": "gridmgmt.cli.responsibility.zone:zone",
    "group": "gridmgmt.cli.responsibility.group:group",
    "demolition": "gridmgmt.cli.responsibility.demolition:demolition",
    "component": "gridmgmt.cli.responsibility.component:component",
    "case": "gridmgmt.cli.cases.case:case",
    "account": "gridmgmt.cli.accounts.account:account",
    "role": "gridmgmt.cli.accounts.role:role",
    "display": "gridmgmt.cli.accounts.display:display",
    "map": "gridmgmt.cli.areas.map_classes:map_",
    "locate": "gridmgmt.cli.archives.locate:locate",
    "archive": "gridmgmt.cli.archives.archive:archive",
    "export": "gridmgmt.cli.exports.export:export",
    "serve": "gridmgmt.cli.serving.serve:serve",
    "worker": "gridmgmt.cli.serving.worker:worker",
    "demo": "gridmgmt.cli.demo.demo:demo",
}

_NO_SCHEMA = (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedColumn)

# What is wrong decides, whatever the command: 2 the words of the command (missing, no number,
# two that exclude each other), 3 a file that is not there or has faults, 6 anything else that
# is named and not stored, as a draft, a level or an area, 5 what is not possible now, an edit
# too.
# The first matching class decides, so a subclass must come before its base class.
EXIT_CODES: tuple[tuple[type[errors.GridMgmtError], int], ...] = (
    (errors.InputError, 2),
    (errors.LayerError, 3),
    (errors.CoverageError, 4),
    (errors.EditionError, 5),
    (errors.DraftError, 5),
    (errors.NotAllowedError, 5),
    (errors.TooManyAttemptsError, 5),
    (errors.AccountError, 5),
    (errors.NoRoomError, 5),
    (errors.CaseError, 5),
    (errors.OutdatedPreviewError, 5),
    (errors.NotFoundError, 6),
    (errors.StoreError, 7),
    (errors.SettingsError, 8),
    (errors.ReaderError, 8),
    (errors.FontError, 8),
)


def exit_code(error: errors.GridMgmtError) -> int:
    """Return the exit code for an error."""
    return next((code for kind, code in EXIT_CODES if isinstance(error, kind)), 1)


class _Nouns(click.Group):
    """Imports the module of a noun only when it is used, so that the program starts fast."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(NOUNS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        target = NOUNS.get(cmd_name)
        if target is None:
            return None
        module, _, name = target.partition(":")
        command = getattr(importlib.import_module(module), name)
        assert isinstance(command, click.Command)
        return command


@click.group(cls=_Nouns, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="gridmgmt")
@click.pass_context
def program(ctx: click.Context) -> None:
    """Grid management for a city bureau: where a case is, who answers for it, and why.

    Commands that change the bureau's data are dry runs unless --commit is given.
    """
    if ctx.obj is None:
        ctx.obj = Settings.from_env()
    # Set here, before a command imports a module with kernels or reads a file.
    keep_compiled_in(ctx.obj.home / "numba")
    limit_reading(ReadingLimits(ctx.obj.read_mb, ctx.obj.read_s))


def run(args: list[str], settings: Settings | None = None) -> int:
    """Run one command and return its exit code; errors are printed as a sentence on stderr."""
    try:
        result = program.main(args, prog_name="gridmgmt", standalone_mode=False, obj=settings)
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.Abort:
        click.echo("stopped", err=True)
        # What a shell returns for a program that Ctrl-C ended.
        return 130
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except errors.GridMgmtError as error:
        click.echo(f"error: {error_text(error)}", err=True)
        return exit_code(error)
    except sqlalchemy.exc.DBAPIError as error:
        reason = str(error.orig).strip()
        click.echo(f"error: the database refused the work: {reason}", err=True)
        if isinstance(error.orig, _NO_SCHEMA):
            click.echo("  what to do: bring its schema up with: gridmgmt db migrate", err=True)
        return exit_code(errors.StoreError())
    return result if isinstance(result, int) else 0


def main() -> None:
    """Run the ``gridmgmt`` program."""
    collect_rarely()
    # Only reading into frames needs them in pyogrio, and no command does that.
    start_without_frames("pyogrio")
    sys.exit(run(sys.argv[1:]))
