"""The output folder of a located archive: what may be in it, and how it becomes complete."""

import shutil
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from gridmgmt.domain.listing import listed
from gridmgmt.errors import InputError, LayerError
from gridmgmt.exchange.bytes.safe_tables import replacing
from gridmgmt.exchange.tables.parquet_archives import parquet_names
from gridmgmt.services.archives.crew import Crew
from gridmgmt.services.archives.locating import FileToLocate, LocatedFile, located_before

# Hadoop and similar programs use this name to mark a complete folder.
DONE = "_SUCCESS"
_UNFINISHED = ".unfinished-"


def check_output(folder: Path, output: Path) -> None:
    """Raise InputError for an output that is not a folder, or overlaps the archive.

    Raises
    ------
    InputError
        naming the option
    """
    # Copies within the archive would be read as a part of it by the next run.
    source, target = folder.resolve(), output.resolve()
    message = ""
    if output.exists() and not output.is_dir():
        message = f"{output} is not a folder; an archive is written into one"
    elif target in (source, source.parent) or source in target.parents:
        message = f"{output} belongs to the archive that is read; choose another folder"
    elif source.is_dir() and target in source.parents:
        message = f"{output} holds the archive that is read; choose another folder"
    if message:
        raise InputError(field="-o", message=message)


@contextmanager
def unfinished(output: Path) -> Iterator[Path]:
    """Yield a folder for unfinished files; it is deleted afterwards.

    Deleting the folder of a killed run also stops work that its workers may still do: they can
    no longer move their file into its place.
    """
    try:
        output.mkdir(parents=True, exist_ok=True)
        for left in output.glob(f"{_UNFINISHED}*"):
            shutil.rmtree(left, ignore_errors=True)
        folder = output / f"{_UNFINISHED}{uuid.uuid4().hex}"
        folder.mkdir()
    except OSError as error:
        message = f"cannot be written to: {error.strerror}"
        raise LayerError(output, message) from error
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        with suppress(OSError):  # it stays unless it is empty
            output.rmdir()


@dataclass(frozen=True)
class Standing:
    """What the output folder has: files that this same run located before, and the rest."""

    located: dict[str, LocatedFile]
    todo: list[FileToLocate]


def what_stands(
    crew: Crew, output: Path, files: Sequence[FileToLocate], *, force: bool
) -> Standing:
    """Find the files that were located before, so that a run can continue.

    Raises
    ------
    InputError
        when other files are in the way, and ``force`` does not allow replacing them
    """
    there = set(parquet_names(output))
    # Whoever reads the folder afterwards takes every Parquet file in it for a part of the
    # archive.
    strangers = sorted(there - {one.file.name for one in files})
    if strangers:
        told = f"{output} holds {listed(strangers)}, which the archive has not"
        raise InputError(field="-o", message=f"{told}; choose an empty folder")
    candidates = [one for one in files if one.file.name in there]
    located: dict[str, LocatedFile] = {}
    in_the_way = []
    for one, outcome in crew.each(located_before, candidates):
        if isinstance(outcome, LocatedFile):
            located[one.file.name] = outcome
        else:
            in_the_way.append(one.file.name)
    if in_the_way and not force:
        told = f"{output} holds {listed(sorted(in_the_way))} of another run"
        raise InputError(field="-o", message=f"{told}; add --force to replace them")
    return Standing(located, [one for one in files if one.file.name not in located])


@contextmanager
def completing(output: Path, said: list[str]) -> Iterator[None]:
    """Mark the folder as complete when the block succeeds, and not before.

    Parameters
    ----------
    said : lines for the mark, filled by the end of the block
    """
    mark = output / DONE
    # Before the first file changes: another program must not take a half-changed folder for a
    # complete one.
    mark.unlink(missing_ok=True)
    yield
    with replacing(mark) as temporary:
        temporary.write_text("".join(f"{line}\n" for line in said), "utf-8")
