"""The settings of a deployment, read once from the environment when a program starts."""

import getpass
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from gridmgmt import setting_values as read
from gridmgmt.domain.accounts.session import SessionLimits
from gridmgmt.domain.areas.review import ReviewRule
from gridmgmt.domain.cases.case import CONFIDENCE
from gridmgmt.domain.cases.duplicates import DUPLICATE_HOURS, DUPLICATE_M
from gridmgmt.domain.judging.judging_rules import JudgingRules
from gridmgmt.errors import SettingsError
from gridmgmt.indicators.shrunk_rates import ON_TIME_CLASSES

PREFIX = "GRIDMGMT_"


def _default_home() -> Path:
    """Return the home: beside the clone, or in the user's folder for an installed program."""
    clone = Path(__file__).resolve().parents[1]
    if (clone / "pyproject.toml").exists():
        return clone / ".gridmgmt"
    return Path.home() / ".local" / "share" / "gridmgmt"


def _system_user() -> str:
    """Return the user's name; in a container the user may have only a number."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"


def _setting(help_text: str, read: Callable[[str], Any], default: Any, shown: str = "") -> Any:
    # The table in docs/settings.md shows help and shown; `make docs` writes it.
    metadata = {"help": help_text, "read": read, "shown": shown or str(default)}
    if callable(default):
        return field(default_factory=default, metadata=metadata)
    return field(default=default, metadata=metadata)


@dataclass(frozen=True)
class Settings:
    """The settings of one process; every field is the variable ``GRIDMGMT_<FIELD>``."""

    home: Path = _setting(
        "folder of the private cluster and everything else the program keeps",
        read.folder,
        _default_home,
        ".gridmgmt in the clone",
    )
    database_url: str | None = _setting(
        "another PostGIS server (postgresql://…) instead of the private cluster",
        read.server,
        None,
        "unset",
    )
    database: str = _setting("database inside the private cluster", str, "gridmgmt")
    tz: ZoneInfo = _setting(
        "time zone of the bureau: bare dates, times without offset, duty hours",
        read.zone,
        lambda: ZoneInfo("Asia/Shanghai"),
        "Asia/Shanghai",
    )
    candidate_m: float = _setting(
        "every cell within this distance of a case is kept as a candidate",
        read.number(100_000, "metres"),
        1.0,
        "1",
    )
    snap_m: float = _setting(
        "a position outside every cell goes to the nearest one within this distance; 0: never",
        read.number(100_000, "metres"),
        30.0,
        "30",
    )
    border_m: float = _setting(
        "lines within this distance are one border: an edit of cells takes the borders of their"
        " community and street along",
        read.number(10, "metres"),
        0.05,
        "0.05",
    )
    review: ReviewRule = _setting(
        "where a draft is published only after another account has approved it: always; pages"
        " (commands may do without, except for a submitted draft); never",
        read.review_rule,
        ReviewRule.PAGES,
        "pages",
    )
    component_m: float = _setting(
        "a case about components goes to the owner of the nearest of its class within this"
        " distance",
        read.number(100, "metres"),
        15.0,
        "15",
    )
    confidence: float = _setting(
        "a case of stated accuracy goes to a person where its answer holds for less than this"
        " part of where it may lie; 0: never",
        read.number(1),
        CONFIDENCE,
        "0.5",
    )
    duplicate_m: float = _setting(
        "open cases of one minor class within this distance may be the same; 0: no hint",
        read.number(100, "metres"),
        DUPLICATE_M,
        "50",
    )
    duplicate_hours: float = _setting(
        "… if reported within this many hours of each other",
        read.number(24 * 31, "hours"),
        DUPLICATE_HOURS,
        "24",
    )
    density_m: int | None = _setting(
        "bandwidth of the density on the map, which everybody sees, in metres",
        read.between(20, 20_000, "metres"),
        None,
        "unset: about 1/25 of the city's side",
    )
    on_time_classes: tuple[float, float] = _setting(
        "on-time rates, in percent, from which the map's layer of hot and late calls an area"
        " middling and high",
        read.two_rates,
        ON_TIME_CLASSES,
        "90,95",
    )
    provisional_deadlines: bool = _setting(
        "no: rates and filters leave out deadlines that were counted in plain hours from a time"
        " limit (provisional); such cases count as without a deadline",
        read.yes_or_no,
        True,
        "yes",
    )
    crs_table: Path | None = _setting(
        "CSV name,definition of the city's own coordinate systems", read.file, None, "unset"
    )
    base_map: str | None = _setting(
        "tiles under the maps: an .mbtiles or .pmtiles file, or the address of an XYZ or WMTS"
        " service, which the server asks and keeps in its home",
        read.tiles,
        None,
        "unset: no base map",
    )
    base_map_matrix: str = _setting(
        "how a service cuts its tiles: EPSG:3857, EPSG:4490 (national services, first level 1)"
        " or EPSG:4326 (first level 0)",
        read.tile_matrix,
        "EPSG:3857",
    )
    base_map_zoom: int = _setting("highest level of a service's tiles", read.zoom, 18)
    base_map_attribution: str = _setting(
        "who made the base map, shown in its corner", str, "", "what the file says"
    )
    secret_key: str | None = _setting(
        "signs cookies and forms; the same on every machine that serves one bureau",
        read.secret,
        None,
        "made once, kept in the home",
    )
    https: bool = _setting(
        "yes: the pages are reached by https only (cookies are then sent no other way)",
        read.yes_or_no,
        False,
        "no",
    )
    proxies: int = _setting(
        "how many reverse proxies stand in front, whose forwarded addresses are believed",
        read.whole,
        0,
        "0",
    )
    idle_min: int = _setting(
        "a session in which nothing was done for so many minutes has ended",
        read.between(1, 24 * 60, "minutes"),
        60,
    )
    session_hours: int = _setting(
        "a session ends so many hours after its login, whatever was done in it",
        read.between(1, 24 * 7, "hours"),
        12,
    )
    second_factor: bool = _setting(
        "yes: who manages accounts or publishes drafts logs in with a code of a second device",
        read.yes_or_no,
        False,
        "no",
    )
    hosts: tuple[str, ...] = _setting(
        "names the pages are reached by, with commas between them; requests for others are"
        " refused",
        read.hosts,
        (),
        "unset: any",
    )
    api_calls: int = _setting(
        "how often a token of the API may be used within a minute",
        read.between(1, 1_000_000, "calls"),
        600,
    )
    statement_s: float = _setting(
        "longest statement of a page in the database; a longer one is stopped; 0: no limit",
        read.number(86_400, "seconds"),
        60.0,
        "60",
    )
    worker_statement_s: float = _setting(
        "… and of a job beside the pages", read.number(604_800, "seconds"), 3600.0, "3600"
    )
    lock_s: float = _setting(
        "longest wait of a page for what somebody else is changing; 0: no limit",
        read.number(3600, "seconds"),
        15.0,
        "15",
    )
    upload_mb: int = _setting("largest upload, in megabytes", read.whole, 200, "200")
    upload_quota_mb: int = _setting(
        "how much the uploads and made files of one account may take together, in megabytes;"
        " 0: any amount",
        read.whole,
        2000,
        "2000",
    )
    free_mb: int = _setting(
        "no file is taken or made when less would stay free on the disks of the home and of"
        " temporary files, in megabytes",
        read.whole,
        500,
        "500",
    )
    page_read_mb: int = _setting(
        "memory that reading one file may take for a page, in megabytes", read.MB, 2048
    )
    page_read_s: int = _setting(
        "seconds of computing that reading one file may take for a page", read.SECONDS, 60
    )
    read_mb: int = _setting(
        "memory that reading one file may take for the worker, a command, or a worker of an"
        " archive, in megabytes",
        read.MB,
        4096,
    )
    read_s: int = _setting(
        "seconds of computing that reading one file may take for the worker or a command",
        read.SECONDS,
        3600,
    )
    personal_days: int | None = _setting(
        "the worker forgets the personal data of cases so many days after they were closed"
        " (case forget)",
        read.DAYS,
        None,
        "unset: they are kept",
    )
    bureau: str = _setting(
        "name of the bureau, at the foot of sheets that are put up in public", str, "", "unset"
    )
    actor: str = _setting("who is named in the audit log", str, _system_user, "the system user")

    @property
    def session_limits(self) -> SessionLimits:
        """Return how long a session lasts."""
        return SessionLimits(
            idle=timedelta(minutes=self.idle_min), whole=timedelta(hours=self.session_hours)
        )

    @property
    def judging_rules(self) -> JudgingRules:
        """Return the judging rules of this deployment."""
        return JudgingRules(
            self.tz,
            candidate_m=self.candidate_m,
            snap_m=self.snap_m,
            component_m=self.component_m,
            confidence=self.confidence,
            home=self.home,
        )

    @classmethod
    def from_env(cls, environ: Mapping[str, str] = os.environ) -> "Settings":
        """Read the settings and report all faults together.

        An empty variable counts as unset.

        Raises
        ------
        SettingsError
            naming each invalid variable
        """
        values: dict[str, Any] = {}
        problems: list[str] = []
        for setting in fields(cls):
            name = PREFIX + setting.name.upper()
            text = environ.get(name, "").strip()
            if not text:
                continue
            try:
                values[setting.name] = setting.metadata["read"](text)
            except (ValueError, OSError) as error:
                problems.append(f"{name}={text!r}: {error}")
        if problems:
            raise SettingsError(problems)
        return cls(**values)
