"""Every moment and day that an export writes is read back as the same, in every format."""

from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import pyarrow
import pyarrow.parquet
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from gridmgmt.arrays import objects
from gridmgmt.domain.date_reader import DateReader
from gridmgmt.domain.headings import Heading
from gridmgmt.exchange.bytes.safe_tables import write_table
from gridmgmt.exchange.content.export_content import ExportContent, Field
from gridmgmt.exchange.content.export_files import write_content
from gridmgmt.exchange.layers.layer_out import Format
from gridmgmt.exchange.layers.vectors import read_layer, text_values
from gridmgmt.exchange.tables.tables import read_table
from gridmgmt.geometry.crs.crs import WGS84
from gridmgmt.services.exports.areas import written_start
from gridmgmt.services.exports.exports import Noun
from tests.factories import square

ZONES = ("Asia/Shanghai", "America/New_York", "America/Havana", "Australia/Lord_Howe", "UTC")
FIELDS = (
    Field("at", "text", "", "a moment", "时间", heading=Heading("时间", "At")),
    Field("since", "text", "", "the start", "起始", heading=Heading("起始", "Since")),
    Field("day", "date", "", "a day", "日期", heading=Heading("日期", "Day")),
)
SUFFIXES = {Format.SHP: ".zip"}

zones = st.sampled_from(ZONES).map(ZoneInfo)
# At least a day from the first and last year, whatever the zone.
instants = st.datetimes(
    datetime(1900, 1, 2),  # noqa: DTZ001 - in UTC
    datetime(2199, 12, 30),  # noqa: DTZ001
).map(lambda at: at.replace(microsecond=0, tzinfo=UTC))
offsets = st.integers(-14 * 3600, 14 * 3600).map(lambda s: timezone(timedelta(seconds=s)))
moments = st.lists(st.tuples(instants, offsets), min_size=1, max_size=4).map(
    lambda pairs: [at.astimezone(offset) for at, offset in pairs]
)
# Both of an hour that a clock change repeats, and a midnight that comes twice.
TWICE = [datetime(2015, 11, 1, hour, 16, tzinfo=UTC) for hour in (5, 6)]
MIDNIGHTS = [datetime(2025, 11, 2, hour, tzinfo=UTC) for hour in (4, 5)]
DAYS = [date(1900, 1, 1), date(2199, 12, 31)]

few = settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow], deadline=None)


def written(folder: Path, fmt: Format, at: list[datetime], tz: ZoneInfo) -> Path:
    """Write moments on the clock of a bureau, as exports do, and the days of it."""
    local = [moment.astimezone(tz) for moment in at]
    content = ExportContent(
        name="moments",
        fields=FIELDS,
        columns={
            "at": objects(moment.isoformat() for moment in local),
            "since": objects(written_start(moment, tz) for moment in at),
            "day": objects(moment.date() for moment in local),
        },
        keys=[str(i) for i in range(len(at))],
        geoms=objects(square(i, 0) for i in range(len(at))),
    )
    path = folder / f"moments{SUFFIXES.get(fmt, f'.{fmt}')}"
    write_content(content, path, fmt, datum=WGS84, encoding="utf-8", made_at=at[0])
    return path


@pytest.mark.parametrize("fmt", Noun.AREAS.formats)
@few
@given(at=moments, tz=zones)
@example(at=TWICE, tz=ZoneInfo("America/New_York"))
@example(at=MIDNIGHTS, tz=ZoneInfo("America/Havana"))
def test_moments_and_days_come_back(fmt: Format, at: list[datetime], tz: ZoneInfo) -> None:
    dates = DateReader(tz)
    with TemporaryDirectory() as folder:
        path = written(Path(folder), fmt, at, tz)
        if fmt.is_table:
            cells = read_table(path).values
        else:
            layer = read_layer(path)
            cells = {field.name: list(text_values(layer, field.name)) for field in FIELDS}
    for name in ("at", "since"):
        assert [dates.moment(text) for text in cells[name] if text is not None] == at
    days = [moment.astimezone(tz).date() for moment in at]
    assert [dates.day(text) for text in cells["day"] if text is not None] == days


@pytest.mark.parametrize("suffix", [".csv", ".xlsx", ".parquet"])
@few
@given(at=moments, tz=zones)
@example(at=TWICE, tz=ZoneInfo("America/New_York"))
def test_moments_that_are_written_as_such_come_back(
    suffix: str, at: list[datetime], tz: ZoneInfo
) -> None:
    # The export of cases hands times to the table, in the offset of whatever clock; Parquet
    # files come from other programs.
    dates = DateReader(tz)
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"cases{suffix}"
        there = [moment.astimezone(tz) for moment in at]
        if suffix == ".parquet":
            kind = pyarrow.timestamp("us", tz.key)
            columns = {"at": pyarrow.array(at, pyarrow.timestamp("us", "UTC"))}
            typed = pyarrow.table({**columns, "there": pyarrow.array(there, kind)})
            pyarrow.parquet.write_table(typed, path)
        else:
            write_table(path, ["at", "there"], zip(at, there, strict=True))
        cells = read_table(path).values
    for name in ("at", "there"):
        assert [dates.moment(text) for text in cells[name] if text is not None] == at


@pytest.mark.parametrize("fmt", Noun.AREAS.formats)
def test_the_first_and_the_last_day_come_back(tmp_path: Path, fmt: Format) -> None:
    at = [datetime(day.year, day.month, day.day, 12, tzinfo=UTC) for day in DAYS]
    path = written(tmp_path, fmt, at, ZoneInfo("UTC"))
    if fmt.is_table:
        texts = read_table(path).values["day"]
    else:
        texts = list(text_values(read_layer(path), "day"))
    assert [DateReader(UTC).day(text) for text in texts if text is not None] == DAYS
