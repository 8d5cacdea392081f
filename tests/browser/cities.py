"""Cities for the browser to walk through: committed, with an account for every role."""

import gzip
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import shapely
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gridmgmt.cli import run
from gridmgmt.cli.demo import accounts as demo_accounts
from gridmgmt.cli.demo.demo import desk_steps, import_steps
from gridmgmt.cli.demo.desk import work_on
from gridmgmt.domain.areas.edition import parse_effective_from
from gridmgmt.domain.judging.judging_rules import JudgingRules
from gridmgmt.exchange.content.area_layers import AreaFile
from gridmgmt.geometry.crs.crs import resolve
from gridmgmt.sample.city import build_city
from gridmgmt.sample.files import write_city
from gridmgmt.sample.plan import SMALL
from gridmgmt.services.accounts import accounts
from gridmgmt.services.case_imports.imports import CaseImport, import_cases
from gridmgmt.services.drafts.drafts import create, import_areas
from gridmgmt.services.drafts.publishing import publish
from gridmgmt.settings import Settings
from gridmgmt.store.accounts.roles import list_roles
from gridmgmt.store.engine import make_engine, transaction
from tests.factories import make_draft, make_level, two_streets
from tests.services.answering import make_city
from tests.services.bounce_city import bounced
from tests.services.case_city import A1, A2, NOW, SHANGHAI, case_file, give_duties, row
from tests.shared import shared_data

PASSWORD = "a password for tests"
ACTOR = "a test"

# Ten metres on A1's side of the border that the small city's A1 shares with its A2.
NEAR_A2 = (120.1549, 30.2525)
HANGZHOU_LEVELS = (
    ("street", "streets", "street_code", "street", None),
    ("community", "communities", "community_code", "community", "street_code"),
    ("cell", "grids", "grid_code", "grid_name", "community_code"),
)


@dataclass(frozen=True)
class City:
    """A database with a city in it, and what its accounts are limited to."""

    settings: Settings
    limits: Mapping[str, Mapping[str, object]]

    @property
    def roles(self) -> list[str]:
        return list(self.limits)

    def ask(self, sql: str, **given: object) -> sa.Row[tuple[object, ...]]:
        """Ask the database for one row, to compare pages with it."""
        with committed(self.settings) as conn:
            return conn.execute(sa.text(sql), given).one()

    def all(self, sql: str, **given: object) -> Sequence[sa.Row[tuple[object, ...]]]:
        """Ask the database for rows."""
        with committed(self.settings) as conn:
            return conn.execute(sa.text(sql), given).all()


def sample_city(settings: Settings) -> City:
    """The small synthetic city, brought in by the commands a user types."""
    folder = settings.home / "demo"
    write_city(build_city(SMALL), folder)
    for step in import_steps(folder, SMALL):
        assert run(step, replace(settings, actor="demo")) == 0, step
    with committed(settings) as conn:
        create(conn, "2027-01", actor=ACTOR)
        return City(settings, _give_accounts(conn))


def living_city(settings: Settings) -> City:
    """The small synthetic city that ends now, with full desks, as ``make demo`` builds it."""
    _fill_desks(settings)
    with committed(settings) as conn:
        return City(settings, _give_accounts(conn))


def demo_city(settings: Settings) -> City:
    """The living city with the accounts that ``make demo`` prints, each with our password."""
    _fill_desks(settings)
    with committed(settings) as conn:
        made = demo_accounts.renew(conn)
        for one in made:
            accounts.set_password(conn, one.username, PASSWORD, must_change=False, actor=ACTOR)
        return City(settings, {one.username: {} for one in made})


def _fill_desks(settings: Settings) -> None:
    folder = settings.home / "demo"
    plan = SMALL.ending_at(datetime.now(settings.tz))
    city = build_city(plan)
    write_city(city, folder)
    at_work = replace(settings, actor="demo")
    for step in [*import_steps(folder, plan), *desk_steps(folder, city)]:
        assert run(step, at_work) == 0, step
    assert city.desk is not None
    work_on(at_work, city.desk)


def hangzhou(settings: Settings) -> City:
    """A district of Hangzhou with its 228 events."""
    path = shared_data("hangzhou_xiacheng/areas.gpkg")
    with committed(settings) as conn:
        create(conn, "2018", actor=ACTOR)
        for level, layer, code, name, parent in HANGZHOU_LEVELS:
            file = AreaFile(path, code=code, name=name, parent=parent, layer=layer)
            import_areas(conn, "2018", level, file, actor=ACTOR)
        publish(conn, "2018", datetime(2018, 1, 1, tzinfo=settings.tz), actor=ACTOR)
        columns = {"case_no": "event_id", "category": "type", "channel": "platform"}
        path = shared_data("hangzhou_xiacheng/grid_events.csv.gz")
        _take_in(conn, path, columns, settings.tz)
        return City(settings, _give_accounts(conn))


