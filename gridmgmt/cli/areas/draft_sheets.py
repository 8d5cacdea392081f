"""``gridmgmt draft sheet``: what a draft changes, as a sheet that is put up in public."""

from datetime import UTC, date, datetime
from pathlib import Path

import click

from gridmgmt.cli.days import DayParam
from gridmgmt.cli.outputs import check_output
from gridmgmt.cli.work import say, work
from gridmgmt.errors import LayerError
from gridmgmt.settings import Settings


@click.command("sheet")
@click.argument("label")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    metavar="FILE",
    help="PDF to write.",
)
@click.option(
    "--edition-date",
    type=DayParam(),
    metavar="DATE",
    help="Day from which the edition is meant to be in force; not for a published draft.",
)
@click.option(
    "--lang",
    type=click.Choice(["zh", "en"]),
    default="zh",
    show_default=True,
    help="Language of the sheet.",
)
@click.option("--force", is_flag=True, help="Replace the file if it exists.")
@click.pass_obj
def sheet(
    settings: Settings,
    label: str,
    output: Path,
    edition_date: date | None,
    lang: str,
    force: bool,
) -> None:
    """Write what a draft changes as a PDF that is put up in public (公示).

    All areas that change with their m² before and after, the ground that goes from one area to
    another, and maps before and after. A draft may be published already. GRIDMGMT_BUREAU names
    the bureau at the foot.
    """
    from gridmgmt.exchange.change_sheets.pdf import drawn
    from gridmgmt.services.workbench.change_sheet import change_sheet

    check_output(output, force=force)
    with work(settings, commit=None) as conn:
        found = change_sheet(
            conn,
            label,
            in_force=edition_date,
            bureau=settings.bureau,
            now=datetime.now(UTC),
            tz=settings.tz,
        )
    try:
        output.write_bytes(drawn(found, "en" if lang == "en" else "zh"))
    except OSError as error:
        raise LayerError(output, f"cannot be written: {error.strerror}") from error
    say(
        f"draft {label!r} as a sheet: {len(found.areas)} area(s), {len(found.maps)} pair(s) of"
        f" maps of {found.groups}: {output}"
    )
