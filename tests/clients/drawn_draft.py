"""Write the file of a draft of a drawn city, as `draft export` does, without a database.

    python -m tests.clients.drawn_draft drawn.gpkg
    cd tests/clients && /usr/bin/python3 qgis_edit.py drawn.gpkg qgis_edited.gpkg.gz drawn.png

The second line is run with Debian's QGIS 3.22 (`apt-get install qgis python3-qgis`); the suite
imports what it kept.
"""

import sys
from pathlib import Path

from gridmgmt.domain.areas.attributes import AreaAttribute, AttributeKind
from gridmgmt.exchange.layers.draft_files.marks import DraftMark
from gridmgmt.exchange.layers.draft_files.writing import write_draft
from gridmgmt.geometry.coverage.level_areas import LevelAreas
from gridmgmt.geometry.editing.edit_state import EditState
from gridmgmt.services.workbench.draft_files import state_digest
from tests.geometry.editing.cities import city_levels
from tests.services.workbench.test_editing import numbered

LABEL = "d"
DECLARED = [
    AreaAttribute("cell", "land_use", "用地类别", "Land use", allowed=("居住", "商业")),
    AreaAttribute("cell", "surveyed", "测绘日期", "Surveyed", AttributeKind.DAY),
]
# The attributes of some cells.
VALUES = {
    "330102000000000": {"land_use": "居住", "surveyed": "2025-03-01"},
    "330102001000000": {"land_use": "居住"},
}


def levels() -> list[LevelAreas]:
    """The areas of a drawn city, with codes as bureaus give them."""
    found = [numbered(areas) for areas in city_levels()]
    cells = found[-1]
    cells.attributes[:] = [dict(VALUES.get(code, {})) for code in cells.codes]
    return found


def mark() -> DraftMark:
    digest = state_digest(EditState.of(levels()))
    return DraftMark(LABEL, 1, 0, digest, "2026-01-01T00:00:00+00:00", "ada")


if __name__ == "__main__":
    write_draft(Path(sys.argv[1]), mark(), levels(), levels(), {"cell": DECLARED})