def chicago(settings: Settings) -> City:
    """Complaints of Chicago under two editions of its wards, on Chicago's own clock.

    Every tenth complaint, and the new wards as if they had taken effect sixteen months before
    they did: so there are cases on both sides, in a time that tests can spare.
    """
    settings = replace(settings, tz=ZoneInfo("America/Chicago"))
    with committed(settings) as conn:
        for label, layer, where, since, tolerance_m2 in (
            ("2003", "wards_2003_2015", "ward <> 'OUT'", "2003-05-05", 7_000.0),
            ("2015", "wards_2015_2023", None, "2014-01-18", 1.0),
        ):
            create(conn, label, actor=ACTOR)
            path = shared_data("chicago311/areas.gpkg")
            file = AreaFile(path, code="ward", name="ward", layer=layer, where=where)
            import_areas(conn, label, "district", file, actor=ACTOR)
            at = parse_effective_from(since, settings.tz)
            publish(conn, label, at, actor=ACTOR, tolerance_m2=tolerance_m2)
        columns = {
            "case_no": "case_id",
            "category": "type",
            "reported_at": "created",
            "closed_at": "closed",
            "description": "nature",
        }
        path = _every_tenth(shared_data("chicago311/cases.csv.gz"), settings.home)
        _take_in(conn, path, columns, settings.tz)
        return City(settings, _give_accounts(conn))


def small_city(settings: Settings) -> City:
    """Two streets with four cells each, a draft that gives A2 to the other street, and cases.

    A1 is the first squad's, A2 its street's office's, and the second squad answers in street B
    for the category E1. Three cases of A1 lie at the border to A2: two of them were bounced and
    given to the office, EDGE-3 is the squad's. Three cases of A2 will change hands.
    """
    with committed(settings) as conn:
        make_city(conn)
        give_duties(conn)
        rows = [
            *(row(f"EDGE-{n}", NEAR_A2) for n in (1, 2, 3)),
            *(row(f"STAYS-{n}", A1) for n in (1, 2)),
            *(row(f"MOVES-{n}", A2) for n in (1, 2)),
            row("NOBODYS", A2, category="E2"),
        ]
        asked = CaseImport(
            case_file(settings.home, rows), actor=ACTOR, rules=JudgingRules(SHANGHAI), now=NOW
        )
        assert import_cases(conn, asked).new == len(rows)
        for n in (1, 2):
            bounced(conn, f"EDGE-{n}", "OA")
        levels = two_streets()
        cells = levels["cell"]
        street_of = {code: "B" if code == "A2" else code[0] for code in cells.codes}
        geoms = dict(zip(cells.codes, cells.geoms, strict=True))
        streets = {
            street: shapely.union_all([geoms[c] for c in geoms if street_of[c] == street])
            for street in ("A", "B")
        }
        moved = [make_level("street", streets), make_level("cell", geoms, parents=street_of)]
        make_draft(conn, "2026-05", moved)
        return City(settings, _give_accounts(conn, responder="S1"))


@contextmanager
def committed(settings: Settings) -> Iterator[Connection]:
    assert settings.database_url is not None
    engine = make_engine(settings.database_url)
    try:
        with transaction(engine, commit=True) as conn:
            yield conn
    finally:
        engine.dispose()


def _every_tenth(path: Path, folder: Path) -> Path:
    fewer = folder / "cases.csv"
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        fewer.write_text("".join(line for n, line in enumerate(lines) if n % 10 == 0), "utf-8")
    return fewer


def _take_in(conn: Connection, path: Path, columns: dict[str, str], tz: ZoneInfo) -> None:
    asked = CaseImport(
        path=path,
        actor=ACTOR,
        rules=JudgingRules(tz),
        mapping=columns,
        datum=resolve("4326"),
        now=datetime(2026, 11, 1, tzinfo=UTC),
    )
    assert import_cases(conn, asked).new > 0


def _give_accounts(
    conn: Connection, responder: str | None = None
) -> dict[str, dict[str, object]]:
    """Make an account for each role, named like it; some are limited as they would be.

    The account that acts for a responder acts for the one with most cases, unless told.
    """
    limits = {role.code: dict[str, object]() for role in list_roles(conn)}
    street = _first(conn, "SELECT code FROM areas WHERE level = 'street' ORDER BY code")
    if street is not None:
        limits["street_chief"]["area"] = ("street", street)
    acts_for = responder or _first(
        conn,
        "SELECT responder_code FROM cases WHERE responder_code IS NOT NULL"
        " GROUP BY responder_code ORDER BY count(*) DESC, responder_code",
    )
    if acts_for is None:
        # Nobody answers in this city, so nobody can log in as who does.
        del limits["responder"]
    else:
        limits["responder"]["responder_code"] = acts_for
    for role, limit in limits.items():
        accounts.create(
            conn,
            role,
            role,
            PASSWORD,
            must_change=False,
            actor=ACTOR,
            **limit,  # type: ignore[arg-type]
        )
    return limits


def _first(conn: Connection, sql: str) -> str | None:
    found: str | None = conn.execute(sa.text(f"{sql} LIMIT 1")).scalar()
    return found
