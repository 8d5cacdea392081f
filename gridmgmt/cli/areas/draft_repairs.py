"""``gridmgmt draft repairs``: operations that mend what the check of a draft finds."""

import json
from pathlib import Path

import click

from gridmgmt.cli.areas.draft_problems import problem_sentence
from gridmgmt.cli.areas.publications import tolerance_option
from gridmgmt.cli.outputs import check_output
from gridmgmt.cli.work import say, work
from gridmgmt.errors import LayerError
from gridmgmt.settings import Settings


@click.command("repairs")
@click.argument("label")
@tolerance_option
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
    default="-",
    metavar="FILE",
    help="Write the operations to FILE instead of standard output.",
)
@click.option("--force", is_flag=True, help="Replace the file if it exists.")
@click.pass_obj
def repairs(
    settings: Settings, label: str, tolerance_m2: float, output: Path, force: bool
) -> None:
    """Propose operations that mend what the check finds, as a file for draft edit.

    Each is told with its problem and what it moves; they apply in this order. Ground of two
    areas goes where the border between them becomes shorter, a gap to the area with the longest
    border; what reaches beyond its parent has the parent derived from its areas. Nothing is
    changed. Read the file, take out what is not meant, and apply the rest with draft edit.
    """
    from gridmgmt.services.workbench.operation_files import to_json
    from gridmgmt.services.workbench.repairs import proposed

    if str(output) != "-":
        check_output(output, force=force)
    with work(settings, commit=None) as conn:
        found = proposed(conn, label, tolerance_m2=tolerance_m2, border_m=settings.border_m)
    for one in found.repairs:
        say(f"{problem_sentence(one.problem)}: {one.operation.op}, {_moved(one.moved_m2)}")
    lines = [json.dumps(to_json(one.operation), ensure_ascii=False) for one in found.repairs]
    try:
        with click.open_file(str(output), "w", encoding="utf-8") as file:
            file.writelines(f"{line}\n" for line in lines)
    except OSError as error:
        raise LayerError(output, f"cannot be written: {error.strerror}") from error
    say(
        f"{len(found.problems)} problem(s); {len(found.repairs)} operation(s) would leave"
        f" {len(found.left)}"
    )
    for problem in found.left:
        say(f"left: {problem_sentence(problem)}")


def _moved(m2: float) -> str:
    return f"{m2:,.2f} m² change hands" if m2 >= 0.005 else "no ground to speak of"
