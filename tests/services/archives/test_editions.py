"""Archives of stored cases, counted and located beside what the database says of them."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import geopandas
import pyarrow
import pyarrow.compute
import pyarrow.parquet
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gridmgmt.errors import EditionError, InputError, NotFoundError
from gridmgmt.services.archives.archives import count_archive, locate_archive
from gridmgmt.services.archives.crew import Crew, local_crew
from gridmgmt.services.archives.editions import edition_areas
from gridmgmt.services.judging import edition_locators
from gridmgmt.store.areas.areas import areas_in
from tests.services.archives.archive_folders import asked, counts, read, rules_for, write
from tests.services.case_city import case_file, row, take_in
from tests.services.map_city import make_map_city

NOW = datetime(2026, 6, 1, tzinfo=UTC)
BY = "day,edition,area,category"


@pytest.fixture(scope="module")
def crew() -> Iterator[Crew]:
    with local_crew(2) as workers:
        yield workers


def stored_counts(conn: Connection, edition: int | None) -> Counter[tuple[Any, ...]]:
    statement = """
        SELECT CAST(timezone('Asia/Shanghai', reported_at) AS date) AS day, edition,
          coalesce(area_code, '') AS area, category, count(*) AS cases
        FROM cases WHERE CAST(:edition AS integer) IS NULL OR edition = :edition
        GROUP BY 1, 2, 3, 4"""
    rows = conn.execute(sa.text(statement), {"edition": edition})
    return Counter({(one.day, one.edition, one.area, one.category): one.cases for one in rows})


@pytest.fixture
def city(conn: Connection, tmp_path: Path) -> Connection:
    """Cases of two editions, one of them from before the first."""
    make_map_city(conn, tmp_path, cases=400)
    first = conn.execute(sa.text("SELECT min(lower(in_force)) FROM editions")).scalar_one()
    early = row("EARLY", reported_at=f"{first.year - 1}-06-01 09:30")
    assert take_in(conn, case_file(tmp_path, [early], "early.csv")).new == 1
    return conn


def exported(conn: Connection, folder: Path) -> Path:
    """The stored cases as an archive of three files, times as the database gives them."""
    statement = """
        SELECT case_no, category, reported_at, ST_X(geom) AS lon, ST_Y(geom) AS lat, edition,
          area_code AS stored
        FROM cases ORDER BY case_no"""
    rows = [one._asdict() for one in conn.execute(sa.text(statement))]
    for k in range(3):
        table = pyarrow.Table.from_pylist(rows[k::3])
        write(folder, f"{k}/cases.parquet", table)
    return folder


def test_counts_by_the_edition_in_force_are_those_of_the_database(
    crew: Crew, city: Connection, tmp_path: Path
) -> None:
    archive = exported(city, tmp_path / "archive")
    found = edition_areas(city, tmp_path, number=None, level=None, now=NOW)
    counted = count_archive(archive, rules_for(found.judging, BY), crew)
    stored = stored_counts(city, None)
    assert len({key[1] for key in stored}) == 3  # two editions, and none
    assert any(key[2] == "" for key in stored)
    assert counts(counted) == stored


@pytest.mark.parametrize("number", [1, 2])
def test_counts_by_one_edition_are_those_of_its_stored_cases(
    crew: Crew, city: Connection, tmp_path: Path, number: int
) -> None:
    archive = exported(city, tmp_path / "archive")
    for path in archive.rglob("*.parquet"):
        table = pyarrow.parquet.ParquetFile(path).read()
        of_it = pyarrow.compute.equal(table.column("edition"), number)
        pyarrow.parquet.write_table(table.filter(of_it), path)
    found = edition_areas(city, tmp_path, number=number, level=None, now=NOW)
    counted = count_archive(archive, rules_for(found.judging, BY), crew)
    assert counts(counted) == stored_counts(city, number)


def test_counts_of_a_higher_level_are_sums_of_its_leaves(
    crew: Crew, city: Connection, tmp_path: Path
) -> None:
    archive = exported(city, tmp_path / "archive")
    found = edition_areas(city, tmp_path, number=None, level="street", now=NOW)
    counted = count_archive(
        archive,
        rules_for(found.judging, BY),
        crew,
        above=found.above,
    )
    expected: Counter[tuple[Any, ...]] = Counter()
    for (day, edition, area, category), n in stored_counts(city, None).items():
        expected[day, edition, area[:1], category] += n
    assert counts(counted) == expected
    with pytest.raises(InputError, match="has no areas of level 'district'"):
        edition_areas(city, tmp_path, number=None, level="district", now=NOW)


def test_located_archives_say_what_the_database_stored(
    crew: Crew, city: Connection, tmp_path: Path
) -> None:
    archive = exported(city, tmp_path / "archive")
    areas_of_2 = areas_in(city, 2, "cell")["cell"]
    frame = geopandas.GeoDataFrame({"code": areas_of_2.codes}, geometry=areas_of_2.geoms)
    frame.set_crs(4326).to_file(tmp_path / "cells.gpkg")
    locate_archive(asked(archive, tmp_path / "cells.gpkg"), tmp_path / "out", crew)
    judged = [one for one in read(tmp_path / "out").to_pylist() if one["edition"] == 2]
    assert len(judged) > 100
    assert [one["area_code"] for one in judged] == [one["stored"] for one in judged]


def test_an_edition_that_is_not_there_is_said(conn: Connection, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        edition_areas(conn, tmp_path, number=7, level=None, now=NOW)
    with pytest.raises(EditionError, match="no edition has been published yet"):
        edition_areas(conn, tmp_path, number=None, level=None, now=NOW)


def test_locators_of_editions_are_those_in_the_home(
    city: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    edition_locators._kept.clear()
    found = edition_areas(city, tmp_path, number=None, level=None, now=NOW, home=tmp_path)
    built = sorted((tmp_path / "locators").rglob("*.locator"))
    assert len(built) == len(found.judging.areas) == 2
    monkeypatch.setattr(edition_locators, "build_locator", None)
    edition_locators._kept.clear()
    (tmp_path / "again").mkdir()
    again = edition_areas(
        city, tmp_path / "again", number=None, level=None, now=NOW, home=tmp_path
    )
    prints = {number: saved.fingerprint for number, saved in found.judging.areas.items()}
    for number, saved in again.judging.areas.items():
        assert saved.fingerprint == prints[number]
        assert (
            saved.open().codes.tolist() == areas_in(city, number, "cell")["cell"].codes.tolist()
        )
