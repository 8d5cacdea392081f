"""Make a private copy of a layer where GDAL must read something else than what lies there."""

import tempfile
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from gridmgmt.exchange.layers.sources import LayerSource


def private_folder(stack: ExitStack) -> Path:
    """Return a new folder that exists as long as the stack."""
    return Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gridmgmt-layer-")))


def copy_with(
    source: LayerSource,
    changed: dict[str, bytes],
    unchanged: Iterable[str],
    stack: ExitStack,
) -> LayerSource:
    """Return a source whose files are these, and links to the unchanged ones.

    Parameters
    ----------
    changed : content by suffix
    unchanged : suffixes; those without a file are skipped
    """
    folder = private_folder(stack)
    for suffix in unchanged:
        file = source.sibling(suffix)
        if file is not None:
            folder.joinpath(source.path.stem + suffix).symlink_to(file.resolve())
    for suffix, content in changed.items():
        folder.joinpath(source.path.stem + suffix).write_bytes(content)
    return replace(source, path=folder / f"{source.path.stem}{source.path.suffix.lower()}")


def named_alike(source: LayerSource, suffixes: Iterable[str], stack: ExitStack) -> LayerSource:
    """Return a source whose files have the same name, as GDAL looks for them.

    If a companion has another name (``companion``), all files are links.

    Parameters
    ----------
    suffixes : those of all its files
    """
    every = tuple(suffixes)
    names = [(suffix, file.name) for suffix in every if (file := source.sibling(suffix))]
    stem = source.path.stem
    if all(name in (stem + suffix, stem + suffix.upper()) for suffix, name in names):
        return source
    return copy_with(source, {}, every, stack)
