"""Check the output file of a command, so that no file is overwritten by mistake."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from gridmgmt.errors import InputError

_SUFFIXES = (".csv", ".xlsx")


def check_table_output(
    output: Path | str,
    *,
    force: bool,
    given: Iterable[Path] = (),
    option: str = "-o",
    parquet: bool = False,
) -> None:
    """Raise InputError if an output is not a table, is an input, or exists already.

    ``-`` (standard output) and devices are allowed. ``force`` allows replacing a file,
    ``parquet`` a table in that format.

    Raises
    ------
    InputError
        naming the option and the remedy
    """
    path = Path(output)
    if str(output) == "-" or (path.exists() and not path.is_file()):
        return
    suffixes = (*_SUFFIXES, ".parquet") if parquet else _SUFFIXES
    _check_suffix(path, suffixes, option)
    # By the file itself, not by its name: a link may lead to the input.
    if path.exists() and any(one.exists() and path.samefile(one) for one in given):
        message = f"{output} is the file that is read; choose another name"
        raise InputError(field=option, message=message)
    check_output(path, force=force, option=option)


def check_output(
    output: Path, *, force: bool, option: str = "-o", suffixes: Sequence[str] = ()
) -> None:
    """Raise InputError if a file cannot be where it is to be written.

    Its folder must exist, and it must not, unless ``force`` allows replacing it. Its name ends
    in one of ``suffixes``, if there are any: by them a file is known when it is read.

    Raises
    ------
    InputError
        naming the option and the remedy
    """
    if suffixes:
        _check_suffix(output, suffixes, option)
    if not output.parent.is_dir():
        message = f"there is no folder {output.parent}; make it, or choose another"
        raise InputError(field=option, message=message)
    if output.exists() and not force:
        message = f"{output} is there already; add --force to replace it"
        raise InputError(field=option, message=message)


def _check_suffix(output: Path, suffixes: Sequence[str], option: str) -> None:
    if output.suffix.lower() not in suffixes:
        message = f"{output.name} does not end in {' or '.join(suffixes)}"
        raise InputError(field=option, message=message)
