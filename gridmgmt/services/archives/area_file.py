"""Read the file of areas of a command that is given another file too."""

import re
from dataclasses import replace

from gridmgmt.errors import InputError, LayerError
from gridmgmt.exchange.content.area_layers import AreaFile, AreaLayer, read_areas

# Beside the options for the other file: --crs and --encoding are about the cases.
_OPTION = re.compile(r"(?<![\w-])--(crs|encoding)\b")
_FIELDS = ("crs", "encoding")


def read_area_file(file: AreaFile) -> AreaLayer:
    """Read areas; notes and remedies name the options for the file of areas.

    Raises
    ------
    LayerError, FieldError, CRSError, InputError
        as `read_areas` does
    """
    try:
        layer = read_areas(file, "area")
    except LayerError as error:
        error.message = _of_areas(error.message)
        error.problems = tuple(_of_areas(one) for one in error.problems)
        error.remedy = _of_areas(error.remedy)
        raise
    except InputError as error:
        if error.field in _FIELDS:
            error.field = f"areas-{error.field}"
        raise
    return replace(layer, notes=tuple(_of_areas(note) for note in layer.notes))


def _of_areas(text: str) -> str:
    return _OPTION.sub(r"--areas-\1", text)
