"""Find the files that belong to a layer of several files, whatever the case of their names.

Windows takes S.shp and s.dbf for parts of one shapefile; here they are different names.
"""

import unicodedata
from collections.abc import Sequence
from pathlib import Path, PurePath

from gridmgmt.domain.listing import listed
from gridmgmt.errors import LayerError
from gridmgmt.sentence import Sentence, joined

# What lies in the folder of the one file this process may read; it may not look again.
_remembered: dict[Path, list[str]] = {}


def remember_names(folder: Path) -> list[str]:
    """Return the names in a folder, and keep them: a confined process can list it no more."""
    _remembered[folder] = _listed(folder)
    return _remembered[folder]


def is_beside(name: str, path: Path) -> bool:
    """Return whether a file of this name may belong to a file in the same folder.

    Examples
    --------
    >>> [is_beside(name, Path("S.shp")) for name in ("s.DBF", "S.shp.xml", "S2.dbf")]
    [True, True, False]
    """
    return _plain(name).startswith((_plain(path.stem) + ".", _plain(path.name)))


def companion(path: Path, suffix: str) -> Path | None:
    """Return the file of the same name with another suffix, None if there is no single one.

    Upper and lower case tell files apart only where several would fit without.
    """
    found = _fitting(path, suffix)
    return found[0] if len(found) == 1 else None


def check_companions(path: Path, shown: str, whole: str, suffixes: Sequence[str]) -> None:
    """Raise LayerError that names the missing companions of a file, and what may be meant.

    Parameters
    ----------
    whole : what the files are together, for people
    """
    missing = [suffix for suffix in suffixes if companion(path, suffix) is None]
    if not missing:
        return
    problems: list[str] = []
    remedies: list[str] = [Sentence("send all of them together")]
    for suffix in missing:
        near = _fitting(path, suffix) or _of_no_layer(path, suffix)
        if near:
            names = listed(one.name for one in near)
            problems.append(Sentence("a {} beside it has another name: {}", suffix, names))
            target = path.with_suffix(suffix).name
            remedies.append(Sentence("rename the {} that belongs to it: {}", suffix, target))
    raise LayerError(
        shown,
        Sentence("{} is several files; missing beside it: {}", whole, ", ".join(missing)),
        problems=problems,
        remedy=joined("; ", remedies),
    )


def _fitting(path: Path, suffix: str) -> list[Path]:
    """Return the one file of exactly this name, else all that differ from it in case alone."""
    for name in (suffix, suffix.upper(), suffix.lower()):
        if path.with_suffix(name).is_file():
            return [path.with_suffix(name)]
    files = _with_suffix(path, suffix)
    same = [one for one in files if one.stem == path.stem]
    alike = [one for one in files if _plain(one.stem) == _plain(path.stem)]
    return same or [one for one in alike if not _has_layer(one, path)]


def _of_no_layer(path: Path, suffix: str) -> list[Path]:
    return [one for one in _with_suffix(path, suffix) if not _has_layer(one, path)]


def _has_layer(file: Path, path: Path) -> bool:
    """Return whether another file like the path has just the name of a companion."""
    return any(one.stem == file.stem for one in _with_suffix(path, path.suffix) if one != path)


def _with_suffix(path: Path, suffix: str) -> list[Path]:
    names = _remembered.get(path.parent)
    names = _listed(path.parent) if names is None else names
    wanted = suffix.lower()
    return [path.with_name(one) for one in names if PurePath(one).suffix.lower() == wanted]


def _listed(folder: Path) -> list[str]:
    try:
        return sorted(one.name for one in folder.iterdir())
    except OSError:
        return []


def _plain(name: str) -> str:
    # A Mac stores an accent as a character of its own.
    return unicodedata.normalize("NFC", name).casefold()
