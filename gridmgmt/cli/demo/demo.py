"""``gridmgmt demo``: a sample city, built by the same commands that users type."""

import shlex
import sys
import time
from contextlib import AbstractContextManager, nullcontext
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gridmgmt.cli.days import DayParam
from gridmgmt.cli.demo.desk import work_on
from gridmgmt.cli.numbers import WholeRangeParam
from gridmgmt.cli.work import say
from gridmgmt.settings import Settings

if TYPE_CHECKING:
    from gridmgmt.cli.demo.database import DemoDatabase, DemoState
    from gridmgmt.sample.city import City
    from gridmgmt.sample.plan import CityPlan

REJECTS = "synthetic_cases-rejects.csv"
# The files state it too; stating it here excludes GCJ-02.
_CRS = ("--crs", "EPSG:4326")


@click.command("demo")
@click.option(
    "--no-serve", is_flag=True, help="Only build the city and print a summary; serve no pages."
)
@click.option(
    "--port",
    type=WholeRangeParam(1, 65_535),
    default=8000,
    show_default=True,
    help="Port of the pages; if it is in use, the next free port.",
)
@click.option("--rebuild", is_flag=True, help="Build the city again, even if it exists.")
@click.option(
    "--size",
    type=click.Choice(["full", "small"]),
    default="full",
    show_default=True,
    help="Size of the city; small is for testing the program.",
)
@click.option(
    "--until",
    type=DayParam(),
    help="Last day of the city, whole and without work on the desks; default: it ends now.",
)
@click.pass_obj
def demo(
    settings: Settings, no_serve: bool, port: int, rebuild: bool, size: str, until: date | None
) -> None:
    """Build a sample city in its own database and serve its pages.

    The city is synthetic: a program invents streets, cells, people, cases and demolitions. It
    is stored in the database gridmgmt_demo of the private cluster (or of the server in
    GRIDMGMT_DATABASE_URL, if its database has this name). The same import commands that a
    bureau uses load the data, and each is shown as it runs. Its cases end at this moment, and
    people have begun to work on them. A complete city is kept as it is, on later days too, and
    only its summary is shown again. There is an account for each role, and its new password is
    shown once. The pages are served until Ctrl-C. This command acts at once, without --commit.
    """
    from gridmgmt.cli.demo import database as demo_database
    from gridmgmt.cli.demo.database import DemoState

    started = time.monotonic()
    plan = _plan(settings, size, until)
    with demo_database.alone(settings):
        database = demo_database.find_database(settings)
        if database.cluster is not None and settings.database_url is not None:
            say(f"GRIDMGMT_DATABASE_URL names another database than {demo_database.NAME};")
            say("the sample city goes into the private cluster")
        stamp = demo_database.stamp(settings, plan)
        state = database.state(stamp)
        if state is DemoState.READY and until and database.end() != plan.end_text:
            state = DemoState.OUTDATED
        if state is DemoState.READY and not rebuild:
            say("the sample city (synthetic data) is there already; --rebuild builds it again")
        else:
            _guard(database, state, rebuild=rebuild)
            _build(database, state, plan)
            database.mark_ready(stamp, plan.end_text)
    _sum_up(database, time.monotonic() - started)
    if not no_serve:
        _serve(database, port)


def _plan(settings: Settings, size: str, until: date | None) -> "CityPlan":
    """Return the plan of a city that ends now or with an earlier day, on the bureau's clock."""
    from gridmgmt.errors import InputError
    from gridmgmt.sample.plan import EARLIEST_LAST_DAY, FULL, SMALL
    from gridmgmt.sentence import Sentence

    plan = FULL if size == "full" else SMALL
    now = datetime.now(settings.tz)
    if until is None:
        return plan.ending_at(now)
    if until >= now.date():
        raise InputError(
            field="until",
            message=Sentence("{} is not over yet; give an earlier day, or none", until),
        )
    if until < EARLIEST_LAST_DAY:
        raise InputError(
            field="until",
            message=Sentence(
                "{} is too early; give {} or a later day", until, EARLIEST_LAST_DAY
            ),
        )
    return plan.ending_with(until)


def _serve(database: "DemoDatabase", port: int) -> None:
    from gridmgmt.cli.demo.pages import serve_demo

    code = serve_demo(database.settings, database.url, port)
    if code:
        raise click.exceptions.Exit(code)


def _guard(database: "DemoDatabase", state: "DemoState", *, rebuild: bool) -> None:
    """Raise an error rather than delete what somebody did in the demo without --rebuild."""
    from gridmgmt.cli.demo.database import DemoState
    from gridmgmt.errors import StoreError

    if rebuild or state is DemoState.EMPTY:
        return
    # The audit log shows whether a person has worked here; the build itself acts as "demo".
    others = database.foreign_entries()
    if others:
        message = (
            f"the sample city is {state}, but {others} change(s) in it were made by hand;"
            " gridmgmt demo --rebuild throws them away"
        )
        raise StoreError(message)
    say(f"the sample city is {state} and is built again")


