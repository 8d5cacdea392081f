"""Files of arrays that processes map instead of reading them: one memory for all.

A file has a line that names its kind, the length of a JSON description, the description, and
the arrays one after the other, each at a multiple of 64 bytes.
"""

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

_ALIGNED = 64

# The beginning of the names of unfinished files, also of those left by a power cut.
UNFINISHED = ".unfinished-"


class ArrayFileError(ValueError):
    """The file is of another kind, or not whole."""


def save_arrays(
    path: Path, kind: str, description: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]
) -> None:
    """Write arrays to a file, completely or not at all; folders are made if needed.

    Parameters
    ----------
    kind : the first line; change it whenever the meaning of anything in the file changes
    description : whatever JSON can hold, except ``arrays``
    """
    shapes = {name: [array.dtype.str, list(array.shape)] for name, array in arrays.items()}
    described = json.dumps({**description, "arrays": shapes}).encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    number, name = tempfile.mkstemp(dir=path.parent, prefix=UNFINISHED)
    try:
        with open(number, "wb") as file:  # noqa: PTH123 (a path would open it twice)
            _write(file, kind, described, list(arrays.values()))
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def open_arrays(path: Path, kind: str) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Return the description and the arrays of a file; all processes share their memory.

    Raises
    ------
    ArrayFileError
        when it is of another kind or cut short
    FileNotFoundError
    """
    try:
        return _read(path, kind)
    except (ValueError, KeyError, TypeError) as error:
        message = f"{path} is no file of the kind {kind}: {error}"
        raise ArrayFileError(message) from error


def _write(file: IO[bytes], kind: str, description: bytes, arrays: list[NDArray[Any]]) -> None:
    file.write(f"{kind}\n{len(description):020}\n".encode() + description)
    for array in arrays:
        file.write(b"\0" * (-file.tell() % _ALIGNED))
        file.write(np.ascontiguousarray(array).data)


def _read(path: Path, kind: str) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    with path.open("rb") as file:
        first = f"{kind}\n".encode()
        if file.read(len(first)) != first:
            message = "its first line says something else"
            raise ValueError(message)
        description = json.loads(file.read(int(file.read(21))))
        at = file.tell()
        # Mapped as private, so that kernels see the same array type as for new arrays. The
        # open file, not its name: by now another file may have it.
        mapped = np.memmap(file, dtype=np.uint8, mode="c")
    arrays = {}
    for name, (dtype, shape) in description.pop("arrays").items():
        at += -at % _ALIGNED
        size = int(np.prod(shape)) * np.dtype(dtype).itemsize
        arrays[name] = np.asarray(mapped[at : at + size]).view(dtype).reshape(shape)
        at += size
    return description, arrays
