"""What a person wants to take away from the map, and the ground it covers."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.area import AreaKey
from gridmgmt.domain.headings import Language
from gridmgmt.errors import InputError, NotAllowedError, NotFoundError
from gridmgmt.exchange.content.export_content import Fact
from gridmgmt.exchange.layers.layer_out import Format
from gridmgmt.geometry.crs.crs import WGS84, Datum
from gridmgmt.sentence import Sentence
from gridmgmt.services.exports.files import check_file, check_headings
from gridmgmt.services.situation.map_density import OF_ONE_ONLY
from gridmgmt.store.areas.area_tree import chain_of
from gridmgmt.store.situation.map_figures import ReportedFilter

_LAYER = (Format.SHP, Format.GPKG, Format.PARQUET, Format.GEOJSON)
_TABLE = (Format.CSV, Format.XLSX)


class MapLayer(StrEnum):
    """The layers of the map that can be exported."""

    FIGURES = "figures"
    CASE_POINTS = "case_points"
    DENSITY = "density"
    CONTOURS = "contours"

    @property
    def formats(self) -> tuple[Format, ...]:
        """Return the formats of its files."""
        return _FORMATS[self]

    @property
    def is_density(self) -> bool:
        """Return whether it is made of the density of the city."""
        return self in (MapLayer.DENSITY, MapLayer.CONTOURS)


_FORMATS = {
    MapLayer.FIGURES: (*_LAYER, *_TABLE),
    MapLayer.CASE_POINTS: (*_LAYER, *_TABLE),
    MapLayer.DENSITY: (Format.TIF,),
    MapLayer.CONTOURS: _LAYER,
}


# The names of the filters of cases, English and Chinese, by their parameters.
CHOICES = {
    "open": ("Only open cases", "仅未办结"),
    "overdue": ("Only overdue cases", "仅超期未处置"),
    "category": ("Category", "案件类别"),
    "class": ("Component or event", "部件或事件"),
    "major_class": ("Major class", "大类"),
    "responder": ("Responder", "责任主体"),
    "channel": ("Channels", "上报渠道"),
    "weekday": ("Weekdays, 1 Monday to 7 Sunday", "星期（1 为周一）"),
    "hour": ("Hours of the report", "上报时段（时）"),
}


@dataclass(frozen=True)
class MapExport:
    """The options of an export of the map.

    ``level`` is for figures, ``bandwidth_m`` (metres; None: the usual one) for the density and
    its contours, which are polygons with ``bands``, else lines. ``usual_m`` is the usual one;
    None: a round one that fits the size of the city. ``as_of`` is the instant at
    which deadlines are judged. ``within`` is the one area the account is limited to, ``clip``
    the one area a person chose; both are areas of ``edition``. ``language``: a table with
    headings, names and words for people; None: for programs.
    """

    layer: MapLayer
    path: Path
    fmt: Format
    reported: ReportedFilter
    edition: int
    as_of: datetime
    level: str | None = None
    bandwidth_m: float | None = None
    usual_m: float | None = None
    bands: bool = False
    clip: AreaKey | None = None
    within: AreaKey | None = None
    datum: Datum = WGS84
    encoding: str = "utf-8"
    force: bool = False
    language: Language | None = None

    @property
    def ground(self) -> AreaKey | None:
        """Return the area to which the file is limited; None: the whole city."""
        return self.clip or self.within

    @property
    def facts(self) -> tuple[Fact, ...]:
        """Return the filter as facts of the file."""
        period = self.reported.period
        local = self.as_of.astimezone(period.tz)
        found = [
            Fact("edition", "Edition", "网格版本", str(self.edition)),
            Fact("from", "First day", "起始日", period.first.isoformat()),
            Fact("to", "Last day", "截止日", period.last.isoformat()),
            Fact("days", "Days", "天数", str(period.days)),
            Fact(
                "as_of", "Deadlines judged at", "时限统计时刻", f"{local:%Y-%m-%d %H:%M:%S%z}"
            ),
        ]
        chosen = self.reported.choice.write().items()
        found += [Fact(name, *CHOICES[name], value) for name, value in chosen]
        if self.reported.choice.without_provisional:
            found.append(
                Fact("provisional", "Provisional deadlines", "暂定时限", "count as none")
            )
        if self.ground is not None:
            found.append(Fact("area", "Only in the area", "裁剪区域", ":".join(self.ground)))
        return tuple(found)


def check(conn: Connection, wanted: MapExport) -> None:
    """Raise an error for options that do not fit together, before any work.

    Raises
    ------
    InputError
        naming what to choose instead
    NotFoundError
        when the edition has no such area to clip to, or the account may not see it
    """
    if wanted.fmt not in wanted.layer.formats:
        formats = ", ".join(wanted.layer.formats)
        raise InputError(field="format", message=Sentence("choose one of: {}", formats))
    check_headings(wanted.fmt, wanted.language)
    if wanted.layer is MapLayer.FIGURES and not wanted.level:
        raise InputError(
            field="level", message=Sentence("name the level of the areas to export")
        )
    _check_density(wanted)
    check_file(
        wanted.path,
        wanted.fmt,
        datum=wanted.datum,
        encoding=wanted.encoding,
        force=wanted.force,
    )
    if wanted.ground is not None:
        level, code = wanted.ground
        chain = [(one.level, one.code) for one in chain_of(conn, wanted.edition, level, code)]
        # For an account that may not see an area, the area does not exist.
        if not chain or (wanted.within is not None and wanted.within not in chain):
            raise NotFoundError(kind=level, key=code)


def _check_density(wanted: MapExport) -> None:
    if not wanted.layer.is_density:
        return
    if wanted.reported.case_scope.is_of_one:
        raise NotAllowedError(OF_ONE_ONLY)
    if wanted.layer is MapLayer.DENSITY and not wanted.datum.is_stored_form:
        raise InputError(
            field="crs",
            message=Sentence(
                "the pixels of the density lie along longitude and latitude; choose EPSG:4326 "
                "or EPSG:4490, not {}",
                wanted.datum.label,
            ),
        )