def _build(database: "DemoDatabase", state: "DemoState", plan: "CityPlan") -> None:
    """Generate the city, write its files and import them."""
    from gridmgmt.sample.city import build_city
    from gridmgmt.sample.files import write_city
    from gridmgmt.sample.plan import NOTE

    say(NOTE)
    with _busy("preparing the database"):
        database.prepare(state)
    folder = database.settings.home / "demo"
    with _busy("making up the city"):
        city = build_city(plan)
    with _busy(f"writing its files to {folder}"):
        write_city(city, folder)
    steps = [*import_steps(folder, plan), *desk_steps(folder, city)]
    for number, args in enumerate(steps, start=1):
        say(f"[{number}/{len(steps)}]")
        _run(database.settings, args)
    if city.desk is not None:
        with _busy(
            "people report cases, return some, give them to others, dispose of and close them"
        ):
            work_on(database.settings, city.desk)


def _path(folder: Path, name: str) -> str:
    full = folder / name
    here = Path.cwd()
    # Short paths, since each command is shown for people to read and repeat.
    return str(full.relative_to(here) if full.is_relative_to(here) else full)


def import_steps(folder: Path, plan: "CityPlan") -> list[list[str]]:
    """Return the commands that import the files of a city, as a user would type them."""
    from gridmgmt.sample import files

    def path(name: str) -> str:
        return _path(folder, name)

    commit, label = "--commit", f"{plan.year}-01"
    steps = [
        ["level", "set", path(files.LEVELS), commit],
        ["draft", "create", label, commit],
    ]
    for level, layer in files.LAYERS.items():
        parent = [] if level == "district" else ["--parent", "parent_code"]
        fields = ["--code", "code", "--name", "name", *parent]
        source = [path(files.AREAS), "--layer", layer, "--level", level]
        steps.append(["draft", "import", label, *source, *fields, *_CRS, commit])
    return [
        *steps,
        ["draft", "check", label],
        ["draft", "publish", label, "--effective-from", str(plan.founded_on), commit],
        ["responder", "import", path(files.RESPONDERS), commit],
        ["category", "import", path(files.CATEGORIES), commit],
        ["road-segment", "import", path(files.ROAD_SEGMENTS), *_CRS, commit],
        ["zone", "import", path(files.ZONES), *_CRS, commit],
        ["group", "import", path(files.GROUPS), commit],
        ["component", "import", path(files.COMPONENTS), *_CRS, commit],
        ["duty", "import", path(files.DUTIES), commit],
        ["duty", "audit", "--on", str(plan.last_day)],
        ["demolition", "import", path(files.DEMOLITIONS), *_CRS, commit],
        ["case", "import", path(files.CASES), "--rejects", path(REJECTS), *_CRS, commit],
    ]


def desk_steps(folder: Path, city: "City") -> list[list[str]]:
    """Return the commands that fill the desks of a city; none where its last day is over."""
    from gridmgmt.sample import files

    if city.desk is None:
        return []
    lon, lat = city.desk.default_lonlat
    source = [_path(folder, files.DESK), *_CRS, "--commit"]
    return [
        ["case", "import", *source],
        ["case", "default", "accept", f"{lon:.7f},{lat:.7f}", "--commit"],
        ["draft", "create", f"{int(str(city.plan.last_day)[:4]) + 1}-01", "--commit"],
    ]


def _run(settings: Settings, args: list[str]) -> None:
    """Run a command as if typed; if it fails, the demo ends."""
    from gridmgmt.cli import run

    say(f"$ gridmgmt {shlex.join(args)}")
    started = time.monotonic()
    # In this process: starting Python for each command would cost seconds each time.
    code = run(args, settings)
    if code:
        say(f"error: the demo stopped there (exit code {code}); the next run starts afresh")
        raise click.exceptions.Exit(code)
    say(f"  {time.monotonic() - started:.1f} s")


def _busy(what: str) -> AbstractContextManager[object]:
    """Show that work is going on: a spinner on a terminal, otherwise a line."""
    # A spinner would fill a log file with control characters.
    if not sys.stderr.isatty():
        say(what)
        return nullcontext()
    from rich.console import Console

    return Console(stderr=True).status(what)


def _sum_up(database: "DemoDatabase", taken_s: float) -> None:
    from gridmgmt.cli.demo.database import NAME

    # Compliance is judged at the city's end, so that it never changes.
    end = database.end()
    _run(database.settings, ["case", "summary", "--as-of", end])
    say("")
    say(f"That is synthetic data. It took {taken_s:.0f} s. To look around:")
    if database.cluster is not None:
        # The variable would win over the name of the database.
        say("  unset GRIDMGMT_DATABASE_URL")
        say(f"  export GRIDMGMT_DATABASE={NAME}")
    for line in (f"case summary --level community --as-of '{end}'", *_TO_TRY):
        say(f"  gridmgmt {line}")


_TO_TRY = (
    "case list --unlocated --limit 10",
    "duty audit",
    "edition show 1",
    "export areas --level cell --format shp --crs EPSG:4490 --encoding gb18030 -o cells.zip",
)
